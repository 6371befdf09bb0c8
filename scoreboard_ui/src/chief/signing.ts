/** Signatures as a table: the latest of each role under each result, and who still has to sign. */

import type { SignOff } from "./types.ts";

export const ROLES = ["contestant", "referee", "chief"] as const;
export type SignRole = (typeof ROLES)[number];

/** "A1/referee" → the latest such signature. They come oldest first. */
export function latestOf(signoffs: readonly SignOff[]): ReadonlyMap<string, SignOff> {
  return new Map(signoffs.map((each) => [`${each.contestant}/${each.role}`, each]));
}

/** Whose result this role has not signed as it is now. */
export function unsigned(people: readonly string[], role: SignRole, latest: ReadonlyMap<string, SignOff>): readonly string[] {
  return people.filter((each) => latest.get(`${each}/${role}`)?.valid !== true);
}
