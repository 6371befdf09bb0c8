import { expect, test } from "vitest";
import type { ContestInfo, Roster } from "../../src/board/types.ts";
import { undoneBy, whatItDid } from "../../src/referee/rulings.ts";
import { Names } from "../../src/room/names.ts";
import { voiceOf } from "../../src/room/saying.ts";
import type { Ruling } from "../../src/room/types.ts";

const t = voiceOf(() => "en");
const form = { stage: "wiring", fields: [], names: { work: { zh: "工艺", en: "Workmanship" } } };
const names = new Names({ id: "cup", stages: [], venues: [] } as unknown as ContestInfo, { version: 1, contestants: [] } as Roster, [{ id: "R1", name: { zh: "胡静", en: "Hu Jing" } }], [form]);
const ruling = (id: string, more: Partial<Ruling>): Ruling => ({
  id, position: 1, at: "2026-11-22T01:00:00Z", official: "R1", contestant: "A1", stage: "wiring", attempt: null, action: { verb: "override", marks: "10" }, code: "checked", reason: "seen",
  needs: [], state: "in_force", second: null, undone_by: null, summary: { zh: "改判 10 分", en: "overridden: 10 marks" }, ...more,
});
const first = ruling("ruling-1-a", { state: "undone", undone_by: "ruling-2-b" });
const undo = ruling("ruling-2-b", { action: { verb: "undo", act: "ruling-1-a" }, summary: { zh: "ruling-1-a 已撤销", en: "ruling-1-a undone" } });

test("an undo says what it undid, and what is undone by whom: by no name that a program gave", () => {
  const all = [undo, first];
  expect(whatItDid(t, undo, all, names)).toBe("Undo: overridden: 10 marks");
  expect(whatItDid(t, first, all, names)).toBe("overridden: 10 marks");
  expect(undoneBy(t, first, all, names)).toMatch(/^undone by R1 Hu Jing · /);
  expect(undoneBy(t, undo, all, names)).toBeNull();
});

test("an aspect goes by its name", () => {
  const given = ruling("ruling-3-c", { action: { verb: "override", aspect: "work", marks: "10" }, summary: { zh: "改判 work：10 分", en: "overridden work: 10 marks" } });
  expect(whatItDid(t, given, [], names)).toBe("overridden Workmanship: 10 marks");
});

test("where the other one is not among those that are shown, it keeps its name", () => {
  expect(whatItDid(t, undo, [undo], names)).toBe("ruling-1-a undone");
  expect(undoneBy(t, first, [first], names)).toBe("undone by ruling-2-b");
});
