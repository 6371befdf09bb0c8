/** Lanes: everybody keeps their own, so that nobody jumps; long fields go by page. Two columns where the stages leave room, one a venue where there are two. */

import type { ContestantId, VenueId } from "../board/types.ts";

/** Up to so many stages, two columns are readable side by side. */
export const TWO_COLUMNS_UP_TO = 10;

export interface Runner {
  readonly id: ContestantId;
  readonly venue: VenueId | null;
  readonly number: string;
}

/** In order of venue, then number, then id; split into columns. */
export function columnsOf(runners: readonly Runner[], venues: readonly VenueId[], columns: 1 | 2, perColumn: number): readonly (readonly ContestantId[])[] {
  const at = new Map(venues.map((venue, index) => [venue, index]));
  const place = ({ venue }: Runner): number => at.get(venue ?? "") ?? venues.length;
  const ordered = runners.toSorted((a, b) => place(a) - place(b) || a.number.localeCompare(b.number, "en", { numeric: true }) || (a.id < b.id ? -1 : 1));
  const ids = (some: readonly Runner[]): readonly ContestantId[] => some.map(({ id }) => id);
  if (columns === 1) return [ids(ordered)];
  if (venues.length === 2) return [ids(ordered.filter((one) => place(one) === 0)), ids(ordered.filter((one) => place(one) !== 0))];
  const pages = Math.max(1, Math.ceil(ordered.length / (2 * perColumn)));
  const left: ContestantId[] = [];
  const right: ContestantId[] = [];
  for (let page = 0; page < pages; page++) {
    const start = page * 2 * perColumn;
    left.push(...ids(ordered.slice(start, start + perColumn)));
    right.push(...ids(ordered.slice(start + perColumn, start + 2 * perColumn)));
  }
  return [left, right];
}

export function pagesOf(columns: readonly (readonly ContestantId[])[], perColumn: number): number {
  return Math.max(1, ...columns.map((column) => Math.ceil(column.length / perColumn)));
}

export function pageOf(columns: readonly (readonly ContestantId[])[], perColumn: number, page: number): readonly (readonly ContestantId[])[] {
  return columns.map((column) => column.slice(page * perColumn, (page + 1) * perColumn));
}
