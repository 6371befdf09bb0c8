/** The way to a total, and the gap between two of them over the contest's time: out of the clears that stand on the board. */

import type { Row } from "../board/types.ts";

export interface Point {
  readonly ms: number;
  readonly value: number;
}

/** Sums are of whole millionths, so that a tenth and two tenths are three. */
const MILLION = 1e6;

export type Measure = "points" | "cleared";

/** Steps of what somebody had at each moment; ends at `now_ms` with what the board says, whatever the clears add up to. */
export function wayOf(rows: Iterable<Row>, measure: Measure, now_ms: number, total: number): readonly Point[] {
  const clears: { ms: number; millionths: number }[] = [];
  for (const row of rows) {
    for (const stage in row.stages) {
      const cell = row.stages[stage]!;
      if (cell.state === "cleared" && cell.ms !== null && cell.ms !== undefined) clears.push({ ms: cell.ms, millionths: measure === "points" ? Math.round(Number(cell.points ?? 0) * MILLION) : MILLION });
    }
  }
  clears.sort((a, b) => a.ms - b.ms);
  const way: Point[] = [{ ms: 0, value: 0 }];
  let sum = 0;
  for (const { ms, millionths } of clears) {
    sum += millionths;
    way.push({ ms, value: sum / MILLION });
  }
  way.push({ ms: Math.max(now_ms, way.at(-1)!.ms), value: total });
  return way;
}

const STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];
const TICKS_MOST = 5;
/** A tick further right would stand in the last one's figures. */
const LAST_BUT_ONE = 0.82;

/** Round moments to write below a line, and its end. None while no second has passed: all of them would say 00:00. */
export function ticksOf(last_ms: number): readonly number[] {
  if (last_ms < 1_000) return [];
  const step_ms = 1_000 * (STEPS_S.find((step_s) => last_ms / step_s <= TICKS_MOST * 1_000) ?? Math.ceil(last_ms / TICKS_MOST / 86_400_000) * 86_400);
  const count = Math.floor((last_ms * LAST_BUT_ONE) / step_ms);
  return [...Array.from({ length: count }, (_, at) => (at + 1) * step_ms), last_ms];
}

/** Left minus right at every moment where either moved. */
export function gapOf(left: readonly Point[], right: readonly Point[]): readonly Point[] {
  const moments = [...new Set([...left, ...right].map(({ ms }) => ms))].sort((a, b) => a - b);
  const [ours, theirs] = [follower(left), follower(right)];
  return moments.map((ms) => ({ ms, value: rounded(ours(ms) - theirs(ms)) }));
}

/** The last value at or before a moment. */
export function valueAt(way: readonly Point[], ms: number): number {
  let value = 0;
  for (const point of way) {
    if (point.ms > ms) break;
    value = point.value;
  }
  return value;
}

/** The same for moments that come in their order: each point is looked at once, however many moments there are. */
function follower(way: readonly Point[]): (ms: number) => number {
  let next = 0;
  return (ms) => {
    while (next < way.length && way[next]!.ms <= ms) next += 1;
    return next === 0 ? 0 : way[next - 1]!.value;
  };
}

/** Steps as a path: it goes along and then up, because nothing was scored in between. */
export function pathOf(way: readonly Point[], x: (ms: number) => number, y: (value: number) => number): string {
  return way.map(({ ms, value }, index) => (index === 0 ? `M${fixed(x(ms))} ${fixed(y(value))}` : `H${fixed(x(ms))}V${fixed(y(value))}`)).join("");
}

function fixed(n: number): string {
  return String(Math.round(n * 10) / 10);
}

function rounded(n: number): number {
  return Math.round(n * 1e6) / 1e6;
}
