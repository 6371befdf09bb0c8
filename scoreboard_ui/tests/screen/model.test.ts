import fc from "fast-check";
import { expect, test } from "vitest";
import type { ContestInfo } from "../../src/board/types.ts";
import { type Picture, type Pulse, ScreenModel } from "../../src/screen/model.ts";
import { FakeWorld } from "../board/fakes.ts";
import { framesOf, History, IDS, STAGES, story } from "../board/world.ts";

const info: ContestInfo = { id: "c", name: { zh: "赛" }, venues: [], stages: STAGES.map((id) => ({ id, name: { en: id } })), definition: 1 };

function shown() {
  const world = new FakeWorld();
  const pictures: Picture[] = [];
  const pulses: Pulse[] = [];
  const outdated: string[] = [];
  let paints: (() => void)[] = [];
  let afters: (() => void)[] = [];
  const model = new ScreenModel(
    info,
    (after) => `board?after=${after ?? ""}`,
    { draw: (p) => void pictures.push(p), pulse: (p) => void pulses.push(p), outdated: (what) => void outdated.push(what) },
    world,
    { before: (paint) => void paints.push(paint), after: (act) => void afters.push(act) },
  );
  model.socket.start();
  /** One animation frame, and what comes after it was painted. */
  const animate = (): void => {
    const [due, then] = [paints, () => afters];
    paints = [];
    for (const paint of due) paint();
    const acts = then();
    afters = [];
    for (const act of acts) act();
  };
  return { world, model, pictures, pulses, outdated, animate };
}

test("however many frames come between two animation frames, they are painted once and the last state is shown", () => {
  fc.assert(
    fc.property(story, fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }), (told, paintsAfter) => {
      const { world, pictures, animate } = shown();
      framesOf(told).forEach((frame, index) => {
        world.wire.say(frame);
        if (paintsAfter[index]) animate();
      });
      animate();
      const painted = pictures.length;
      animate();
      expect(pictures.length).toBe(painted);
      expect(painted).toBeLessThanOrEqual(paintsAfter.filter(Boolean).length + 1);
      const rows = told.history.rowsAt(told.history.steps.length);
      expect(new Map(pictures.at(-1)!.plates.map((plate) => [plate.id, plate.row]))).toEqual(rows);
    }),
  );
});

test("credit is given after the paint, once a paint, for what was painted", () => {
  const history = new History([1, 2, 3].map((n) => ({ row: { id: "A001", key: [-n] } })));
  const { world, animate } = shown();
  world.wire.say(history.frame(0, 1));
  world.wire.say(history.frame(1, 2));
  expect(world.wire.sent).toEqual([]);
  animate();
  expect(world.wire.sent).toEqual([{ type: "painted", to: 2 }]);
  animate();
  expect(world.wire.sent.length).toBe(1);
});

test("a plate that did not change keeps its identity", () => {
  const history = new History([{ row: { id: "A001", key: [1] } }, { row: { id: "A002", key: [2] } }, { row: { id: "A002", key: [3] } }]);
  const { world, pictures, animate } = shown();
  world.wire.say(history.frame(0, 2));
  animate();
  world.wire.say(history.frame(2, 3));
  animate();
  const [before, after] = pictures.map((p) => p.plates);
  expect(after![0]).toBe(before![0]);
  expect(after![1]).not.toBe(before![1]);
});

test("the order of plates in the document never changes while ranks do", () => {
  fc.assert(
    fc.property(story, (told) => {
      const { world, pictures, animate } = shown();
      for (const frame of framesOf(told)) {
        world.wire.say(frame);
        animate();
      }
      for (const { plates } of pictures) expect(plates.map(({ id }) => id)).toEqual(plates.map(({ id }) => id).toSorted());
    }),
  );
});

test("who moved is marked with the places gained, until the mark was long enough there", () => {
  const history = new History([{ row: { id: "A001", key: [1] } }, { row: { id: "A002", key: [2] } }, { row: { id: "A002", key: [0] } }]);
  const { world, model, pictures, animate } = shown();
  const moves = (): (number | undefined)[] => pictures.at(-1)!.plates.map((plate) => plate.move?.gained);
  world.wire.say(history.frame(0, 2));
  animate();
  expect(moves()).toEqual([undefined, undefined]);
  world.wire.say(history.frame(2, 3));
  animate();
  expect(moves()).toEqual([-1, 1]);
  world.time_ms += 20_000;
  model.tick();
  animate();
  expect(moves()).toEqual([undefined, undefined]);
});

test("a first clear is fed and shown large once, what the first frame brought is in the feed and never shown large", () => {
  const cell = { state: "cleared", ms: 7_000, first: true } as const;
  const history = new History([
    { row: { id: "A001", key: [-1], points: "1", stages: { quiz: cell } } },
    { row: { id: "A002", key: [0] } },
    { row: { id: "A002", key: [0], stages: { wiring: cell } } },
  ]);
  const { world, model, pictures, animate } = shown();
  world.wire.say(history.frame(0, 2));
  animate();
  const fed = (): unknown[] => pictures.at(-1)!.feed.map(({ callout, at_ms }) => [callout.kind, callout.contestant, at_ms]);
  expect([fed(), pictures.at(-1)!.sting]).toEqual([[["first", "A001", 7_000]], null]);
  world.time_ms += 2_000;
  for (let sent = 0; sent < 3; sent++) {
    world.wire.say(history.frame(2, 3));
    animate();
    expect(fed()).toEqual([["first", "A002", 7_000], ["first", "A001", 7_000]]);
    expect(pictures.at(-1)!.sting).toMatchObject({ kind: "first", contestant: "A002", stage: "wiring" });
  }
  world.time_ms += 6_000;
  model.tick();
  animate();
  expect(pictures.at(-1)!.sting).toBeNull();
});

test("another epoch is another ledger: it is learnt anew, in silence", () => {
  const history = new History([{ row: { id: "A001", key: [0], stages: { quiz: { state: "cleared" } } } }]);
  const { world, pictures, animate } = shown();
  world.wire.say(history.frame(0, 1));
  world.wire.say({ ...history.frame(0, 1), epoch: "restored", rows: [{ id: "A001", key: [0] }] });
  animate();
  expect(pictures.at(-1)!.feed).toEqual([]);
  world.wire.say({ ...history.frame(0, 1), epoch: "restored", from: 1, to: 2 });
  animate();
  expect(pictures.at(-1)!.feed.map(({ callout }) => callout.kind)).toEqual(["clear"]);
});

test("numbers are stale after ten silent seconds, and say how old they are", () => {
  const history = new History([{ row: { id: "A001", key: [1] } }]);
  const { world, model, pulses } = shown();
  world.wire.say(history.frame(0, 1));
  world.time_ms += 10_000;
  model.tick();
  expect(pulses.at(-1)!.staleFor_ms).toBeNull();
  world.time_ms += 2_000;
  model.tick();
  expect(pulses.at(-1)!.staleFor_ms).toBe(12_000);
});

test("a newer roster or another definition is asked for", () => {
  const history = new History([{ row: { id: "A001", key: [1] } }]);
  const { world, model, outdated } = shown();
  const frame = history.frame(0, 1);
  world.wire.say({ ...frame, state: { ...frame.state, roster: 3, definition: 1 } });
  expect(outdated).toEqual([]);
  model.know({ version: 2, contestants: IDS.map((id) => ({ id, name: { zh: id }, venue: "v" })) });
  world.wire.say({ ...frame, from: 1, state: { ...frame.state, roster: 3, definition: 2 } });
  expect(outdated).toEqual(["roster", "definition"]);
});

test("another ledger begins with an empty feed: what happened in the one before is no news of this one", () => {
  const history = new History([{ row: { id: "A001", key: [-1] } }, { row: { id: "A001", key: [-2], stages: { [STAGES[0]!]: { state: "cleared", ms: 5 } } } }]);
  const { world, pictures, animate } = shown();
  world.wire.say(history.frame(0, 1));
  animate();
  world.wire.say(history.frame(1, 2));
  animate();
  expect(pictures.at(-1)!.feed.length).toBeGreaterThan(0);
  world.wire.say({ ...history.frame(0, 1), epoch: "another" });
  animate();
  expect(pictures.at(-1)!.feed).toEqual([]);
  expect(pictures.at(-1)!.sting).toBeNull();
});

test("while names are on their way nobody is called by an id; where there are none the id stands for itself", () => {
  const history = new History([{ row: { id: "A001", key: [1] } }]);
  const { world, model, pictures, animate } = shown();
  const called = (): unknown => (animate(), pictures.at(-1)!.plates.map(({ person }) => person?.name?.zh ?? null));
  world.wire.say(history.frame(0, 1));
  expect(called()).toEqual(["\u00a0"]);
  expect(model.person("A001")).toBe(model.person("A001"));
  model.knowNobody();
  expect(called()).toEqual([null]);
  model.know({ version: 1, contestants: [{ id: "A001", name: { zh: "陈建国" }, venue: "x" }] });
  expect(called()).toEqual(["陈建国"]);
});
