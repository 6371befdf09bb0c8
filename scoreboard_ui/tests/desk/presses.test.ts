import { expect, test } from "vitest";
import { APART_MS, Presses } from "../../src/desk/presses.ts";

test("the other half of a double click is no press, and a key that is held down is one", () => {
  const presses = new Presses();
  expect([0, 120, 240, 360, 480, 600, 700].map((at_ms) => presses.counts("clear A017 wiring", at_ms))).toEqual([true, ...Array(6).fill(false)]);
  expect(presses.counts("clear A017 wiring", 700 + APART_MS)).toBe(true);
});

test("another button, and the same one about somebody else, is heard at once", () => {
  const presses = new Presses();
  expect([presses.counts("start A017 wiring", 0), presses.counts("clear A017 wiring", 40), presses.counts("clear A018 wiring", 80)]).toEqual([true, true, true]);
});
