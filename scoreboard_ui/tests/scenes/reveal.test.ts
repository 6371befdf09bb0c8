import fc from "fast-check";
import { expect, test } from "vitest";
import type { Row, StageCell } from "../../src/board/types.ts";
import { CALL_MS, CELL_MS, CLIMB_MS, isPending, RevealShow } from "../../src/scenes/reveal.ts";
import { windowStart } from "../../src/scenes/revealing.ts";

const NOBODY = new Map<string, number>();
const cell = (state: StageCell["state"], more: Partial<StageCell> = {}): StageCell => ({ state, ...more });
const frozen = (id: string, points: number, pending: readonly string[]): Row => ({
  id,
  key: [-points],
  points: String(points),
  stages: { quiz: cell("cleared"), ...Object.fromEntries(pending.map((stage) => [stage, cell("pending", { pending: 1 })])) },
});
const open = (row: Row, points: number, cleared: readonly string[]): Row => ({
  ...row,
  key: [-points],
  points: String(points),
  stages: Object.fromEntries(Object.keys(row.stages!).map((stage) => [stage, cell(stage === "quiz" || cleared.includes(stage) ? "cleared" : "tried")])),
});

const [a, b, c] = [frozen("A", 30, ["wiring"]), frozen("B", 20, ["wiring", "fault"]), frozen("C", 10, ["wiring"])];

function begun(): { show: RevealShow; pass: (ms: number) => void } {
  const show = new RevealShow();
  show.see([a, b, c], true, NOBODY);
  let now_ms = 0;
  return {
    show,
    pass: (ms) => {
      for (const end_ms = now_ms + ms; now_ms <= end_ms; now_ms += 50) show.tick(now_ms);
    },
  };
}

const ids = (show: RevealShow): string[] => show.placed.map(({ row }) => row.id);
const lookOfCell = (show: RevealShow, id: string, stage: string): string | undefined => show.placed.find(({ row }) => row.id === id)?.row.stages?.[stage]?.state;

test("a frozen board that is joined is learnt in silence, and the last one with something pending is next", () => {
  const { show, pass } = begun();
  pass(10_000);
  expect([show.telling, show.next, ids(show)]).toEqual([null, "C", ["A", "B", "C"]]);
});

test("a row is opened cell by cell, and only then it climbs, with its points", () => {
  const { show, pass } = begun();
  show.see([a, open(b, 50, ["wiring", "fault"]), c], true, NOBODY);
  pass(CALL_MS - 100);
  expect([show.telling?.part, ids(show), lookOfCell(show, "B", "wiring")]).toEqual(["call", ["A", "B", "C"], "pending"]);
  pass(CELL_MS);
  expect([lookOfCell(show, "B", "wiring"), lookOfCell(show, "B", "fault"), ids(show)]).toEqual(["cleared", "pending", ["A", "B", "C"]]);
  expect(show.placed[1]!.row.points).toBe("20");
  pass(CELL_MS * 2);
  expect([show.telling, ids(show)]).toMatchObject([{ id: "B", part: "climb", from: 2, to: 1 }, ["B", "A", "C"]]);
  pass(CLIMB_MS + 200);
  expect(show.telling).toBeNull();
});

test("whoever is revealed and waits for a judgement is not next for ever", () => {
  const { show, pass } = begun();
  const known = [a, b, { ...c }];
  show.see(known, true, NOBODY, ["C"]);
  pass(1_000);
  expect([show.next, show.left, [...show.settled]]).toEqual(["B", 2, ["C"]]);
  show.see(known, true, NOBODY, ["C", "B", "A"]);
  expect([show.next, show.left, show.settled.size]).toEqual([null, 0, 3]);
});

test("whoever is revealed keeps their turn until they are told", () => {
  const { show, pass } = begun();
  show.see([a, b, open(c, 12, ["wiring"])], true, NOBODY, ["C"]);
  expect([show.next, show.left]).toEqual(["C", 3]);
  pass(CALL_MS + 2 * CELL_MS + CLIMB_MS + 400);
  expect([show.next, show.left]).toEqual(["B", 2]);
});

test("two that are revealed at once are told one after the other, in that order", () => {
  const { show, pass } = begun();
  const told: string[] = [];
  show.see([a, b, open(c, 25, ["wiring"])], true, NOBODY);
  show.see([a, open(b, 21, ["wiring"]), open(c, 25, ["wiring"])], true, NOBODY);
  for (let look = 0; look < 400; look++) {
    pass(50);
    if (show.telling && told.at(-1) !== show.telling.id) told.push(show.telling.id);
  }
  expect(told).toEqual(["C", "B"]);
  expect(ids(show)).toEqual(["A", "C", "B"]);
});

test("who is veiled again goes back at once", () => {
  const { show, pass } = begun();
  const up = open(c, 40, ["wiring"]);
  show.see([a, b, up], true, NOBODY);
  pass(20_000);
  expect(ids(show)).toEqual(["C", "A", "B"]);
  show.see([a, b, c], true, NOBODY);
  expect([ids(show), show.telling, show.next]).toEqual([["A", "B", "C"], null, "C"]);
});

test("a thaw shows everything at once", () => {
  const { show } = begun();
  show.see([open(a, 31, ["wiring"]), open(b, 60, ["fault"]), open(c, 10, [])], false, NOBODY);
  expect([ids(show), show.next, show.telling]).toEqual([["B", "A", "C"], null, null]);
});

test("a place is settled once nobody at or below it has anything pending", () => {
  const { show, pass } = begun();
  expect([...show.settled]).toEqual([]);
  show.see([a, b, open(c, 10, [])], true, NOBODY);
  expect(show.settled.has("C")).toBe(false);
  pass(20_000);
  expect([...show.settled]).toEqual(["C"]);
});

test("however the reveal is cut into frames, it ends at the board that the server has", () => {
  const target = [open(a, 35, ["wiring"]), open(b, 40, ["wiring"]), open(c, 50, ["wiring"])];
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), fc.array(fc.nat({ max: 9_000 }), { minLength: 3, maxLength: 3 }), (order, waits) => {
      const { show, pass } = begun();
      const rows = [a, b, c];
      order.forEach((index, turn) => {
        rows[index] = target[index]!;
        show.see([...rows], true, NOBODY);
        pass(waits[turn]!);
      });
      pass(60_000);
      expect(ids(show)).toEqual(["C", "B", "A"]);
      expect(show.placed.every(({ row }) => !isPending(row))).toBe(true);
    }),
  );
});

test("whoever is told is on the screen, with room above to climb", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 3, max: 20 }), fc.nat({ max: 499 }), (rows, capacity, at) => {
      const focus = at % rows;
      const start = windowStart(rows, capacity, focus);
      expect(focus).toBeGreaterThanOrEqual(start);
      expect(focus).toBeLessThan(start + capacity);
      if (start > 0) expect(focus - start).toBeGreaterThanOrEqual(Math.min(1, capacity - 2));
    }),
  );
});
