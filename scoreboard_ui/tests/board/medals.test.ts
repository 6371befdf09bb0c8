import fc from "fast-check";
import { expect, test } from "vitest";
import { medalsOf } from "../../src/board/medals.ts";
import { type Placed, ranked } from "../../src/board/order.ts";
import type { Row } from "../../src/board/types.ts";

const stages = { quiz: { state: "cleared" as const } };
const rowOf = (points: string, key: number, nth: number, more: Partial<Row> = {}): Row => ({ id: `A${nth}`, key: [key], points, stages, ...more });
const byPoints = (points: readonly string[]): Placed[] => ranked(points.map((each, nth) => rowOf(each, -Number(each), nth)));
const asTheyCome = (points: readonly string[]): Placed[] => ranked(points.map((each, nth) => rowOf(each, nth, nth)));

function letters(placed: readonly Placed[], delta = "0", counts: readonly number[] = [1, 1, 1]): string {
  const given = medalsOf(placed, { counts, delta });
  return placed.map(({ row }) => "-gsb"[given.get(row.id) ?? 0]).join("");
}

/** The same as in tests/core/test_ties.py. */
test.each([
  [["98", "95", "90", "80"], "0", "gsb-"],
  [["98", "95", "95", "90"], "0", "gss-"],
  [["98", "98", "95", "90"], "0", "ggb-"],
  [["98", "97", "90", "80"], "2", "ggb-"],
  [["98", "96", "94", "80"], "2", "ggb-"],
  [["98", "96", "95.99", "80"], "2", "ggb-"],
  [["98", "95", "94", "93"], "2", "gsss"],
  [["98", "95", "90", "88"], "2", "gsbb"],
  [["90"], "2", "g"],
  [[], "2", ""],
])("medals of %j within %s are %s", (points, delta, expected) => {
  expect(letters(byPoints(points), delta)).toBe(expected);
});

test.each([
  [["10", "12", "14", "15"], "gsbb"],
  [["10", "10.5", "14", "15"], "ggbb"],
  [["9", "30", "8"], "gsb"],
])("within the margin is a distance, whichever way the board is ordered: %j", (points, expected) => {
  expect(letters(asTheyCome(points), "1")).toBe(expected);
});

test("there may be several of each medal, or none of one", () => {
  expect(letters(byPoints(["9", "8", "7", "6", "5"]), "0", [2, 2])).toBe("ggss-");
  expect(letters(byPoints(["9", "8", "8", "6", "5"]), "0", [2, 1, 1])).toBe("gggb-");
  expect(letters(byPoints(["9", "8", "7", "6", "5", "4", "3"]), "0", [1, 2, 3])).toBe("gssbbb-");
  expect(letters(byPoints(["9", "8", "7"]), "0", [0, 1, 0])).toBe("s--");
});

test("tenths are compared as they are written, also those that a float has none of", () => {
  expect(letters(asTheyCome(["0.3", "0.2", "0.1", "0"]), "0.1")).toBe("ggbb");
  expect(letters(asTheyCome(["1.1", "1", "0.89999999999999999999", "0"]), "0.1")).toBe("ggb-");
  expect(letters(asTheyCome(["1", "-0.5", "-1"]), "1.5")).toBe("ggb");
});

test("who has no rank, is not in the running or has begun nothing gets no medal and takes none away", () => {
  const rows = [rowOf("99", 0, 0, { status: "guest" }), rowOf("98", 1, 1), rowOf("0", 2, 2, { stages: {} }), rowOf("90", 3, 3), rowOf("97", 4, 4, { status: "overtime" }), rowOf("80", 5, 5)];
  expect(letters(ranked(rows))).toBe("-g-s-b");
  expect([...medalsOf(ranked(rows))]).toEqual([["A1", 1], ["A3", 2], ["A5", 3]]);
});

test("who stands before another never has a lesser medal, and equals share", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30 }), { maxLength: 10 }), fc.nat({ max: 5 }), fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 }), (points, delta, counts) => {
      const placed = byPoints(points.toSorted((a, b) => b - a).map(String));
      const given = medalsOf(placed, { counts, delta: String(delta) });
      const medals = placed.map(({ row }) => given.get(row.id) ?? 4);
      expect(medals).toEqual(medals.toSorted());
      for (const [nth, { rank }] of placed.entries()) if (nth > 0 && placed[nth - 1]!.rank === rank) expect(medals[nth]).toBe(medals[nth - 1]);
    }),
  );
});
