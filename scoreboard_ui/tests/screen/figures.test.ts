import { expect, test } from "vitest";
import type { ContestInfo, Row } from "../../src/board/types.ts";
import { figuresOf, gapBetween, leadOf } from "../../src/screen/figures.ts";

const info: ContestInfo = { id: "c", name: {}, venues: [], stages: [] };
const row = (points: string, time_ms: number, cleared = 1): Row => ({ id: points, key: [0], points, time_ms, cleared });

test("the lead is told in points, and in time where the points are the same", () => {
  const figures = figuresOf(info);
  expect(leadOf(figures, row("82.5", 9_000), row("57.5", 1_000))).toEqual({ kind: "amount", text: "25" });
  expect(leadOf(figures, row("100", 3_652_900), row("100.0", 3_955_100))).toEqual({ kind: "time", text: "05:03" });
});

test("nobody leads by nothing, from behind, or over somebody who has not begun", () => {
  const figures = figuresOf(info);
  expect(leadOf(figures, row("0", 0, 0), row("0", 0, 0))).toBeNull();
  expect(leadOf(figures, row("5", 1_000), row("5", 1_400))).toBeNull();
  expect(leadOf(figures, row("5", 1_000), row("7", 900))).toBeNull();
  expect(leadOf(figures, row("5", 2_000), row("5", 1_000))).toBeNull();
  expect(leadOf(figuresOf({ ...info, ranking: [{ by: "time" }] }), row("5", 2_000), row("0", 0, 0))).toBeNull();
});

test("between two lies what their totals differ by, or the time where those are the same, or nothing", () => {
  const figures = figuresOf(info);
  expect(gapBetween(figures, row("57.5", 1_000), row("82.5", 9_000))).toEqual({ word: "gapNow", text: "25", ahead: "right" });
  expect(gapBetween(figures, row("5", 723_000), row("5", 600_000))).toEqual({ word: "gapInTime", text: "02:03", ahead: "right" });
  expect(gapBetween(figures, row("5", 600_000), row("5", 723_000))).toEqual({ word: "gapInTime", text: "02:03", ahead: "left" });
  expect(gapBetween(figures, row("0", 0, 0), row("0", 0, 0))).toEqual({ word: "gapNow", text: "=", ahead: null });
  expect(gapBetween(figuresOf({ ...info, ranking: [{ by: "time" }] }), row("9", 5_000, 2), row("9", 1_000, 1))).toEqual({ word: "gapNow", text: "1", ahead: "left" });
});
