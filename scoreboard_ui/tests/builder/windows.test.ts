/** Two windows on one draft: what one changes reaches the other, and nothing that somebody typed is lost without being asked. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { Bench } from "../../src/builder/bench.svelte.ts";
import { blank } from "../../src/builder/blank.ts";
import { merged, partsOf } from "../../src/builder/differing.ts";
import { DraftStore } from "../../src/builder/draft.ts";
import { added, moved, put } from "../../src/builder/paths.ts";
import { KEPT_AT } from "../../src/builder/shelf.ts";
import type { Draft } from "../../src/builder/types.ts";
import { Memory, type Store } from "../../src/room/storage.ts";

const named = (id: string): Draft => put(blank(), ["contest", "id"], id);
const minutes = (draft: Draft, n: number): Draft => put(draft, ["contest", "minutes"], n);

/**
 * A browser: what windows write comes in one order, and each hears of it later. Windows of one process see what is written at once; of
 * several, each sees it when it hears of it, and its own at once.
 */
class Browser {
  readonly #isOneProcess: boolean;
  readonly #log: { readonly by: number; readonly key: string; readonly value: string }[] = [];
  readonly #seen: number[] = [];
  readonly windows: DraftStore[] = [];

  constructor(isOneProcess = false) {
    this.#isOneProcess = isOneProcess;
  }

  open(): DraftStore {
    const by = this.windows.length;
    this.#seen[by] = this.#log.length;
    const view: Store = {
      getItem: (key) => this.#log.filter((each, n) => each.key === key && (this.#isOneProcess || n < this.#seen[by]! || each.by === by)).at(-1)?.value ?? null,
      setItem: (key, value) => void this.#log.push({ by, key, value }),
      removeItem: () => {},
    };
    this.windows.push(new DraftStore(view));
    return this.windows[by]!;
  }

  /** Let a window hear the next of what the others wrote; false: there is nothing. */
  hear(window: number): boolean {
    const next = this.#log[this.#seen[window]!];
    if (next === undefined) return false;
    this.#seen[window]! += 1;
    if (next.by !== window) this.windows[window]!.heard(next.key);
    return true;
  }

  hearAll(): void {
    for (let window = 0; window < this.windows.length; window += 1) while (this.hear(window));
  }
}

test("what one window changes holds in the other, and one undo there takes all of it back", () => {
  const browser = new Browser();
  const [here, there] = [browser.open(), browser.open()];
  here.change(named("cup"));
  browser.hearAll();
  there.change(minutes(there.document, 90));
  browser.hearAll();
  expect(here.document).toMatchObject({ contest: { id: "cup", minutes: 90 } });
  for (const n of [91, 92, 93]) there.change({ ...minutes(there.document, n), contestants: [{ id: `B${n}` }] }, "contest.minutes");
  browser.hearAll();
  expect([here.document, here.isFollowing, here.conflict]).toEqual([there.document, true, null]);
  here.undo();
  expect([here.document.contest.minutes, here.isFollowing]).toEqual([undefined, false]);
  browser.hearAll();
  expect(there.document).toEqual(here.document);
});

const ROUNDS_MAX = 20;

/** Whoever is asked takes what stands in either. */
function takeBoth(store: DraftStore): void {
  if (store.conflict === null) return;
  const { mine, theirs } = store.conflict;
  const joined = <T extends { id: string }>(one: readonly T[] = [], other: readonly T[] = []): T[] => [...one, ...other.filter(({ id }) => !one.some((each) => each.id === id))];
  store.decide({ ...mine, venues: joined(mine.venues, theirs.venues), contestants: joined(mine.contestants, theirs.contestants) });
}

test.each([2, 3, 4])("whatever %i windows of one process or of several do, and whenever they hear of each other: once those who are asked took both, all have everything", (count) => {
  const steps = fc.array(fc.record({ window: fc.nat(count - 1), does: fc.constantFrom("venue", "person", "hear", "look", "take both") }), { maxLength: 15 * count });
  fc.assert(
    fc.property(steps, fc.boolean(), (list, isOneProcess) => {
      const browser = new Browser(isOneProcess);
      const windows = Array.from({ length: count }, () => browser.open());
      const made: string[] = [];
      for (const [n, { window, does }] of list.entries()) {
        const store = windows[window]!;
        if (does === "hear") browser.hear(window);
        else if (does === "look") store.heard(null);
        else if (does === "take both") takeBoth(store);
        else {
          const id = `v${n}`;
          made.push(id);
          store.change(added(store.document, [does === "venue" ? "venues" : "contestants"], { id }));
        }
      }
      browser.hearAll();
      const isAsked = windows.some((each) => each.conflict !== null);
      for (let round = 0; round < ROUNDS_MAX && windows.some((each) => each.conflict !== null); round += 1) {
        takeBoth(windows.find((each) => each.conflict !== null)!);
        browser.hearAll();
      }
      for (const each of windows) expect([each.conflict, each.document]).toEqual([null, windows[0]!.document]);
      const kept = windows[0]!.document;
      const ids = [...kept.venues, ...(kept.contestants ?? [])].map((each) => each.id);
      expect(made.filter((each) => !ids.includes(each)), isAsked ? "although somebody was asked" : "and nobody was asked").toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test("who slept while the other window worked is shown both, and the other waits for the choice", () => {
  const browser = new Browser();
  const [here, there] = [browser.open(), browser.open()];
  here.change(named("cup"));
  browser.hearAll();
  there.change(minutes(there.document, 90));
  here.change(added(here.document, ["venues"], { id: "yongjia" }));
  browser.hearAll();
  const [asked, other] = here.conflict === null ? [there, here] : [here, there];
  expect(other.conflict).toBeNull();
  const { mine, theirs, base } = asked.conflict!;
  const parts = partsOf(mine, theirs, base);
  expect(parts.map(({ step }) => step)).toEqual(["contest", "venues"]);
  const both = merged(mine, theirs, Object.fromEntries(parts.map(({ step, changed }) => [step, changed])));
  expect(both).toMatchObject({ contest: { id: "cup", minutes: 90 }, venues: [{ id: "yongjia" }] });
  asked.decide(both);
  browser.hearAll();
  expect([here.document, there.document, here.conflict, there.conflict]).toEqual([both, both, null, null]);
});

test.each(["mine", "theirs"] as const)("of another draft that was begun elsewhere, choosing %s holds in both, and the other is one undo away", (side) => {
  const browser = new Browser();
  const [here, there] = [browser.open(), browser.open()];
  here.change(named("cup"));
  browser.hearAll();
  there.begin(named("league"));
  browser.hearAll();
  expect([here.document.contest.id, here.conflict?.isOther, there.conflict]).toEqual(["cup", true, null]);
  here.decide(here.conflict![side]);
  browser.hearAll();
  const [stays, goes] = side === "mine" ? ["cup", "league"] : ["league", "cup"];
  expect([here.document.contest.id, there.document.contest.id, here.conflict, there.conflict]).toEqual([stays, stays, null, null]);
  here.undo();
  browser.hearAll();
  expect([here.document.contest.id, there.document.contest.id]).toEqual([goes, goes]);
});

test("taking back what was begun elsewhere ends the question by itself", () => {
  const browser = new Browser();
  const [here, there] = [browser.open(), browser.open()];
  here.change(named("cup"));
  browser.hearAll();
  there.begin(named("league"));
  browser.hearAll();
  there.undo();
  browser.hearAll();
  expect([here.conflict, here.document.contest.id]).toEqual([null, "cup"]);
});

test("contestants that were kept before they had a name are found, and changed like any others", () => {
  const kept = new Memory();
  kept.setItem(KEPT_AT, JSON.stringify({ times: 3, document: { ...named("cup"), venues: [], stages: [] }, knows: {}, draft: "d" }));
  kept.setItem("builder/contestants", JSON.stringify([{ id: "A1" }]));
  const [here, there] = [new DraftStore(kept), new DraftStore(kept)];
  here.change(added(here.document, ["contestants"], { id: "A2" }));
  there.heard(KEPT_AT);
  expect([there.document.contestants?.map((each) => each.id), there.conflict, here.conflict]).toEqual([["A1", "A2"], null, null]);
});

test("a window of an older page finds its list of contestants where it left it, whatever this page keeps", () => {
  const kept = new Memory();
  const before = JSON.stringify([{ id: "A1" }]);
  kept.setItem(KEPT_AT, JSON.stringify({ times: 3, document: { ...named("cup"), venues: [], stages: [] }, knows: {}, draft: "d" }));
  kept.setItem("builder/contestants", before);
  const here = new DraftStore(kept);
  here.change(added(here.document, ["contestants"], { id: "A2" }));
  expect(kept.getItem("builder/contestants")).toBe(before);
  kept.setItem("builder/contestants", JSON.stringify([{ id: "B1" }]));
  expect(new DraftStore(kept).document.contestants?.map((each) => each.id)).toEqual(["A1", "A2"]);
});

test.each(['"text"', "7", "true", "null", "{}", '{"name":1}', '{"name":"a","list":7}', "{"])("where %s is kept instead of contestants, the draft is found without any", (text) => {
  for (const key of ["builder/people", "builder/contestants"]) {
    const kept = new Memory();
    kept.setItem(KEPT_AT, JSON.stringify({ times: 3, document: { ...named("cup"), venues: [], stages: [] }, knows: {}, draft: "d" }));
    kept.setItem(key, text);
    const here = new DraftStore(kept);
    expect([here.document.contest.id, here.document.contestants]).toEqual(["cup", []]);
    here.change(added(here.document, ["contestants"], { id: "A1" }));
    expect(new DraftStore(kept).document.contestants).toEqual([{ id: "A1" }]);
  }
});

test("a window with nothing in it takes what the other began", () => {
  const browser = new Browser();
  const [here, there] = [browser.open(), browser.open()];
  there.begin(named("league"));
  browser.hearAll();
  expect([here.document.contest.id, here.conflict]).toEqual(["league", null]);
});

test("a tab that is left before somebody chose comes back with the same question", () => {
  const [kept, tab] = [new Memory(), new Memory()];
  const [here, there] = [new DraftStore(kept, tab), new DraftStore(kept)];
  here.change(named("cup"));
  there.heard(KEPT_AT);
  there.change(minutes(there.document, 90));
  here.change(minutes(here.document, 30));
  expect(here.conflict).not.toBeNull();
  const again = new DraftStore(kept, tab);
  expect([again.document.contest.minutes, again.conflict?.theirs.contest.minutes, again.conflict?.isOther]).toEqual([30, 90, false]);
  again.decide(again.conflict!.mine);
  there.heard(KEPT_AT);
  expect([there.document.contest.minutes, new DraftStore(kept, tab).conflict]).toEqual([30, null]);
});

/** A store with room for so many characters a value. */
class Small extends Memory {
  most_chars: number;

  constructor(most_chars: number) {
    super();
    this.most_chars = most_chars;
  }

  override setItem(key: string, value: string): void {
    if (value.length > this.most_chars) throw new Error("QuotaExceededError");
    super.setItem(key, value);
  }
}

const many = (draft: Draft, n: number): Draft => ({ ...draft, contestants: Array.from({ length: n }, (_, i) => ({ id: `A${i}` })) });

test.each(["mine", "theirs"] as const)("what the browser had no room for is replaced by no other window unasked; after choosing %s the head says how it is kept", (side) => {
  const kept = new Small(1_000);
  const [here, there] = [new DraftStore(kept), new DraftStore(kept)];
  here.change(named("cup"));
  there.heard(KEPT_AT);
  here.change(many(here.document, 500));
  expect(here.keeping).toBe("full");
  there.change(minutes(there.document, 90));
  here.heard(KEPT_AT);
  expect([here.document.contestants?.length, here.conflict?.theirs.contest.minutes]).toEqual([500, 90]);
  here.decide(here.conflict![side]);
  expect([here.conflict, here.keeping]).toEqual([null, side === "mine" ? "full" : "kept"]);
});

test("a window that was quiet while many others came and went is asked once, and follows again after that", () => {
  const browser = new Browser();
  const quiet = browser.open();
  quiet.change(named("cup"));
  for (let n = 1; n <= 9; n += 1) {
    const next = browser.open();
    next.heard(null);
    next.change(minutes(next.document, n));
  }
  browser.hearAll();
  const last = browser.windows.at(-1)!;
  last.change(minutes(last.document, 20));
  browser.hearAll();
  if (quiet.conflict !== null) quiet.decide(quiet.conflict.theirs);
  for (const n of [21, 22]) {
    last.change(minutes(last.document, n));
    browser.hearAll();
    expect([quiet.conflict, quiet.document.contest.minutes]).toEqual([null, n]);
  }
});

test.each([["all of it", 100_000, 30], ["no room for what both began with", 400, 30], ["no room at all", 10, 50]])("a tab that is left with %s never comes back with less than it had", (_, room_chars, minutes_after) => {
  const [kept, tab] = [new Memory(), new Small(100_000)];
  const [here, there] = [new DraftStore(kept, tab), new DraftStore(kept)];
  here.change(named("cup"));
  there.heard(KEPT_AT);
  there.change(minutes(there.document, 50));
  here.change(minutes(here.document, 20));
  tab.most_chars = room_chars;
  here.change(minutes(here.document, 30));
  const again = new DraftStore(kept, tab);
  expect(again.document.contest.minutes).toBe(minutes_after);
  expect(again.conflict?.mine.contest.minutes).toBe(minutes_after === 30 ? 30 : undefined);
});

test("a tab whose browser forgot the draft meanwhile comes back with its own, and keeps it again", () => {
  const [kept, tab] = [new Memory(), new Memory()];
  const [here, there] = [new DraftStore(kept, tab), new DraftStore(kept)];
  here.change(named("cup"));
  there.heard(KEPT_AT);
  there.change(minutes(there.document, 90));
  here.change(minutes(here.document, 30));
  kept.removeItem(KEPT_AT);
  const again = new DraftStore(kept, tab);
  expect([again.document.contest.minutes, again.conflict, again.keeping]).toEqual([30, null, "kept"]);
  expect([new DraftStore(kept).document.contest.minutes, tab.getItem("builder/aside")]).toEqual([30, null]);
});

test("where what is kept is no draft, it is left alone, the head says so, and a reload has all of it", () => {
  const [kept, tab] = [new Memory(), new Memory()];
  kept.setItem(KEPT_AT, "{");
  const here = new DraftStore(kept, tab);
  here.change(named("c"));
  here.change(named("cup"));
  const again = new DraftStore(kept, tab);
  expect([here.keeping, kept.getItem(KEPT_AT), again.document.contest.id, again.keeping]).toEqual(["full", "{", "cup", "full"]);
});

test("the stage in hand is the same one wherever another window puts it, and another one only where it is gone", () => {
  const browser = new Browser();
  const there = browser.open();
  there.change({ ...named("cup"), stages: [{ id: "a" }, { id: "b" }, { id: "c" }] });
  const here = browser.open();
  const bench = new Bench(null!, here, "#stages");
  bench.stage = 1;
  const before = bench.hand;
  const seen = (change: Draft): unknown => {
    there.change(change);
    browser.hearAll();
    return [bench.draft.stages[bench.stage]?.id, bench.hand - before];
  };
  expect(seen(added(there.document, ["stages"], { id: "new" }, 0))).toEqual(["b", 0]);
  expect(seen(moved(there.document, ["stages"], 2, 3))).toEqual(["b", 0]);
  expect(seen(put(there.document, ["stages", 3, "id"], "b2"))).toEqual(["b2", 0]);
  expect(seen(put(there.document, ["stages", 0], undefined))).toEqual(["b2", 0]);
  expect(seen(put(there.document, ["stages", 2], undefined))).toEqual([undefined, 1]);
});

test("where two drafts differ is named by what people called it", () => {
  const base: Draft = { ...named("cup"), stages: [{ id: "quiz", name: "Quiz", points: "10" }, { id: "wire" }, { id: "end" }] };
  const mine = put(base, ["stages", 0, "points"], "12");
  const theirs: Draft = { ...base, stages: [base.stages[1]!, base.stages[0]!, { id: "more" }] };
  const [part] = partsOf(mine, theirs, base);
  const said = part!.differences.map(({ where, mine: one, theirs: other }) => [where.map((each) => ("name" in each ? each.id : each.field)).join("/"), one === undefined, other === undefined]);
  expect(said).toEqual([["stages/quiz/points", false, false], ["stages/end", false, true], ["stages/more", true, false], ["stages/order", false, false]]);
  expect([part!.step, part!.changed, partsOf(base, theirs, base)[0]!.changed, partsOf(mine, mine, base)]).toEqual(["stages", "mine", "theirs", []]);
});
