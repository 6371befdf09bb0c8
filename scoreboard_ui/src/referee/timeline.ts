/**
 * An attempt's events on a line of time: what the device said, what it was corrected to, how sure that is, and when it arrived.
 * Only geometry, as shares of the width (0 to 1). An arrival far outside is drawn at the edge and says how far.
 */

import type { TimelineRow } from "../room/types.ts";

/** Around the events there is so much room, as a share of what they span. */
const MARGIN = 0.06;
const LEAST_SPAN_MS = 2_000;
const TICKS = 5;
/** Steps of ticks, in ms: those that a clock has. */
const STEPS_MS = [
  100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 86_400_000,
];

export interface Mark {
  readonly row: TimelineRow;
  /** Null for what an official did: it has no device. */
  readonly raw: number | null;
  readonly at: number;
  /** From and to where the corrected time may lie; null: nobody measured it. */
  readonly error: readonly [number, number] | null;
  readonly received: number;
  /** The arrival lies beyond the right edge, by so many ms after the event. */
  readonly late_ms: number | null;
  /** How far the device's clock is off: corrected less raw, in ms. */
  readonly moved_ms: number;
}

export interface Picture {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly ticks: readonly { readonly x: number; readonly at: string }[];
  /** Ticks are closer than a second: their fractions count. */
  readonly isFine: boolean;
  readonly marks: readonly Mark[];
}

export function layOut(rows: readonly TimelineRow[]): Picture | null {
  const known = rows.filter((row) => Number.isFinite(ms(row.at)));
  if (known.length === 0) return null;
  const [from_ms, to_ms] = span(known);
  const x = (at_ms: number): number => (at_ms - from_ms) / (to_ms - from_ms);
  const step_ms = stepOf(to_ms - from_ms);
  return { from_ms, to_ms, ticks: ticks(from_ms, to_ms, step_ms, x), isFine: step_ms < 1_000, marks: known.map((row) => mark(row, x)) };
}

/** From the first to the last time of any event, raw or corrected, with its error; arrivals only where they are near. */
function span(rows: readonly TimelineRow[]): readonly [number, number] {
  const times = rows.flatMap((row) => [ms(row.raw ?? row.at), ms(row.at) - (row.error_ms ?? 0), ms(row.at) + (row.error_ms ?? 0)]);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const width = Math.max(LEAST_SPAN_MS, last - first);
  const near = rows.map((row) => ms(row.received)).filter((at) => at <= last + width);
  const end = Math.max(last, ...near);
  const margin = Math.max(width, end - first) * MARGIN;
  return [first - margin, Math.max(end, first + LEAST_SPAN_MS) + margin];
}

function mark(row: TimelineRow, x: (at_ms: number) => number): Mark {
  const [at, raw, received] = [ms(row.at), ms(row.raw ?? row.at), ms(row.received)];
  const arrives = x(received);
  return {
    row,
    raw: row.raw === null ? null : x(raw),
    at: x(at),
    error: row.error_ms == null ? null : [Math.max(0, x(at - row.error_ms)), Math.min(1, x(at + row.error_ms))],
    received: Math.max(0, Math.min(1, arrives)),
    late_ms: arrives > 1 ? received - at : null,
    moved_ms: at - raw,
  };
}

function stepOf(span_ms: number): number {
  return STEPS_MS.find((each) => each >= span_ms / TICKS) ?? STEPS_MS.at(-1)!;
}

function ticks(from_ms: number, to_ms: number, step: number, x: (at_ms: number) => number): Picture["ticks"] {
  const found = [];
  for (let at = Math.ceil(from_ms / step) * step; at < to_ms; at += step) found.push({ x: x(at), at: new Date(at).toISOString() });
  return found;
}

function ms(iso: string): number {
  return new Date(iso).getTime();
}
