import fc from "fast-check";
import { expect, test } from "vitest";
import { collate, compareKeys, compareRows, mended, ranked, sorted } from "../../src/board/order.ts";
import type { Row } from "../../src/board/types.ts";
import { IDS, row } from "./world.ts";

const key = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom("a", "b")), { maxLength: 4 });
const rows = fc.uniqueArray(row, { selector: (r) => r.id });
const collation = collate(IDS.map((id, index) => [id, ["王", "李", "李", "Chen", "陈", ""][index]!]));
const plain = (id: string, ...elements: number[]): Row => ({ id, key: elements });

test("the order of keys is total", () => {
  fc.assert(
    fc.property(key, key, key, (a, b, c) => {
      expect(Math.sign(compareKeys(a, b)) + Math.sign(compareKeys(b, a))).toBe(0);
      if (compareKeys(a, b) <= 0 && compareKeys(b, c) <= 0) expect(compareKeys(a, c)).toBeLessThanOrEqual(0);
      expect(compareKeys(a, b) === 0).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test("the order of rows is strict, so arrival does not matter", () => {
  fc.assert(
    fc.property(rows, fc.infiniteStream(fc.nat()), (taken, chance) => {
      const shuffled = taken.map((r) => [chance.next().value!, r] as const).sort(([a], [b]) => a - b).map(([, r]) => r);
      expect(sorted(shuffled, collation)).toEqual(sorted(taken, collation));
      for (const a of taken) for (const b of taken) expect(compareRows(a, b, collation) === 0).toBe(a === b);
    }),
  );
});

test("mending the order equals sorting anew", () => {
  fc.assert(
    fc.property(rows, fc.array(row), fc.uniqueArray(fc.constantFrom(...IDS)), (before, changes, gone) => {
      const now = new Map(before.map((r) => [r.id, r]));
      for (const change of changes) now.set(change.id, change);
      for (const id of gone) now.delete(id);
      const changed = new Set([...changes.map((r) => r.id), ...gone]);
      expect(mended(sorted(before, collation), changed, now, collation)).toEqual(sorted(now.values(), collation));
    }),
  );
});

test("equal keys share a rank, and the next one counts everybody before it: 1 2 2 4", () => {
  const placed = ranked(sorted([plain("A003", 2), plain("A001", 1), plain("A002", 2), plain("B001", 3)], collation));
  expect(placed.map(({ row: { id }, rank, tied }) => [id, rank, tied])).toEqual([["A001", 1, 1], ["A002", 2, 2], ["A003", 2, 2], ["B001", 4, 1]]);
});

test("a rank is one more than the number of competitors with a better key; who has none takes none", () => {
  fc.assert(
    fc.property(rows, (taken) => {
      for (const { row: r, rank } of ranked(sorted(taken, collation))) {
        const hasNone = (other: Row): boolean => ["guest", "dsq", "dns"].includes(other.status ?? "ok");
        const better = taken.filter((other) => !hasNone(other) && compareKeys(other.key, r.key) < 0).length;
        expect(rank).toBe(hasNone(r) ? null : better + 1);
      }
    }),
  );
});

test("inside a tie the name decides the order and never the rank", () => {
  const names = collate([["A001", "张伟"], ["A002", "陈静"], ["A003", "陈静"]]);
  const placed = ranked(sorted([plain("A001", 0), plain("A003", 0), plain("A002", 0)], names));
  expect(placed.map(({ row: { id } }) => id)).toEqual(["A002", "A003", "A001"]);
  expect(placed.map(({ rank }) => rank)).toEqual([1, 1, 1]);
});
