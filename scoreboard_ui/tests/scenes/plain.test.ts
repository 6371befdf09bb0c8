import fc from "fast-check";
import { expect, test } from "vitest";
import { medalsOf } from "../../src/board/medals.ts";
import type { Row } from "../../src/board/types.ts";
import { overlayWish } from "../../src/overlay/wish.ts";
import { called, podium } from "../../src/scenes/ceremony.ts";
import { goalOf } from "../../src/scenes/countdown.ts";
import { gapOf, pathOf, ticksOf, valueAt, wayOf } from "../../src/scenes/gap.ts";
import { columnsOf, pageOf, pagesOf } from "../../src/scenes/lanes.ts";
import { rowsByVenue, stageCounts } from "../../src/scenes/rivals.ts";
import { isNewCount } from "../../src/screen/orders.ts";
import { propertiesOf, themeOutOf } from "../../src/theme/theme.ts";
import { stateAt } from "../board/world.ts";

const info = { id: "c", name: {}, venues: [], stages: [], starts: "2026-11-22T09:00:00Z", duration_ms: 60_000 };
const cleared = (ms: number, points: string) => ({ state: "cleared" as const, ms, points });

test("a tenth and two tenths are three", () => {
  const row: Row = { id: "A", key: [0], stages: { a: cleared(1, "0.1"), b: cleared(2, "0.2") } };
  expect(wayOf([row], "points", 3, 0.3).map(({ value }) => value)).toEqual([0, 0.1, 0.3, 0.3]);
});

test("a way steps with each clear and ends at what the board says", () => {
  const row: Row = { id: "A", key: [0], points: "11", stages: { a: cleared(1_000, "5.5"), b: cleared(4_000, "4"), c: { state: "tried" } } };
  const way = wayOf([row], "points", 9_000, 11);
  expect(way).toEqual([{ ms: 0, value: 0 }, { ms: 1_000, value: 5.5 }, { ms: 4_000, value: 9.5 }, { ms: 9_000, value: 11 }]);
  expect([0, 999, 1_000, 3_999, 4_000, 99_000].map((ms) => valueAt(way, ms))).toEqual([0, 0, 5.5, 5.5, 9.5, 11]);
});

test("the gap is the difference at every moment, whoever moved", () => {
  const clears = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.record({ state: fc.constant("cleared" as const), ms: fc.nat({ max: 9_000 }), points: fc.constantFrom("1", "2.5") }));
  fc.assert(
    fc.property(clears, clears, (left, right) => {
      const [a, b] = [left, right].map((stages) => wayOf([{ id: "A", key: [0], stages }], "points", 9_000, 3));
      for (const { ms, value } of gapOf(a!, b!)) expect(value).toBeCloseTo(valueAt(a!, ms) - valueAt(b!, ms), 6);
      expect(gapOf(b!, a!).map(({ value }) => -value + 0)).toEqual(gapOf(a!, b!).map(({ value }) => value + 0));
    }),
  );
  expect(pathOf([{ ms: 0, value: 0 }, { ms: 5, value: 2 }], (ms) => ms * 10, (value) => 100 - value)).toBe("M0 100H50V98");
});

test("below a line stand round moments, and its end, none in another's figures", () => {
  expect(ticksOf(91 * 60_000).map((ms) => ms / 60_000)).toEqual([20, 40, 60, 91]);
  expect([ticksOf(0), ticksOf(999)]).toEqual([[], []]);
  fc.assert(
    fc.property(fc.integer({ min: 5_000, max: 40 * 86_400_000 }), (last_ms) => {
      const ticks = ticksOf(last_ms);
      expect(ticks.length).toBeLessThanOrEqual(5);
      expect(ticks.at(-1)).toBe(last_ms);
      for (const ms of ticks.slice(0, -1)) expect([ms % 5_000, ms <= last_ms * 0.82]).toEqual([0, true]);
    }),
  );
});

test("a venue's stages are counted of those who count for it: no guest, and nobody who was disqualified", () => {
  const cell = { a: cleared(1_000, "5") };
  const rows: Row[] = [{ id: "E1", key: [0], stages: cell }, { id: "E2", key: [0], status: "guest", stages: cell }, { id: "E3", key: [0], status: "dsq", stages: cell }, { id: "W1", key: [0], status: "withdrawn", stages: cell }];
  const sorted = rowsByVenue(rows, (id) => id.slice(0, 1));
  expect([...sorted].map(([venue, mates]) => [venue, mates.map(({ id }) => id)])).toEqual([["E", ["E1"]], ["W", ["W1"]]]);
  expect(stageCounts([{ id: "a", name: {} }], sorted.get("E")!, sorted.get("W")!)).toMatchObject([{ home: 1, away: 1, most: 1 }]);
});

test("everybody has one lane, on one page, and two venues have a column each", () => {
  const runner = fc.record({ id: fc.stringMatching(/^[A-C]\d{1,3}$/), venue: fc.constantFrom("a", "b", null), number: fc.stringMatching(/^\d{1,3}$/) });
  fc.assert(
    fc.property(fc.uniqueArray(runner, { selector: ({ id }) => id, maxLength: 60 }), fc.constantFrom(["a"], ["a", "b"], ["a", "b", "c"]), fc.constantFrom(1 as const, 2 as const), fc.integer({ min: 1, max: 15 }), (runners, venues, columns, per) => {
      const split = columnsOf(runners, venues, columns, per);
      const seen = Array.from({ length: pagesOf(split, per) }, (_, page) => pageOf(split, per, page)).flat(2);
      expect(seen.toSorted()).toEqual(runners.map(({ id }) => id).toSorted());
      expect(columnsOf(runners.toReversed(), venues, columns, per)).toEqual(split);
    }),
  );
});

test("places on a podium are shared by equals, guests stand on none, and the last is called first", () => {
  const placed = [["G", null], ["A", 1], ["B", 1], ["C", 3], ["D", 4]].map(([id, rank]) => ({ row: { id: String(id), key: [0], cleared: 1 }, rank: rank as number | null, tied: 1 }));
  expect(podium(placed, 3)).toEqual([{ rank: 1, ids: ["A", "B"] }, { rank: 3, ids: ["C"] }]);
  expect([called(3, null, 0), called(3, null, 8_000), called(3, null, 1e9), called(3, 0, 1e9), called(3, 2, 0)]).toEqual([1, 2, 3, 0, 2]);
});

test("whoever gets the medal of a place stands on it, however far ties have pushed the rank", () => {
  const row = (id: string, points: string): Row => ({ id, key: [-Number(points)], points, cleared: 1, stages: { quiz: { state: "cleared" } } });
  const line = [row("A", "9"), row("B", "9"), row("C", "9"), row("D", "8"), row("E", "7")].map((each, at) => ({ row: each, rank: [1, 1, 1, 4, 5][at]!, tied: at < 3 ? 3 : 1 }));
  const given = medalsOf(line, { counts: [1, 2, 1], delta: "0" });
  expect([...given]).toEqual([["A", 1], ["B", 1], ["C", 1], ["D", 3]]);
  expect(podium(line, 3, given)).toEqual([{ rank: 1, ids: ["A", "B", "C"] }, { rank: 4, ids: ["D"] }]);
  expect([podium(line, 1, given), podium(line, 3)].map((places) => places.length)).toEqual([1, 1]);
});

test("before the first clear nobody stands on the podium, though all of them are first", () => {
  const placed = ["A", "B"].map((id) => ({ row: { id, key: [0], points: "0", cleared: 0 }, rank: 1, tied: 2 }));
  expect(podium(placed, 3)).toEqual([]);
  expect(podium([{ row: { id: "A", key: [1], points: "0.5" }, rank: 1, tied: 1 }, { ...placed[1]!, rank: 2, tied: 1 }], 3)).toEqual([{ rank: 1, ids: ["A"] }]);
});

test("a countdown counts to what there is, and to nothing else", () => {
  const before = stateAt(0, { phase: "before" });
  expect(goalOf(null, info, before)).toEqual({ what: "start", at_ms: Date.UTC(2026, 10, 22, 9) });
  expect(goalOf(null, info, stateAt(1))).toEqual({ what: "end", at_ms: null });
  expect(goalOf("2026-11-22T10:00:00Z", info, before)?.what).toBe("then");
  expect([goalOf("soon", info, before), goalOf("start", { ...info, starts: null }, before), goalOf("end", { ...info, duration_ms: null }, before)]).toEqual([null, null, null]);
});

test("an order to this moment counts when it comes while we look, not when we come", () => {
  expect([isNewCount(undefined, 4), isNewCount(4, 4), isNewCount(4, 5)]).toEqual([false, false, true]);
});

test("an overlay stands where its address says, inside of the picture", () => {
  expect(overlayWish("?contest=cup&part=clock")).toMatchObject({ contest: "cup", part: "clock", x: 81, y: 4, w: 16, lang: null });
  expect(overlayWish("?part=ranking&x=-5&y=1e9&w=x&rows=99&lang=en")).toMatchObject({ x: 0, y: 100, w: 27, rows: 12, lang: "en", contest: null });
  expect(overlayWish("?part=strobe")).toMatchObject({ part: null, asked: "strobe" });
});

test("of a theme, the page wears colours and names of images, and nothing else", () => {
  const theme = themeOutOf({ colours: { accent: "#ffcc00", ink: "red", script: "#000000" }, logo: "a.png", background: "../x.png", sponsors: ["b.png", "https://x/y.png", 3] });
  expect(theme).toEqual({ colours: { accent: "#ffcc00" }, logo: "a.png", background: null, sponsors: ["b.png"] });
  expect(propertiesOf(theme)).toEqual([["--accent", "#ffcc00"]]);
  expect(themeOutOf("x")).toEqual({ colours: {}, logo: null, background: null, sponsors: [] });
});
