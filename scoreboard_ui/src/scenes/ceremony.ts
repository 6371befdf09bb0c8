/** Who stands on the podium, and who is called out when: from the last of the places to the first. Ties share a place. */

import { hasScored } from "../board/callouts.ts";
import type { Medal } from "../board/medals.ts";
import type { Placed } from "../board/order.ts";
import type { ContestantId } from "../board/types.ts";

export const CALL_EVERY_MS = 8_000;

export interface PodiumPlace {
  readonly rank: number;
  readonly ids: readonly ContestantId[];
}

/**
 * The places from the first on; a place that a tie took away is not there. Whoever gets the medal of one of these places stands there too, whatever the rank.
 * Who has cleared nothing stands on none: before the first clear everybody is first.
 */
export function podium(placed: readonly Placed[], places: number, medals: ReadonlyMap<ContestantId, Medal> = new Map()): readonly PodiumPlace[] {
  const found = new Map<number, ContestantId[]>();
  for (const { row, rank } of placed) {
    if (rank === null || !hasScored(row)) continue;
    if (rank > places && (medals.get(row.id) ?? Infinity) > places) break;
    found.set(rank, [...(found.get(rank) ?? []), row.id]);
  }
  return [...found].map(([rank, ids]) => ({ rank, ids }));
}

/** How many of the places are called out by now: by hand, or one more every few seconds. */
export function called(places: number, step: number | null, since_ms: number): number {
  return Math.min(places, step ?? 1 + Math.floor(Math.max(0, since_ms) / CALL_EVERY_MS));
}
