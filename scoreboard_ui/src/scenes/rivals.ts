/** Two venues side by side: which two, and who cleared how often at each stage. */

import type { ContestantId, Row, StageInfo } from "../board/types.ts";
import type { VenueStanding } from "../screen/venues.ts";

/** The two that were asked for; of two venues, both; of more, none unless both were named. */
export function pairOf(venues: readonly VenueStanding[], left: string | null, right: string | null): readonly [VenueStanding, VenueStanding] | null {
  const [home, away] = [venues.find(({ id }) => id === left), venues.find(({ id }) => id === right)];
  if (home !== undefined && away !== undefined && home !== away) return [home, away];
  return venues.length === 2 ? [home ?? venues.find((venue) => venue !== away)!, away ?? venues.find((venue) => venue !== (home ?? venues[0]))!] : null;
}

/** Who counts for no venue: as in the venues' totals, which these rows have to add up to. */
const NOT_COMPETING: readonly (string | undefined)[] = ["guest", "dsq"];

/** The rows that count for each venue. */
export function rowsByVenue(rows: Iterable<Row>, venueOf: (id: ContestantId) => string): ReadonlyMap<string, readonly Row[]> {
  const sorted = new Map<string, Row[]>();
  for (const row of rows) {
    if (NOT_COMPETING.includes(row.status)) continue;
    const venue = venueOf(row.id);
    const mates = sorted.get(venue);
    if (mates === undefined) sorted.set(venue, [row]);
    else mates.push(row);
  }
  return sorted;
}

export interface StageCount {
  readonly stage: StageInfo;
  readonly home: number;
  readonly away: number;
  readonly most: number;
}

export function stageCounts(stages: readonly StageInfo[], home: readonly Row[], away: readonly Row[]): readonly StageCount[] {
  const most = Math.max(home.length, away.length);
  const cleared = (rows: readonly Row[], stage: string): number => rows.filter((row) => row.stages?.[stage]?.state === "cleared").length;
  return stages.map((stage) => ({ stage, home: cleared(home, stage.id), away: cleared(away, stage.id), most }));
}
