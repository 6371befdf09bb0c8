import fc from "fast-check";
import { expect, test } from "vitest";
import { type Board, emptyBoard, merge } from "../../src/board/merge.ts";
import type { Frame } from "../../src/board/types.ts";
import { framesOf, History, story } from "./world.ts";

function merged(frames: readonly Frame[]): Board {
  const board = emptyBoard();
  for (const frame of frames) merge(board, frame);
  return board;
}

test("merging frames one by one equals the last full state, wherever they are cut", () => {
  fc.assert(
    fc.property(story, (told) => {
      const board = merged(framesOf(told));
      expect(board.rows).toEqual(told.history.rowsAt(told.history.steps.length));
      expect(board).toEqual(merged([told.history.frame(0, told.history.steps.length)]));
    }),
  );
});

test("a frame sent again, at once or late, changes nothing", () => {
  fc.assert(
    fc.property(story, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 10 }), (told, repeats) => {
      const frames = framesOf(told);
      const sent = [...frames];
      // A repeat may come anywhere after its original.
      for (const [which, when] of repeats) {
        const frame = frames[which % frames.length]!;
        const after = sent.indexOf(frame) + 1;
        sent.splice(after + (when % (sent.length - after + 1)), 0, frame);
      }
      expect(merged(sent)).toEqual(merged(frames));
    }),
  );
});

test("frames that overlap are merged like frames that meet", () => {
  fc.assert(
    fc.property(story, fc.nat(), ({ history, cuts }, back) => {
      const frames = cuts.map((to, index) => history.frame(index === 0 ? 0 : Math.max(1, cuts[index - 1]! - (back % 4)), to));
      expect(merged(frames).rows).toEqual(history.rowsAt(history.steps.length));
    }),
  );
});

test("a frame that leaves a gap is not merged", () => {
  fc.assert(
    fc.property(story, fc.integer({ min: 1, max: 9 }), (told, gap) => {
      const board = merged(framesOf(told));
      const before = structuredClone(board);
      const from = told.history.steps.length + gap;
      expect(merge(board, { ...told.history.frame(0, 1), from, to: from + 1 })).toEqual({ kind: "gap" });
      expect(board).toEqual(before);
    }),
  );
});

test("of another epoch only a whole frame is merged, and it replaces all", () => {
  fc.assert(
    fc.property(story, (told) => {
      const board = merged(framesOf(told));
      const before = structuredClone(board);
      const whole = { ...told.history.frame(0, 1), epoch: "other" };
      expect(merge(board, { ...whole, from: 1, to: 2 })).toEqual({ kind: "gap" });
      expect(board).toEqual(before);
      expect(merge(board, whole)).toEqual({ kind: "replaced" });
      expect([...board.rows.values()]).toEqual(whole.rows);
      expect(board.cursor).toEqual({ epoch: "other", position: 1 });
    }),
  );
});

test("the answer to our own cursor counts even when it is older", () => {
  const history = new History([{ row: { id: "A001", key: [1] } }, { row: { id: "A001", key: [0] } }]);
  const board = merged([history.frame(0, 2)]);
  expect(merge(board, history.frame(0, 1), true)).toEqual({ kind: "replaced" });
  expect(board.cursor?.position).toBe(1);
});

test("at one position the later state stays", () => {
  const history = new History([{ row: { id: "A001", key: [1] } }]);
  const early = history.frame(0, 1);
  const late: Frame = { ...early, from: 1, rows: [], state: { ...early.state, now: "2026-11-22T10:00:00.000Z", phase: "paused" } };
  expect(merged([early, late, early, { ...early, from: 1 }]).state?.phase).toBe("paused");
});
