/** Where the stage that somebody works on stands after a change, whoever made it. */

import type { Draft } from "./types.ts";

/** Its new place; null: it is gone. A stage of the same place under a new id counts as the same one. */
export function placeOf(before: Draft, now: Draft, place: number): number | null {
  const { id } = before.stages[place] ?? {};
  const isOne = id !== undefined && before.stages.filter((each) => each.id === id).length === 1;
  const there = isOne ? now.stages.findIndex((each) => each.id === id) : -1;
  if (there !== -1) return there;
  return place === -1 || now.stages.length === before.stages.length ? place : null;
}
