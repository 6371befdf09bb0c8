import fc from "fast-check";
import { expect, test } from "vitest";
import { clearsOf } from "../../src/board/callouts.ts";
import { Feed } from "../../src/screen/feed.ts";
import { row } from "../board/world.ts";

const LATER_MS = 10_000;

test("a whole board brings the last clears, the newest first, each once however often it comes", () => {
  fc.assert(
    fc.property(fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 6 }), (rows) => {
      const feed = new Feed();
      const timed = rows.flatMap(clearsOf).filter(({ ms }) => ms !== null);
      for (let again = 1; again <= 2; again++) feed.learn(rows);
      const shown = feed.at(LATER_MS);
      const newest = timed.map(({ ms }) => ms!).toSorted((a, b) => b - a).slice(0, 12);
      expect(shown.map(({ at_ms }) => at_ms)).toEqual(newest);
      expect(new Set(shown.map(({ callout }) => JSON.stringify(callout))).size).toBe(shown.length);
    }),
  );
});

test("what was missed in a cut comes into the feed at its time, and what stood there stays as it was heard", () => {
  const feed = new Feed();
  const clear = (contestant: string, ms: number) => ({ kind: "clear", contestant, stage: "quiz", ms, points: "5" }) as const;
  feed.add([clear("A001", 1_000), { kind: "lead", contestant: "A001", before: null }], 1_000);
  feed.add([clear("A003", 9_000)], 9_000);
  const cell = (ms: number) => ({ quiz: { state: "cleared", ms, points: "5" } }) as const;
  feed.learn([{ id: "A001", key: [0], stages: cell(1_000) }, { id: "A002", key: [1], stages: cell(5_000) }, { id: "A003", key: [2], stages: cell(9_000) }]);
  expect(feed.at(LATER_MS).map(({ callout }) => `${callout.kind} ${callout.contestant}`)).toEqual(["clear A003", "clear A002", "lead A001", "clear A001"]);
});
