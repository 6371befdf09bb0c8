import fc from "fast-check";
import { expect, test } from "vitest";
import { Pager, windowOf } from "../../src/screen/pager.ts";

test("the pages show every row, the top always, and never more than fit", () => {
  fc.assert(
    fc.property(fc.nat({ max: 200 }), fc.integer({ min: 1, max: 20 }), (rows, capacity) => {
      const { pages } = windowOf(rows, capacity, 0);
      const seen = new Set<number>();
      for (let page = 0; page < pages; page++) {
        const { pinned, start, size } = windowOf(rows, capacity, page);
        expect(pinned + size).toBe(Math.min(rows, capacity));
        for (let i = 0; i < pinned; i++) seen.add(i);
        for (let i = start; i < start + size; i++) seen.add(i);
        expect(start).toBeGreaterThanOrEqual(pinned);
      }
      expect(seen).toEqual(new Set(Array.from({ length: rows }, (_, i) => i)));
    }),
  );
});

test("pages turn by themselves, round and round, until held", () => {
  const pager = new Pager(1_000);
  expect([pager.tick(999, 3), pager.tick(1_000, 3), pager.tick(1_500, 3), pager.tick(2_000, 3), pager.tick(3_000, 3)]).toEqual([false, true, false, true, true]);
  expect(pager.page).toBe(0);
  pager.hold(true, 3_000);
  expect(pager.tick(99_000, 3)).toBe(false);
  pager.turn(-1, 99_000, 3);
  expect(pager.page).toBe(2);
  pager.hold(false, 100_000);
  expect([pager.tick(100_999, 3), pager.tick(101_000, 3)]).toEqual([false, true]);
});
