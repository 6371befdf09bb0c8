/** The venues against each other: running totals, who leads and by how much. */

import type { BoardState, ContestInfo, Name, VenueId } from "../board/types.ts";
import { pointsBetween, pointsText } from "../format.ts";
import { ground, venueColour } from "./colours.ts";

export interface VenueStanding {
  readonly id: VenueId;
  readonly name: Name | null;
  readonly colour: string;
  /** The colour, dark enough to carry white. */
  readonly ground: string;
  readonly contestants: number;
  readonly cleared: number;
  /** What counts between venues, as shown. */
  readonly total: string;
  readonly amount: number;
  /** 0 leads. Equal totals share a place. */
  readonly place: number;
}

export interface Rivalry {
  /** In the order of the definition, so that nothing jumps. */
  readonly venues: readonly VenueStanding[];
  readonly most: number;
  /** The one venue in front; null while level. */
  readonly leader: VenueStanding | null;
  readonly lead: string;
  readonly by: "points" | "cleared";
}

export function rivalry(info: ContestInfo, totals: NonNullable<BoardState["venues"]>): Rivalry {
  const by = totalsBy(info);
  const raw = info.venues.map((venue, index) => {
    const total = totals[venue.id];
    const text = by === "points" ? pointsText(total?.points) : String(total?.cleared ?? 0);
    const colour = venueColour(venue.colour, index);
    return { id: venue.id, name: venue.name ?? null, colour, ground: ground(colour), contestants: total?.contestants ?? 0, cleared: total?.cleared ?? 0, total: text, amount: Number(text) || 0 };
  });
  const venues = raw.map((venue) => ({ ...venue, place: raw.filter((other) => other.amount > venue.amount).length }));
  const [first, second] = venues.toSorted((a, b) => b.amount - a.amount);
  const leader = first !== undefined && second !== undefined && first.amount > second.amount ? first : null;
  return { venues, most: Math.max(0, ...venues.map((v) => v.amount)), leader, lead: leader && second ? pointsBetween(leader.total, second.total) : "0", by };
}

/** Sums of points say something only where more points are better; elsewhere the clears are counted. */
function totalsBy(info: ContestInfo): "points" | "cleared" {
  const rule = info.ranking?.find((r) => r.by === "points");
  return info.ranking === undefined || (rule !== undefined && rule.order !== "asc") ? "points" : "cleared";
}
