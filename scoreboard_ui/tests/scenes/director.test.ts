import fc from "fast-check";
import { expect, test } from "vitest";
import type { Callout } from "../../src/board/callouts.ts";
import { CLOSE_AGAIN_MS, closeOf, direct, FIRST_MS, LEAD_MS, SHORTEST_MS, type Sight, type Take } from "../../src/scenes/director.ts";
import { stateAt } from "../board/world.ts";

const LOOK_MS = 500;
const quiet: Sight = { phase: "running", isFrozen: false, venues: 2, callouts: [], close: null };
const first = (contestant: string): Callout => ({ kind: "first", contestant, stage: "quiz", ms: 1, points: "1" });
const lead = (contestant: string, before: string | null): Callout => ({ kind: "lead", contestant, before });

/** What is shown at each look, when this is seen at these looks and nothing at the others. */
function played(looks: number, seen: ReadonlyMap<number, Partial<Sight>> = new Map()): Take[] {
  const takes: Take[] = [];
  for (let look = 0; look < looks; look++) takes.push(direct(takes.at(-1) ?? null, { ...quiet, ...seen.get(look) }, look * LOOK_MS));
  return takes;
}

const callout: fc.Arbitrary<Callout> = fc.oneof(
  fc.constantFrom("A", "B", "C").map(first),
  fc.constantFrom("A", "B", "C").map((one) => lead(one, "D")),
  fc.constant<Callout>({ kind: "clear", contestant: "A", stage: "quiz", ms: 1, points: "1" }),
);
const story = fc.array(fc.tuple(fc.nat({ max: 199 }), fc.record({ callouts: fc.array(callout, { maxLength: 3 }), close: fc.constantFrom(null, ["A", "B"] as const) })), { maxLength: 20 });

test("no scene is left before anybody can have read it, whatever happens while the contest runs", () => {
  fc.assert(
    fc.property(story, (told) => {
      const takes = played(200, new Map(told));
      for (let look = 1; look < takes.length; look++) {
        const [before, now] = [takes[look - 1]!, takes[look]!];
        if (now !== before) expect(now.since_ms - before.since_ms).toBeGreaterThanOrEqual(SHORTEST_MS);
      }
    }),
  );
});

test("no scene outstays its time", () => {
  fc.assert(
    fc.property(story, (told) => {
      played(200, new Map(told)).forEach((take, look) => void expect(look * LOOK_MS).toBeLessThan(take.until_ms + LOOK_MS));
    }),
  );
});

test("a change at the top is shown side by side, and a first clear in the light, as soon as the scene may be left", () => {
  const change = played(40, new Map([[14, { callouts: [lead("B", "A")] }]]));
  expect(change[14]!.program).toEqual({ scene: "head_to_head", left: "B", right: "A", lang: null });
  expect(change[14]!.until_ms - change[14]!.since_ms).toBe(LEAD_MS);
  const clear = played(40, new Map([[20, { callouts: [first("C")] }]]));
  expect(clear[20]!.program).toEqual({ scene: "spotlight", contestant: "C", lang: null });
  expect(clear[20]!.until_ms - clear[20]!.since_ms).toBe(FIRST_MS);
});

test("what is shown gives way to more interesting things only", () => {
  const takes = played(60, new Map([[20, { callouts: [lead("B", "A")] }], [36, { callouts: [first("C")] }]]));
  expect(takes[40]).toBe(takes[20]);
});

test("a close finish is shown, and not again at once", () => {
  const takes = played(400, new Map(Array.from({ length: 400 }, (_, look) => [look, { close: ["A", "B"] as const }])));
  const shown = [...new Set(takes)].filter(({ program }) => program.scene === "head_to_head").map(({ since_ms }) => since_ms);
  expect(shown.length).toBeGreaterThan(1);
  shown.slice(1).forEach((since_ms, index) => void expect(since_ms - shown[index]!).toBeGreaterThanOrEqual(CLOSE_AGAIN_MS));
});

test("while nothing happens, every scene of the round has its turn", () => {
  const scenes = new Set(played(400).map(({ program }) => program.scene));
  expect(scenes).toEqual(new Set(["ranking", "lanes", "duel"]));
  expect(new Set([direct(null, { ...quiet, venues: 1 }, 0).program.scene])).toEqual(new Set(["ranking"]));
});

test("before the start it counts down, and the countdown is over with the first second", () => {
  const before = direct(null, { ...quiet, phase: "before" }, 0);
  expect(before.program.scene).toBe("countdown");
  expect(direct(before, quiet, 100).program.scene).not.toBe("countdown");
});

test("a freeze takes everybody out of the light at once, and nobody comes into it while it lasts", () => {
  const lit = direct(null, { ...quiet, callouts: [first("A")] }, 0);
  expect(lit.program.scene).toBe("spotlight");
  let take = direct(lit, { ...quiet, isFrozen: true, callouts: [lead("B", "A")], close: ["A", "B"] }, 100);
  for (let look = 0; look < 300; look++) {
    expect(["ranking", "lanes", "duel"]).toContain(take.program.scene);
    take = direct(take, { ...quiet, isFrozen: true, callouts: [first("B")] }, 100 + look * LOOK_MS);
  }
});

test("the same sights at the same times give the same show", () => {
  fc.assert(fc.property(story, (told) => void expect(played(200, new Map(told))).toEqual(played(200, new Map(told)))));
});

test("a finish is close late in the contest, with less between the two than the cheapest stage brings", () => {
  const info = { id: "c", name: {}, venues: [], stages: [{ id: "quiz", points: "10" }, { id: "wiring", points: "4" }] };
  const board = (elapsed_ms: number, points: string) => ({
    state: stateAt(1, { elapsed_ms, duration_ms: 100_000 }),
    placed: [["A", "50"], ["B", points]].map(([id, sum], index) => ({ row: { id: id!, key: [index], points: sum!, cleared: 2 }, rank: index + 1, tied: 1 })),
  });
  expect(closeOf(info, board(80_000, "46"))).toEqual(["A", "B"]);
  expect(closeOf(info, board(80_000, "45"))).toBeNull();
  expect(closeOf(info, board(60_000, "46"))).toBeNull();
});
