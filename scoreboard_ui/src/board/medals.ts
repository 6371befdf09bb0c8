/** Who gets which medal, as on the server (core/ties.py, core/conversions.py): by the counts and the margin of the rulebook, not by rank alone. */

import { areWithin } from "../room/decimals.ts";
import type { Placed } from "./order.ts";
import type { ContestantId, MedalRule, Row } from "./types.ts";

/** Gold, silver, bronze. */
export type Medal = 1 | 2 | 3;

const MEDALS: readonly Medal[] = [1, 2, 3];
export const ONE_OF_EACH: MedalRule = { counts: [1, 1, 1], delta: "0" };

/**
 * The medals of a board in its order. Whoever is within `delta` points of the first of a medal shares it, and the medals that this uses up
 * are skipped. Who shares a rank shares a medal. Whoever has no rank, another status than "ok" or nothing begun gets none and uses none up.
 */
export function medalsOf(placed: readonly Placed[], { counts, delta }: MedalRule = ONE_OF_EACH): ReadonlyMap<ContestantId, Medal> {
  const inLine = placed.filter(({ row, rank }) => rank !== null && hasBegun(row));
  const given = new Map<ContestantId, Medal>();
  for (let first = inLine[0]; first !== undefined; first = inLine[given.size]) {
    const medal = medalAt(given.size, counts);
    if (medal === null) break;
    for (const each of inLine.slice(given.size)) {
      if (each.rank !== first.rank && !isClose(first.row, each.row, delta)) break;
      given.set(each.row.id, medal);
    }
  }
  return given;
}

/** The distance is from the first of the medal, whichever of them has more points. A margin of 0 makes only equal ranks equal. */
function isClose(first: Row, other: Row, delta: string): boolean {
  return Number(delta) > 0 && areWithin(first.points ?? "0", other.points ?? "0", delta);
}

function hasBegun({ status = "ok", stages = {} }: Row): boolean {
  return status === "ok" && Object.keys(stages).length > 0;
}

/** The medal of the place (from 0) where nobody ties. */
function medalAt(place: number, counts: readonly number[]): Medal | null {
  let last = 0;
  for (const medal of MEDALS) {
    last += counts[medal - 1] ?? 0;
    if (place < last) return medal;
  }
  return null;
}
