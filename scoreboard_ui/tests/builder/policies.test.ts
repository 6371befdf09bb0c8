/** What a draft says beside its stages: which questions are not asked, and the criteria that marks belong to. */

import { expect, test } from "vitest";
import type { Rule } from "../../src/builder/answers.ts";
import { askedOf, offOf, strangersIn, withAsked } from "../../src/builder/asking.ts";
import { blank } from "../../src/builder/blank.ts";
import { gathered, needsCriteria, newCriterion, parentOf, withCriterionId, withTotal, worthBelow } from "../../src/builder/criteria.ts";
import { stepOf } from "../../src/builder/steps.ts";
import type { Draft } from "../../src/builder/types.ts";

const rule = (name: string, more: Partial<Rule> = {}): Rule => ({
  name, group: "question", kind: null, stations: [], places: ["doubts"], title: {}, purpose: {}, version: "1", options: [], enters: [], violations: [], examples: [], ...more,
});
const tree = rule("marking_tree", {
  options: [{ name: "criteria", title: {}, help: {}, type: "list", required: true }, { name: "out_of", title: {}, help: {}, type: "number", required: false }],
  examples: [{ says: {}, options: { out_of: 10, criteria: [{ id: "A", marks: 6 }] }, max: null, story: null, data: {}, result: null }],
});
const aspect = (criterion: string | undefined, max: string) => ({ id: `${criterion}${max}`, rule: "check", max, ...(criterion === undefined ? {} : { criterion }) });
const draft: Draft = {
  ...blank(),
  criteria: [{ id: "B", name: "Work", marks: 9 }, { id: "B1", marks: "3.5" }, { id: "B10", marks: 1 }],
  stages: [{ id: "x", aspects: [aspect("B1", "3.5"), aspect("B", "4.5"), aspect("B10", "1"), aspect(undefined, "7")] }],
};

test("a question that is turned off and on again leaves the draft as it was", () => {
  const off = withAsked(blank(), "pace", false);
  expect(off.doubts_defaults).toEqual({ off: ["pace"] });
  expect(withAsked(off, "pace", true)).toEqual(blank());
  expect(offOf(withAsked(withAsked(off, "late", false), "pace", true))).toEqual(["late"]);
  const odd = { ...blank(), doubts_defaults: { off: ["pace"], more: 1 } } as Draft;
  expect(withAsked(odd, "pace", true).doubts_defaults, "what the page does not know stays").toEqual({ more: 1 });
});

test("a question is asked, or is not, or is set elsewhere, or waits for a limit", () => {
  const some: Draft = { ...blank(), doubts: [{ rule: "pace" }], doubts_defaults: { off: ["pace", "clock", "gone"] } };
  expect(["pace", "clock", "sequence", "late"].map((each) => askedOf(some, each))).toEqual(["own", "off", "on", "idle"]);
  expect(askedOf({ ...some, clock: { late_after_s: 120 } }, "late")).toBe("on");
  expect(strangersIn(some, [rule("pace", { asked_always: true }), rule("clock", { asked_always: true }), rule("gone")])).toEqual(["gone"]);
});

test("faults of the clock policy, the questions and the criteria stand in the steps that have their fields", () => {
  expect(["clock.max_offset_ms", "doubts_defaults.off[0]", "criteria[0].marks"].map(stepOf)).toEqual(["contest", "stages", "order"]);
});

test("a criterion's id says what it is below", () => {
  const all = ["B", "B1", "B10", "B1.2", "BC"];
  expect(["B", "B1", "B10", "B1.2", "BC"].map((each) => parentOf(each, all))).toEqual([null, "B", "B", "B1", null]);
});

test("what is marked counts for its criterion and for those above, exactly", () => {
  expect(["B", "B1", "B10", "C"].map((each) => worthBelow(draft, each))).toEqual(["9", "3.5", "1", "0"]);
});

test("who names a criterion follows its id", () => {
  const next = withCriterionId(draft, 1, "B2");
  expect([next.criteria![1]!.id, next.stages[0]!.aspects!.map((each) => each["criterion"])]).toEqual(["B2", ["B2", "B", "B10", undefined]]);
  expect(withCriterionId({ ...draft, criteria: [{ id: "B" }, { id: "B" }] }, 0, "C").stages, "of two alike nobody knows which").toBe(draft.stages);
});

test("adding up by criteria begins with those of its example, or keeps the draft's, and holds none of its own", () => {
  expect(needsCriteria(tree) && !needsCriteria(rule("sum")) && !needsCriteria(null)).toBe(true);
  expect(withTotal(blank(), tree)).toMatchObject({ total: { rule: "marking_tree", out_of: 10 }, criteria: [{ id: "A", marks: 6 }] });
  expect(withTotal(draft, tree).criteria).toBe(draft.criteria);
  expect(withTotal(draft, tree).total).toEqual({ rule: "marking_tree", out_of: 10 });
});

test("two lists of criteria become one: the marks that count, the names that are there", () => {
  const twice: Draft = { ...draft, total: { rule: "marking_tree", criteria: [{ id: "B", marks: 12 }, { id: "D", marks: 1 }] } };
  expect(gathered(twice)).toMatchObject({ total: { rule: "marking_tree" }, criteria: [{ id: "B", name: "Work", marks: 12 }, { id: "D", marks: 1 }, { id: "B1" }, { id: "B10" }] });
  expect("criteria" in gathered(twice).total!).toBe(false);
});

test("a new criterion takes the next letter that is free", () => {
  expect([newCriterion([]).id, newCriterion([{ id: "A" }, { id: "C" }]).id]).toEqual(["A", "B"]);
  const all = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((id) => ({ id }));
  expect(newCriterion(all).id).toBe("C27");
});
