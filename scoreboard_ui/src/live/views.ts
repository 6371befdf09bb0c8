/** Which view of the board to ask for: as little as shows what is looked at. */

import type { VenueId } from "../board/types.ts";

/** Up to so many contestants everything is asked for: it costs no more than a picture. */
export const SMALL_MAX = 150;
export const TOP = 50;

export function viewFor(people: number, venue: VenueId | null, wantsAll: boolean): string {
  if (people <= SMALL_MAX || wantsAll) return "all";
  return venue === null ? `top:${TOP}` : `venue:${venue}`;
}
