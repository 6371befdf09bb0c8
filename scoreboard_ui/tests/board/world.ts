/** A small world for the laws: a server's history of one contest, from which any frame can be cut. */

import fc from "fast-check";
import type { BoardState, Frame, Row, StageCell } from "../../src/board/types.ts";

export const EPOCH = "k3x9";
export const IDS = ["A001", "A002", "A003", "B001", "B002", "B003"];
export const STAGES = ["quiz", "wiring", "fault"];
const BORN_MS = Date.UTC(2026, 10, 22, 9);

export const cell: fc.Arbitrary<StageCell> = fc.oneof(
  fc.constantFrom<StageCell>({ state: "working" }, { state: "tried", tries: 2 }, { state: "pending", pending: 1 }, { state: "held" }),
  fc.record({ state: fc.constant("cleared" as const), ms: fc.nat({ max: 9_000 }), first: fc.boolean() }),
);

export const row: fc.Arbitrary<Row> = fc.record({
  id: fc.constantFrom(...IDS),
  key: fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: -3, max: 0 }), fc.nat({ max: 2 })),
  points: fc.constantFrom("0", "1", "2.5"),
  cleared: fc.nat({ max: 3 }),
  status: fc.constantFrom("ok", "ok", "ok", "guest", "dsq", "dns", "overtime"),
  stages: fc.dictionary(fc.constantFrom(...STAGES), cell),
});

/** One position's change: a row written, or a contestant gone from the view. */
export type Step = { readonly row: Row } | { readonly gone: string };

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 5, arbitrary: fc.record({ row }) }, { weight: 1, arbitrary: fc.record({ gone: fc.constantFrom(...IDS) }) }),
  { minLength: 1, maxLength: 30 },
);

export function stateAt(position: number, more: Partial<BoardState> = {}): BoardState {
  return { phase: "running", now: new Date(BORN_MS + position * 1000).toISOString(), elapsed_ms: position * 1000, ...more };
}

export class History {
  readonly steps: readonly Step[];
  constructor(taken: readonly Step[]) {
    this.steps = taken;
  }

  rowsAt(position: number): Map<string, Row> {
    const rows = new Map<string, Row>();
    for (const step of this.steps.slice(0, position)) {
      if ("row" in step) rows.set(step.row.id, step.row);
      else rows.delete(step.gone);
    }
    return rows;
  }

  /** The frame that brings a display from one position to another: absolute rows of whoever changed in between. */
  frame(from: number, to: number): Frame {
    const rows = this.rowsAt(to);
    const touched = new Set(this.steps.slice(from, to).map((step) => ("row" in step ? step.row.id : step.gone)));
    const ids = from === 0 ? [...rows.keys()] : [...touched];
    return {
      type: "frame",
      epoch: EPOCH,
      from,
      to,
      total: rows.size,
      state: stateAt(to),
      rows: ids.flatMap((id) => rows.get(id) ?? []),
      gone: from === 0 ? [] : ids.filter((id) => !rows.has(id)),
    };
  }
}

/** A history and the positions at which a display got its frames: first whole, then piece by piece to the end. */
export const story = steps.chain((taken) =>
  fc.record({
    history: fc.constant(new History(taken)),
    cuts: fc.uniqueArray(fc.integer({ min: 1, max: taken.length }), { maxLength: 8 }).map((cuts) => [...new Set([...cuts, taken.length])].sort((a, b) => a - b)),
  }),
);

export function framesOf({ history, cuts }: { history: History; cuts: number[] }): Frame[] {
  return cuts.map((to, index) => history.frame(index === 0 ? 0 : cuts[index - 1]!, to));
}
