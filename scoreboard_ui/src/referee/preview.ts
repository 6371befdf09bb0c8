/**
 * What a decision would change, asked anew whenever the form says something else. An answer counts only for the form it was asked for.
 * Asking writes nothing; that is why it may happen by itself.
 */

import type { Surroundings } from "../board/line.ts";
import type { Answer, Refused } from "../room/api.ts";
import type { Effect, RulingBody, Standing } from "../room/types.ts";
import { Model } from "../room/watching.ts";

/** Typing goes on for so long before anybody is asked. */
const PAUSE_MS = 350;

interface Told {
  readonly effect: Effect;
  readonly needs: readonly string[];
}

export type Preview =
  | { readonly kind: "none" }
  | { readonly kind: "asking" }
  | ({ readonly kind: "here" } & Told)
  | { readonly kind: "refused"; readonly refusal: Refused }
  | { readonly kind: "unreachable" };

export type Ask = (body: RulingBody) => Promise<Answer<Told>>;

export class Previewer extends Model {
  now: Preview = { kind: "none" };
  #body: RulingBody | null = null;
  #cancel: () => void = () => {};
  readonly #ask: Ask;
  readonly #world: Pick<Surroundings, "after">;

  constructor(ask: Ask, world: Pick<Surroundings, "after">) {
    super();
    this.#ask = ask;
    this.#world = world;
  }

  /** What the form says now; null: nothing that could be asked about. */
  want(body: RulingBody | null): void {
    if (sameWish(body, this.#body)) return;
    this.#body = body;
    this.#cancel();
    this.#set(body === null ? { kind: "none" } : { kind: "asking" });
    if (body !== null) this.#cancel = this.#world.after(PAUSE_MS, () => void this.#go(body));
  }

  /** Ask the same once more, for example because the connection is back or the contest went on. */
  again(): void {
    if (this.#body === null) return;
    this.#cancel();
    this.#set({ kind: "asking" });
    void this.#go(this.#body);
  }

  async #go(body: RulingBody): Promise<void> {
    const answer = await this.#ask(body);
    if (body !== this.#body) return;
    if (answer.kind === "given") this.#set({ kind: "here", ...answer.value });
    else if (answer.kind === "refused") this.#set({ kind: "refused", refusal: answer });
    else this.#set({ kind: "unreachable" });
  }

  #set(now: Preview): void {
    this.now = now;
    this.told();
  }
}

/** Whether two bodies ask for the same, under whatever id. */
function sameWish(a: RulingBody | null, b: RulingBody | null): boolean {
  return JSON.stringify(a && { ...a, id: "" }) === JSON.stringify(b && { ...b, id: "" });
}

export interface EffectRow {
  readonly contestant: string;
  readonly isTheirs: boolean;
  readonly rank: readonly [string, string];
  /** Positive: nearer to the top. */
  readonly gained: number;
  readonly points: readonly [string, string];
  readonly medal: readonly [string | null, string | null];
  readonly status: readonly [string, string];
  readonly time_ms: readonly [number | null, number | null];
}

/** The rows of an effect: whom it is about first, then by the rank that they would have. */
export function rowsOf(effect: Effect, contestant: string | null): readonly EffectRow[] {
  return effect.rows
    .map((row) => effectRow(row.contestant, row.contestant === contestant, row.before, row.after))
    .sort((a, b) => Number(b.isTheirs) - Number(a.isTheirs) || order(a) - order(b) || (a.contestant < b.contestant ? -1 : 1));
}

function effectRow(contestant: string, isTheirs: boolean, before: Standing | null, after: Standing | null): EffectRow {
  const rank = (each: Standing | null): string => (each?.rank == null ? "–" : String(each.rank));
  return {
    contestant,
    isTheirs,
    rank: [rank(before), rank(after)],
    gained: before?.rank != null && after?.rank != null ? before.rank - after.rank : 0,
    points: [before?.points ?? "–", after?.points ?? "–"],
    medal: [before?.medal ?? null, after?.medal ?? null],
    status: [before?.status ?? "ok", after?.status ?? "ok"],
    time_ms: [before?.time_ms ?? null, after?.time_ms ?? null],
  };
}

function order(row: EffectRow): number {
  return Number(row.rank[1]) || Number.MAX_SAFE_INTEGER;
}
