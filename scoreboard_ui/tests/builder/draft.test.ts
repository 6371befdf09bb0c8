import fc from "fast-check";
import { expect, test } from "vitest";
import { blank } from "../../src/builder/blank.ts";
import { DraftStore, STEPS_KEPT } from "../../src/builder/draft.ts";
import { added, at, isWithin, moved, pathOf, pathText, put } from "../../src/builder/paths.ts";
import type { Draft } from "../../src/builder/types.ts";
import { Memory } from "../../src/room/storage.ts";

const named = (id: string): Draft => put(blank(), ["contest", "id"], id);

test("what is undone comes back, and what is done again stays", () => {
  const store = new DraftStore(new Memory());
  for (const id of ["a", "b", "c"]) store.change(named(id));
  store.undo();
  store.undo();
  expect([store.document.contest.id, store.canUndo, store.canRedo]).toEqual(["a", true, true]);
  store.redo();
  expect(store.document.contest.id).toBe("b");
  store.change(named("d"));
  expect(store.canRedo).toBe(false);
  store.undo();
  expect(store.document.contest.id).toBe("b");
});

test("typing in one field is one change, until something else is done", () => {
  const store = new DraftStore(new Memory());
  for (const id of ["c", "cu", "cup"]) store.change(named(id), "contest.id");
  store.change(put(store.document, ["contest", "minutes"], 90), "contest.minutes");
  store.undo();
  expect(store.document.contest).toMatchObject({ id: "cup" });
  store.undo();
  expect([store.document.contest.id, store.canUndo]).toEqual(["", false]);
  store.change(named("x"), "contest.id");
  store.seal();
  store.change(named("y"), "contest.id");
  store.undo();
  expect(store.document.contest.id).toBe("x");
});

test("whatever was changed and undone, the way back and forth leads over the same drafts", () => {
  const moves = fc.array(fc.oneof(fc.record({ does: fc.constant("change" as const), id: fc.string({ minLength: 1, maxLength: 4 }) }), fc.record({ does: fc.constantFrom("undo" as const, "redo" as const) })), { maxLength: 40 });
  fc.assert(
    fc.property(moves, (list) => {
      const store = new DraftStore(new Memory());
      let [past, now, future]: [string[], string, string[]] = [[], "", []];
      for (const move of list) {
        if (move.does === "change") {
          [past, now, future] = [[...past, now], move.id, []];
          store.change(named(move.id));
        } else if (move.does === "undo") {
          if (past.length > 0) [past, now, future] = [past.slice(0, -1), past.at(-1)!, [now, ...future]];
          store.undo();
        } else {
          if (future.length > 0) [past, now, future] = [[...past, now], future[0]!, future.slice(1)];
          store.redo();
        }
        expect([store.document.contest.id, store.canUndo, store.canRedo]).toEqual([now, past.length > 0, future.length > 0]);
      }
    }),
  );
});

test("so many steps are kept and no more", () => {
  const store = new DraftStore(new Memory());
  for (let n = 1; n <= STEPS_KEPT + 5; n += 1) store.change(named(`v${n}`));
  let undone = 0;
  for (; store.canUndo; undone += 1) store.undo();
  expect([undone, store.document.contest.id]).toEqual([STEPS_KEPT, "v5"]);
});

test("who leaves and comes back finds everything, contestants too", () => {
  const kept = new Memory();
  const store = new DraftStore(kept);
  store.change({ ...named("cup"), contestants: [{ id: "A1" }] });
  store.change(put(store.document, ["contest", "minutes"], 60));
  expect(new DraftStore(kept).document).toEqual(store.document);
  store.undo();
  store.undo();
  expect(new DraftStore(kept).document).toEqual(blank());
});

test("a browser that takes no more says so, and nothing is lost while the page is open", () => {
  const kept = new Memory();
  const full = { getItem: (key: string) => kept.getItem(key), removeItem: () => {}, setItem: () => { throw new Error("QuotaExceeded"); } };
  const store = new DraftStore(full);
  store.change(named("cup"));
  expect([store.keeping, store.document.contest.id]).toEqual(["full", "cup"]);
});

test("a kept draft that is none is left alone", () => {
  for (const text of ["{", "null", "7", '{"times":1,"document":{"format":2}}', '{"times":1}']) {
    const kept = new Memory();
    kept.setItem("builder/draft", text);
    expect(new DraftStore(kept).document).toEqual(blank());
  }
});

test("a place is the same written and read", () => {
  for (const text of ["contest.name.zh", "stages[2].aspects[0].bands[1].max", "venues", "ranking[10].by"]) expect(pathText(pathOf(text))).toBe(text);
  expect(pathOf("stages[2].max")).toEqual(["stages", 2, "max"]);
  expect([isWithin(pathOf("contest.name.zh"), pathOf("contest.name")), isWithin(pathOf("stages[1]"), pathOf("stages[10]")), isWithin(["a"], ["a", "b"])]).toEqual([true, false, false]);
});

test("changing a place leaves all others the very same", () => {
  const draft = { ...named("cup"), stages: [{ id: "one" }, { id: "two" }] };
  const next = put(draft, ["stages", 1, "aspects", 0, "max"], "5");
  expect(at(next, ["stages", 1, "aspects", 0, "max"])).toBe("5");
  expect(next.stages[0]).toBe(draft.stages[0]);
  expect(draft.stages[1]).toEqual({ id: "two" });
  expect(put(next, ["stages", 0], undefined).stages).toEqual([{ id: "two", aspects: [{ max: "5" }] }]);
  expect(put({ a: 1, b: 2 }, ["a"], undefined)).toEqual({ b: 2 });
});

test("moving keeps every item, puts the one where it should be, and leaves the order of the others", () => {
  const list = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(list, fc.nat(9), fc.nat(9), (items, from, to) => {
      const result = moved({ items }, ["items"], from, to).items;
      const isWithout = from >= items.length || to >= items.length;
      if (isWithout) expect(result).toEqual(items);
      else expect(result[to]).toBe(items[from]);
      expect(result.filter((each) => each !== items[from])).toEqual(items.filter((each) => each !== items[from]));
    }),
  );
  expect(added({ items: [1, 3] }, ["items"], 2, 1).items).toEqual([1, 2, 3]);
  expect(added({}, ["items"], 1)).toEqual({ items: [1] });
});
