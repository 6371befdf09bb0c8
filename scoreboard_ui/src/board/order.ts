/** The ranking as a sorted list that is mended, not sorted anew. Equal keys share a rank (1 2 2 4); guests have none. */

import type { ContestantId, Row } from "./types.ts";

export interface Placed {
  readonly row: Row;
  /** null for a guest. */
  readonly rank: number | null;
  /** How many share this rank. */
  readonly tied: number;
}

/** Where a contestant stands among equals: by name, then id. Computed once per roster, because collation is slow. */
export type Collation = ReadonlyMap<ContestantId, number>;

export function collate(names: Iterable<readonly [ContestantId, string]>, locale = "zh-Hans-u-co-pinyin"): Collation {
  const collator = new Intl.Collator(locale, { numeric: true });
  const sorted = [...names].sort(([idA, a], [idB, b]) => collator.compare(a, b) || plain(idA, idB));
  return new Map(sorted.map(([id], index) => [id, index]));
}

export function compareKeys(a: Row["key"], b: Row["key"]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = compareElements(a[i]!, b[i]!);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Key, then the name's place, then id: a total order, of which only the key makes ranks. */
export function compareRows(a: Row, b: Row, collation: Collation): number {
  return (
    compareKeys(a.key, b.key) ||
    (collation.get(a.id) ?? Number.MAX_SAFE_INTEGER) - (collation.get(b.id) ?? Number.MAX_SAFE_INTEGER) ||
    plain(a.id, b.id)
  );
}

export function sorted(rows: Iterable<Row>, collation: Collation): Row[] {
  return [...rows].sort((a, b) => compareRows(a, b, collation));
}

/** The order after some rows changed or left: O(rows + changed · log changed), for an update ten times a second. */
export function mended(
  before: readonly Row[],
  changed: ReadonlySet<ContestantId>,
  rows: ReadonlyMap<ContestantId, Row>,
  collation: Collation,
): Row[] {
  const fresh: Row[] = [];
  for (const id of changed) {
    const row = rows.get(id);
    if (row) fresh.push(row);
  }
  fresh.sort((a, b) => compareRows(a, b, collation));
  const after: Row[] = [];
  let next = 0;
  for (const row of before) {
    if (changed.has(row.id)) continue;
    while (next < fresh.length && compareRows(fresh[next]!, row, collation) < 0) after.push(fresh[next++]!);
    after.push(row);
  }
  while (next < fresh.length) after.push(fresh[next++]!);
  return after;
}

export function ranked(order: readonly Row[]): Placed[] {
  const placed: Placed[] = [];
  let counted = 0;
  for (let start = 0; start < order.length; start = placed.length) {
    const tied = competingWith(order, start);
    while (placed.length < order.length && compareKeys(order[start]!.key, order[placed.length]!.key) === 0) {
      const row = order[placed.length]!;
      placed.push(isCompeting(row) ? { row, rank: counted + 1, tied } : { row, rank: null, tied: 1 });
    }
    counted += tied;
  }
  return placed;
}

/** How many competitors share the key of the row that begins a tie. */
function competingWith(order: readonly Row[], start: number): number {
  let count = 0;
  for (let i = start; i < order.length && compareKeys(order[start]!.key, order[i]!.key) === 0; i++) if (isCompeting(order[i]!)) count++;
  return count;
}

export function isCompeting(row: Row): boolean {
  return row.status !== "guest";
}

function compareElements(a: number | string, b: number | string): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "number") return -1;
  if (typeof b === "number") return 1;
  return plain(a, b);
}

function plain(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
