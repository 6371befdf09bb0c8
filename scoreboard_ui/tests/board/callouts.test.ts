import fc from "fast-check";
import { expect, test } from "vitest";
import { Announcer, type Callout, saidRank, soleLeader } from "../../src/board/callouts.ts";
import { emptyBoard, merge } from "../../src/board/merge.ts";
import { ranked, sorted } from "../../src/board/order.ts";
import type { Frame, Row, StageCell } from "../../src/board/types.ts";
import { framesOf, story } from "./world.ts";

const NO_NAMES = new Map<string, number>();
const standing = (rows: Iterable<Row>) => ranked(sorted(rows, NO_NAMES));
const person = (id: string, points: number, stages: Record<string, StageCell> = {}): Row => ({ id, key: [-points], points: String(points), stages });
const cleared: StageCell = { state: "cleared", ms: 5 };

/** What a display hears that gets these frames. */
function heardOf(frames: readonly Frame[]): Callout[] {
  const board = emptyBoard();
  const announcer = new Announcer();
  return frames.flatMap((frame) => {
    const merged = merge(board, frame);
    if (merged.kind === "replaced") announcer.learn(standing(board.rows.values()));
    if (merged.kind !== "followed") return [];
    const rows = merged.ids.flatMap((id) => board.rows.get(id) ?? []);
    return announcer.hear(rows, standing(board.rows.values()));
  });
}

const clearsOf = (heard: readonly Callout[]) => heard.flatMap((c) => (c.kind === "lead" ? [] : [`${c.kind} ${c.stage} ${c.contestant}`]));

test("no clear and no first clear is called out twice", () => {
  fc.assert(
    fc.property(story, (told) => {
      const heard = clearsOf(heardOf(framesOf(told)));
      expect(new Set(heard).size).toBe(heard.length);
    }),
  );
});

test("frames sent again are not called out again", () => {
  fc.assert(
    fc.property(story, (told) => {
      const frames = framesOf(told);
      expect(heardOf(frames.flatMap((frame) => [frame, frame]))).toEqual(heardOf(frames));
    }),
  );
});

test("every clear of somebody known is called out, wherever the frames are cut", () => {
  fc.assert(
    fc.property(story, (told) => {
      const frames = framesOf(told);
      const heard = new Set(clearsOf(heardOf(frames)).map((text) => text.replace(/^\w+ /, "")));
      const known = new Map(frames[0]!.rows.map((r) => [r.id, r]));
      for (const row of framesOf(told).slice(1).flatMap((frame) => frame.rows)) {
        const met = known.get(row.id);
        if (!met) continue;
        for (const stage in row.stages) {
          const isNew = row.stages[stage]!.state === "cleared" && met.stages?.[stage]?.state !== "cleared";
          if (isNew) expect(heard).toContain(`${stage} ${row.id}`);
        }
      }
    }),
  );
});

test("a whole frame is learnt in silence, the first one and a resync", () => {
  fc.assert(
    fc.property(story, ({ history, cuts }) => {
      const wholes = cuts.map((to) => history.frame(0, to));
      expect(heardOf(wholes)).toEqual([]);
      const resynced = [wholes[0]!, wholes.at(-1)!, history.frame(cuts[0]!, cuts.at(-1)!)];
      expect(clearsOf(heardOf(resynced))).toEqual([]);
    }),
  );
});

test("a clear that is annulled and cleared again is one call-out", () => {
  const announcer = new Announcer();
  announcer.learn(standing([person("A001", 0)]));
  const hear = (cell: StageCell) => clearsOf(announcer.hear([person("A001", 0, { quiz: cell })], []));
  expect(hear(cleared)).toEqual(["clear quiz A001"]);
  expect(hear({ state: "tried" })).toEqual([]);
  expect(hear(cleared)).toEqual([]);
});

test("a first clear is one call-out, not a clear besides; when it becomes the first later, it is called out then", () => {
  const announcer = new Announcer();
  announcer.learn(standing([person("A001", 0), person("A002", 0)]));
  const hear = (id: string, cell: StageCell) => clearsOf(announcer.hear([person(id, 0, { quiz: cell })], []));
  expect(hear("A001", { ...cleared, first: true })).toEqual(["first quiz A001"]);
  expect(hear("A002", cleared)).toEqual(["clear quiz A002"]);
  expect(hear("A001", { state: "tried" })).toEqual([]);
  expect(hear("A002", { ...cleared, first: true })).toEqual(["first quiz A002"]);
});

test("the lead changes when another one stands alone in front, and once", () => {
  const announcer = new Announcer();
  announcer.learn(standing([person("A001", 0), person("A002", 0)]));
  const hear = (a: number, b: number) => announcer.hear([], standing([person("A001", a), person("A002", b)]));
  expect(hear(1, 0)).toEqual([{ kind: "lead", contestant: "A001", before: null }]);
  expect(hear(2, 0)).toEqual([]);
  expect(hear(2, 2)).toEqual([]);
  expect(hear(3, 2)).toEqual([]);
  expect(hear(3, 4)).toEqual([{ kind: "lead", contestant: "A002", before: "A001" }]);
  expect(hear(3, 4)).toEqual([]);
  expect(hear(4, 4)).toEqual([]);
});

test("what somebody had done who comes into the view is learnt in silence, what follows is called out", () => {
  const announcer = new Announcer();
  announcer.learn(standing([person("A001", 0)]));
  const hear = (stages: Record<string, StageCell>) => clearsOf(announcer.hear([person("B001", 0, stages)], []));
  expect(hear({ quiz: cleared })).toEqual([]);
  expect(hear({ quiz: cleared, wiring: cleared })).toEqual(["clear wiring B001"]);
});

test("guests do not lead, and before anybody scored nobody does", () => {
  expect(soleLeader(standing([{ ...person("A001", 9), status: "guest" }, person("A002", 3)]))).toBe("A002");
  expect(soleLeader(standing([{ ...person("A001", 0), key: [0] }, { ...person("A002", 0), key: [1] }]))).toBeNull();
});

test("nobody is said to be first before anything is cleared; afterwards everybody has the rank of the board", () => {
  const told = (...rows: Row[]) => Object.fromEntries(standing(rows).map(({ row, rank }) => [row.id, saidRank(rank, row)]));
  expect(told(person("A001", 0), person("A002", 0))).toEqual({ A001: null, A002: null });
  expect(told(person("A001", 0), person("A002", 3), { ...person("A003", 9), status: "guest" })).toEqual({ A002: 1, A001: 2, A003: null });
  expect(saidRank(1, { ...person("A001", 0), cleared: 1 })).toBe(1);
});
