/** The spectators' page without a browser: what is asked for, what is kept, when it sleeps, which rows are drawn. */

import { describe, expect, it } from "vitest";
import type { ContestantInfo, Frame, Row } from "../../src/board/types.ts";
import { Afar, PAUSE_MS, type Ranked } from "../../src/live/afar.ts";
import { byRank, entriesFor, entriesOf, venueOnly } from "../../src/live/entries.ts";
import { found } from "../../src/live/finding.ts";
import { Following, FOLLOWED_MAX } from "../../src/live/following.ts";
import { LiveModel, type Picture, type Pulse } from "../../src/live/model.ts";
import { AWAKE_MS, Sleep } from "../../src/live/sleep.ts";
import { BEYOND, sliceOf } from "../../src/live/slice.ts";
import { barsOf, failed, percent } from "../../src/live/statistics.ts";
import { SMALL_MAX, TOP, viewFor } from "../../src/live/views.ts";
import { Memory } from "../../src/room/storage.ts";
import { FakeWorld } from "../board/fakes.ts";
import { stateAt } from "../board/world.ts";

const row = (id: string, key: number, more: Partial<Row> = {}): Row => ({ id, key: [key], points: String(-key), cleared: 0, ...more });
const frame = (from: number, to: number, rows: readonly Row[], gone: readonly string[] = []): Frame => ({ type: "frame", epoch: "e", from, to, total: 3, state: stateAt(to, { roster: 1, definition: 1 }), rows, gone });
const person = (id: string, venue: string, more: Partial<ContestantInfo> = {}): ContestantInfo => ({ id, venue, ...more });

class Looking {
  readonly world = new FakeWorld();
  readonly pictures: Picture[] = [];
  readonly heard: unknown[] = [];
  pulse: Pulse | null = null;
  outdated = 0;
  readonly model = new LiveModel(
    (view, after) => `${view}@${after ?? ""}`,
    { draw: (picture) => this.pictures.push(picture), pulse: (pulse) => (this.pulse = pulse), outdated: () => (this.outdated += 1), heard: (callouts) => this.heard.push(...callouts) },
    this.world,
    { before: (paint) => paint(), after: (act) => act() },
  );

  constructor() {
    this.model.know({ version: 1, contestants: [person("A", "x"), person("B", "y"), person("C", "x")] }, 1);
    this.model.show("all");
  }

  get ids(): string[] {
    return this.pictures.at(-1)!.placed.map(({ row: { id } }) => id);
  }
}

describe("the model", () => {
  it("shows the ranking, marks who moved, and pays its credit", () => {
    const looking = new Looking();
    looking.world.wire.say(frame(0, 3, [row("A", -2), row("B", -1), row("C", 0)]));
    expect(looking.ids).toEqual(["A", "B", "C"]);
    looking.world.wire.say(frame(3, 4, [row("C", -5)]));
    expect(looking.ids).toEqual(["C", "A", "B"]);
    expect(looking.pictures.at(-1)!.moves.get("C")!.gained).toBe(2);
    expect(looking.world.wire.sent).toEqual([{ type: "painted", to: 3 }, { type: "painted", to: 4 }]);
  });

  it("lets go of the socket while it sleeps, and resumes by its cursor", () => {
    const looking = new Looking();
    looking.world.wire.say(frame(0, 3, [row("A", -2), row("B", -1)]));
    looking.model.sleep();
    expect(looking.world.wires).toHaveLength(1);
    expect(looking.world.wire.isClosed).toBe(true);
    expect(looking.pulse!.isAsleep).toBe(true);
    looking.model.hurry();
    expect(looking.world.wires).toHaveLength(1);
    looking.model.wake();
    expect(looking.world.wire.address).toBe("all@e:3");
    looking.world.wire.say(frame(3, 9, [row("B", -4)]));
    expect(looking.ids).toEqual(["B", "A"]);
    expect(looking.pulse!.isAsleep).toBe(false);
  });

  it("begins anew with another view, and keeps showing what it had until that comes", () => {
    const looking = new Looking();
    looking.world.wire.say(frame(0, 3, [row("A", -2)]));
    const first = looking.world.wire;
    looking.model.show("venue:y");
    expect(first.isClosed).toBe(true);
    expect(looking.world.wire.address).toBe("venue:y@");
    expect(looking.pictures.at(-1)!.view).toBe("all");
    looking.world.wire.say(frame(0, 3, [row("B", -1)]));
    expect(looking.pictures.at(-1)!.view).toBe("venue:y");
    expect(looking.ids).toEqual(["B"]);
  });

  it("does not open a socket for a view that is chosen in its sleep", () => {
    const looking = new Looking();
    looking.model.sleep();
    looking.model.show("venue:y");
    expect(looking.world.wires).toHaveLength(1);
    looking.model.wake();
    expect(looking.world.wire.address).toBe("venue:y@");
  });

  it("says each clear once, and nothing of what was there before", () => {
    const looking = new Looking();
    const cleared = (id: string, key: number): Row => row(id, key, { cleared: 1, stages: { quiz: { state: "cleared", ms: 5 } } });
    looking.world.wire.say(frame(0, 3, [cleared("A", -2), row("B", -1)]));
    expect(looking.heard).toEqual([]);
    looking.world.wire.say(frame(3, 4, [cleared("B", -1)]));
    looking.world.wire.say(frame(3, 4, [cleared("B", -1)]));
    expect(looking.heard).toMatchObject([{ kind: "clear", contestant: "B", stage: "quiz" }]);
  });

  it("tells how old it is, and asks for names that it does not have", () => {
    const looking = new Looking();
    looking.world.wire.say({ ...frame(0, 3, [row("A", -2)]), state: stateAt(3, { roster: 2, definition: 1 }) });
    expect(looking.outdated).toBe(1);
    looking.world.time_ms += 12_000;
    looking.model.tick();
    expect(looking.pulse!.staleFor_ms).toBe(12_000);
  });
});

describe("sleep", () => {
  it("falls after a minute out of sight, not before, and wakes once", () => {
    const world = new FakeWorld();
    const said: string[] = [];
    const sleep = new Sleep({ fall: () => said.push("fall"), wake: () => said.push("wake") }, world);
    sleep.hidden();
    world.pass(AWAKE_MS - 1);
    sleep.shown();
    world.pass(AWAKE_MS);
    expect(said).toEqual([]);
    sleep.hidden();
    world.pass(AWAKE_MS);
    expect(said).toEqual(["fall"]);
    sleep.shown();
    sleep.shown();
    expect(said).toEqual(["fall", "wake"]);
  });
});

describe("following", () => {
  it("is kept for each contest, and survives whatever stands in the store", () => {
    const store = new Memory();
    const cup = new Following(store, "cup");
    cup.toggle("B");
    cup.toggle("A");
    cup.toggle("B");
    expect(new Following(store, "cup").ids).toEqual(["A"]);
    expect(new Following(store, "other").ids).toEqual([]);
    store.setItem("follow/cup", '{"no":"list"}');
    expect(new Following(store, "cup").ids).toEqual([]);
    store.setItem("follow/cup", '["A",7,"A","",null]');
    expect(new Following(store, "cup").ids).toEqual(["A"]);
  });

  it("refuses one too many", () => {
    const following = new Following(new Memory(), "cup");
    for (let n = 0; n < FOLLOWED_MAX; n++) expect(following.toggle(`C${n}`)).toBe(true);
    expect(following.toggle("late")).toBe(false);
    expect(following.toggle("C0")).toBe(true);
    expect(following.toggle("late")).toBe(true);
  });
});

describe("people afar", () => {
  const answering = (ranks: Record<string, number>, asked: string[][], to = () => 1) => async (ids: readonly string[]) => {
    asked.push([...ids]);
    return { to: to(), rows: ids.map((id): Ranked => ({ ...row(id, 0), rank: ranks[id] ?? null })) };
  };

  it("are asked for when somebody new is wanted or the board moved, and not before the pause is over", async () => {
    const asked: string[][] = [];
    let now_ms = 0;
    const afar = new Afar(answering({ A: 60 }, asked), () => now_ms);
    expect(await afar.want(["A"], 1)).toBe(true);
    expect(await afar.want(["A"], 2)).toBe(false);
    now_ms += PAUSE_MS;
    expect(await afar.want(["A"], 1)).toBe(false);
    expect(await afar.want(["A"], 2)).toBe(true);
    now_ms += PAUSE_MS / 10;
    expect(await afar.want(["A", "B"], 2)).toBe(true);
    expect(await afar.want([], 9)).toBe(false);
    expect(asked).toEqual([["A"], ["A"], ["A", "B"]]);
  });

  it("keep what was known when the server is away, and show how far they moved", async () => {
    let now_ms = 0;
    const ranks = { A: 60 };
    let isAway = false;
    const ask = answering(ranks, []);
    const afar = new Afar((ids) => (isAway ? Promise.reject(new Error("away")) : ask(ids)), () => now_ms);
    await afar.want(["A"], 1);
    isAway = true;
    now_ms += PAUSE_MS;
    expect(await afar.want(["A"], 2)).toBe(false);
    expect(afar.rows.get("A")!.rank).toBe(60);
    isAway = false;
    ranks.A = 52;
    now_ms += PAUSE_MS;
    await afar.want(["A"], 3);
    expect(afar.rows.get("A")).toMatchObject({ rank: 52, move: { gained: 8 } });
  });
});

describe("lists", () => {
  const people = new Map([person("A", "x"), person("B", "y"), person("C", "x")].map((each) => [each.id, each]));
  const placed = [{ row: row("A", -3), rank: 1, tied: 1 }, { row: row("B", -2), rank: 2, tied: 1 }, { row: row("C", -1), rank: 3, tied: 1 }];

  it("of one venue are ranked among themselves", () => {
    expect(venueOnly(placed, "x", people).map(({ row: { id }, rank }) => [id, rank])).toEqual([["A", 1], ["C", 2]]);
  });

  it("take whoever is at hand from the view, and others from afar, by rank", () => {
    const near = new Map(entriesOf(placed.slice(0, 2), new Map()).map((entry) => [entry.id, entry]));
    const far = new Map([["Z", { row: row("Z", 0), rank: 70, move: null }]]);
    expect(byRank(entriesFor(["Z", "unknown", "B", "A"], near, far)).map(({ id, rank }) => [id, rank])).toEqual([["A", 1], ["B", 2], ["Z", 70], ["unknown", null]]);
  });

  it("have only rows near the window in the document", () => {
    expect(sliceOf(1_000, 50, 0, 500)).toEqual({ from: 0, to: 10 + BEYOND });
    expect(sliceOf(1_000, 50, -25_000, 500)).toEqual({ from: 500 - BEYOND, to: 510 + BEYOND });
    expect(sliceOf(1_000, 50, -90_000, 500)).toEqual({ from: 1_000, to: 1_000 });
    expect(sliceOf(1_000, 50, 9_000, 500)).toEqual({ from: 0, to: 0 });
    expect(sliceOf(3, 50, 0, 500)).toEqual({ from: 0, to: 3 });
  });

  it("are found by any words of a name, a number or an employer", () => {
    const all = [person("A1", "x", { name: { zh: "陈建国", en: "Chen Jianguo" }, employer: { zh: "永嘉供电" } }), person("B2", "y", { name: { zh: "朱振华" }, number: "７" })];
    const ids = (text: string): string[] => found(all, text).map(({ id }) => id);
    expect([ids("chen"), ids("建国"), ids("供电 CHEN"), ids("7"), ids("chen 振华"), ids("  ")]).toEqual([["A1"], ["A1"], ["A1"], ["B2"], [], []]);
  });

  it("ask for as little as shows them", () => {
    expect([viewFor(SMALL_MAX, "x", false), viewFor(SMALL_MAX + 1, null, false), viewFor(1_000, "x", false), viewFor(1_000, null, true)]).toEqual(["all", `top:${TOP}`, "venue:x", "all"]);
  });
});

describe("statistics", () => {
  const count = { contestants: 8, tried: 6, cleared: 2, pending: 1, working: 1, best_ms: 5, median_ms: 5 };

  it("are bars without a gap, in parts of a hundred", () => {
    expect(barsOf(count)).toEqual([{ part: "cleared", from: 0, size: 25 }, { part: "pending", from: 25, size: 12.5 }, { part: "working", from: 37.5, size: 12.5 }, { part: "tried", from: 50, size: 25 }]);
    expect([failed(count), percent(count)]).toEqual([2, 25]);
    expect([barsOf({ ...count, contestants: 0 }), percent({ ...count, contestants: 0 })]).toEqual([[], 0]);
  });

  it("do not take who is at it for who failed", () => {
    const atIt = { ...count, tried: 3, cleared: 0, pending: 0, working: 3 };
    expect([failed(atIt), barsOf(atIt).map(({ part }) => part)]).toEqual([0, ["working"]]);
  });
});
