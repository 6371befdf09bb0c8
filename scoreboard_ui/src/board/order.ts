/** The ranking as a sorted list that is mended, not sorted anew. Equal keys share a rank (1 2 2 4); who is a guest, disqualified or did not start has none. */

import type { ContestantId, Row } from "./types.ts";

export interface Placed {
  readonly row: Row;
  /** null for who has none. */
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

/** Everybody with their rank. What stands in `before` unchanged is handed out again as the same object, so that nobody draws it anew. */
export function ranked(order: readonly Row[], before: ReadonlyMap<ContestantId, Placed> = NOBODY): Placed[] {
  const placed: Placed[] = [];
  let counted = 0;
  for (let start = 0, end = 0; start < order.length; start = end) {
    let tied = 0;
    for (end = start; end < order.length && (end === start || compareKeys(order[start]!.key, order[end]!.key) === 0); end++) if (hasRank(order[end]!)) tied++;
    for (const row of order.slice(start, end)) placed.push(hasRank(row) ? kept(before, row, counted + 1, tied) : kept(before, row, null, 1));
    counted += tied;
  }
  return placed;
}

const NOBODY: ReadonlyMap<ContestantId, Placed> = new Map();

function kept(before: ReadonlyMap<ContestantId, Placed>, row: Row, rank: number | null, tied: number): Placed {
  const old = before.get(row.id);
  return old !== undefined && old.row === row && old.rank === rank && old.tied === tied ? old : { row, rank, tied };
}

/** As on the server (core/ranking.py). */
const WITHOUT_RANK: readonly (string | undefined)[] = ["guest", "dsq", "dns"];

export function hasRank(row: Row): boolean {
  return !WITHOUT_RANK.includes(row.status);
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
