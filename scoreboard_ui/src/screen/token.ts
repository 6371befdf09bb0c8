/** The token that a screen was given when it was paired, kept by the browser for the next start (see pair/pairing.ts, which puts it there). */

import { browserStore, Shelf, type Store } from "../room/storage.ts";

export interface Role {
  readonly contest: string;
  readonly name: string;
  readonly token: string;
}

const SHELF = "contest";
const KEY = "display";

export function roleOf(store: Store = browserStore("localStorage")): Role | null {
  const kept = new Shelf(store, SHELF).take<Partial<Role>>(KEY);
  const isWhole = typeof kept?.contest === "string" && typeof kept.token === "string" && typeof kept.name === "string";
  return isWhole ? (kept as Role) : null;
}

/** The token is good no more. */
export function forgetRole(store: Store = browserStore("localStorage")): void {
  new Shelf(store, SHELF).drop(KEY);
}
