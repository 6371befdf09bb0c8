import { expect, test } from "vitest";
import { headingOf, silenceOf } from "../../src/board/heading.ts";
import { words } from "../../src/words.ts";

const live = { final: false, frozen: null, phase: "running" } as const;
const frozen = { minutes: 2 } as never;

test("nothing is called live that does not move", () => {
  expect(headingOf(live)).toBe("ranking");
  for (const state of [{ ...live, frozen }, { ...live, final: true }, { ...live, phase: "ended" as const }, { ...live, phase: "before" as const }]) {
    const said = words[headingOf(state)];
    expect(said.zh).not.toContain("实时");
    expect(said.en).not.toMatch(/live/i);
  }
});

test("a final result is final although the board was frozen", () => {
  expect(headingOf({ ...live, final: true, frozen, phase: "ended" })).toBe("rankingFinal");
});

test("after the end nobody waits for the next clear, and none is told while the board is frozen", () => {
  expect([silenceOf(live), silenceOf({ ...live, phase: "before" }), silenceOf({ ...live, phase: "paused" })]).toEqual(["feedEmpty", "feedEmpty", "feedEmpty"]);
  expect(silenceOf({ ...live, frozen })).toBe("feedFrozen");
  expect([silenceOf({ ...live, phase: "ended", frozen }), silenceOf({ ...live, final: true })]).toEqual(["feedOver", "feedOver"]);
});
