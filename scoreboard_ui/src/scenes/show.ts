/** What every scene gets: the contest, the board as it is drawn now, and how people and venues are dressed. Scenes only show it. */

import { saidRank } from "../board/callouts.ts";
import type { ContestClock } from "../board/clock.ts";
import type { Collation, Placed } from "../board/order.ts";
import type { ContestantId, ContestantInfo, ContestInfo, Row, VenueId } from "../board/types.ts";
import type { Livery } from "../screen/colours.ts";
import type { Figure } from "../screen/figures.ts";
import type { Picture } from "../screen/model.ts";
import type { Rivalry } from "../screen/venues.ts";

export interface Show {
  readonly info: ContestInfo;
  readonly picture: Picture;
  readonly figures: readonly [Figure, Figure];
  readonly colours: ReadonlyMap<VenueId, Livery>;
  readonly duel: Rivalry;
  readonly clock: ContestClock;
  /** Changes when the roster does, so that names are looked up again. */
  readonly people: number;
  readonly person: (id: ContestantId) => ContestantInfo | null;
  readonly collation: () => Collation;
}

const PLAIN = "#3a4660";

/** A contestant as scenes speak of them; without a rank also while nobody has cleared anything. */
export interface Star {
  readonly id: ContestantId;
  readonly row: Row;
  readonly rank: number | null;
  readonly tied: number;
  readonly person: ContestantInfo | null;
  readonly venue: Livery | undefined;
  readonly ground: string;
}

export function starOf(show: Show, { row, rank, tied }: Placed): Star {
  const person = show.person(row.id);
  const venue = show.colours.get(person?.venue ?? "");
  return { id: row.id, row, rank: saidRank(rank, row), tied, person, venue, ground: venue?.ground ?? PLAIN };
}

/** Stars that stay the same objects while nothing of them changes, so that nobody draws them again. */
export class Constellation {
  #stars = new Map<ContestantId, Star>();

  /** Those of these ids who are on the board, in this order. Whoever is not asked for is forgotten. */
  of(show: Show, ids: readonly ContestantId[]): readonly Star[] {
    const shown = new Map<ContestantId, Star>();
    for (const id of ids) {
      const star = starById(show, id);
      if (star !== null) shown.set(id, same(this.#stars.get(id), star));
    }
    for (const id of this.#stars.keys()) if (!shown.has(id)) this.#stars.delete(id);
    for (const [id, star] of shown) this.#stars.set(id, star);
    return [...shown.values()];
  }
}

function same(old: Star | undefined, fresh: Star): Star {
  const isSame = old !== undefined && (Object.keys(fresh) as (keyof Star)[]).every((field) => old[field] === fresh[field]);
  return isSame ? old : fresh;
}

export function starById(show: Show, id: ContestantId | null): Star | null {
  const placed = id === null ? null : show.picture.standing(id);
  return placed === null ? null : starOf(show, placed);
}

/** The first so many who compete. */
export function front(show: Show, count: number): readonly Star[] {
  const found: Star[] = [];
  for (const placed of show.picture.placed) {
    if (placed.rank !== null) found.push(starOf(show, placed));
    if (found.length === count) break;
  }
  return found;
}

/** The fastest time of each stage among everybody on the board. */
export function bestTimes(placed: readonly Placed[]): ReadonlyMap<string, number> {
  const best = new Map<string, number>();
  for (const { row } of placed) {
    for (const stage in row.stages) {
      const { state, ms } = row.stages[stage]!;
      if (state === "cleared" && ms !== null && ms !== undefined && ms < (best.get(stage) ?? Infinity)) best.set(stage, ms);
    }
  }
  return best;
}
