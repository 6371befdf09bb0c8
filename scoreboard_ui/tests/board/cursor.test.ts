import fc from "fast-check";
import { expect, test } from "vitest";
import { place, written } from "../../src/board/cursor.ts";

const cursor = fc.record({ epoch: fc.stringMatching(/^[a-z0-9]{1,8}$/), position: fc.nat({ max: 1e12 }) });

test("a cursor travels as its epoch and its position", () => {
  expect(written({ epoch: "k3x9", position: 1093 })).toBe("k3x9:1093");
});

test("from 0 replaces wherever we stand, and only it is accepted from another epoch", () => {
  fc.assert(
    fc.property(fc.option(cursor), fc.nat({ max: 50 }), fc.nat({ max: 50 }), (c, from, more) => {
      const found = place(c, { epoch: "other~", from, to: from + more });
      expect(found).toBe(from === 0 ? "replaces" : "stranger");
    }),
  );
});

test("in one epoch a frame follows, repeats or leaves a gap", () => {
  const at = { epoch: "k", position: 10 };
  expect(place(at, { epoch: "k", from: 10, to: 12 })).toBe("follows");
  expect(place(at, { epoch: "k", from: 3, to: 10 })).toBe("follows");
  expect(place(at, { epoch: "k", from: 3, to: 9 })).toBe("repeats");
  expect(place(at, { epoch: "k", from: 11, to: 12 })).toBe("gap");
});
