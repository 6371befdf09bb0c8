/** One line of a list: who, with the row and the rank as far as they are known here. */

import { type Placed, ranked } from "../board/order.ts";
import type { Move } from "../board/standing.ts";
import type { ContestantId, ContestantInfo, Row, VenueId } from "../board/types.ts";
import type { FarRow } from "./afar.ts";

export interface Entry {
  readonly id: ContestantId;
  readonly row: Row | null;
  readonly rank: number | null;
  readonly move: Move | null;
}

export function entriesOf(placed: readonly Placed[], moves: ReadonlyMap<ContestantId, Move>): readonly Entry[] {
  return placed.map(({ row, rank }) => ({ id: row.id, row, rank, move: moves.get(row.id) ?? null }));
}

/** Those of one venue, ranked among themselves. */
export function venueOnly(placed: readonly Placed[], venue: VenueId, people: ReadonlyMap<ContestantId, ContestantInfo>): readonly Placed[] {
  return ranked(placed.filter(({ row }) => people.get(row.id)?.venue === venue).map(({ row }) => row));
}

/** These people, from the view where they are in it, from afar otherwise. `near` has the ranks of the whole contest. */
export function entriesFor(ids: Iterable<ContestantId>, near: ReadonlyMap<ContestantId, Entry>, far: ReadonlyMap<ContestantId, FarRow>): readonly Entry[] {
  return [...ids].map((id) => near.get(id) ?? { id, row: far.get(id)?.row ?? null, rank: far.get(id)?.rank ?? null, move: far.get(id)?.move ?? null });
}

/** By rank; who has none, last, in the order they came. */
export function byRank(entries: readonly Entry[]): readonly Entry[] {
  const place = (entry: Entry): number => entry.rank ?? (entry.row === null ? Infinity : Number.MAX_SAFE_INTEGER);
  return [...entries].sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
}
