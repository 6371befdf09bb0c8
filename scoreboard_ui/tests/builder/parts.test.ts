import { expect, test } from "vitest";
import type { CellFault, Rule, Sheet } from "../../src/builder/answers.ts";
import { blank } from "../../src/builder/blank.ts";
import { called, faultText, idFor, namesOf, withStageId, withVenueId } from "../../src/builder/naming.ts";
import { emptyItem, found, newAspect, typedAs } from "../../src/builder/options.ts";
import { sendable } from "../../src/builder/sending.ts";
import { byCell, headingOf, rowsShown, sought, tableOf, takenIn, withCell, withHeadings } from "../../src/builder/sheets.ts";
import { statusOf, STEPS, stepOf } from "../../src/builder/steps.ts";
import { worthOf, worthOfAll } from "../../src/builder/sums.ts";
import { choicesOf, duelOf, isDescending, titleOf } from "../../src/builder/ties.ts";
import type { Draft } from "../../src/builder/types.ts";
import { voiceOf } from "../../src/room/saying.ts";

const draft: Draft = {
  ...blank(),
  contest: { id: "cup", name: { zh: "杯", en: "Cup" } },
  venues: [{ id: "yongjia", name: { zh: "永嘉", en: "Yongjia" } }, { id: "yueqing" }],
  contestants: [{ id: "A1", venue: "yongjia", name: "陈" }, { id: "B1", venue: "yueqing", name: { zh: "李", en: "Li" } }],
  stages: [
    { id: "wiring", group: "practical", aspects: [{ id: "a", rule: "check", max: "0.1" }, { id: "b", rule: "check", max: 0.2 }] },
    { id: "quiz", points: "20", rules: [{ rule: "opens_after", stages: ["wiring"] }] },
  ],
  ranking: [{ by: "points" }, { by: "stage:wiring" }],
};
const rule = (name: string, more: Partial<Rule> = {}): Rule => ({
  name, group: "measurement", kind: "measurement", stations: ["score"], places: ["aspect"], title: { zh: name, en: name }, purpose: { zh: "用途", en: "purpose" }, version: "1", options: [], enters: [], violations: [], examples: [], ...more,
});

test("an id is made out of the English name, else it is a number, and never one that is taken", () => {
  expect([idFor({ en: "Panel wiring (B)" }, "stage", []), idFor({ zh: "配盘接线" }, "stage", ["stage_1"]), idFor({ en: "Quiz" }, "stage", ["quiz"])]).toEqual(["panel_wiring_b", "stage_2", "quiz_2"]);
});

test("an id follows the name it was made of, and stays where somebody chose it", () => {
  const made = called([{ id: "", name: {} }], 0, { en: "Yong" }, "venue");
  expect(made[0]!.id).toBe("yong");
  expect(called(made, 0, { en: "Yongjia" }, "venue")[0]!.id).toBe("yongjia");
  expect(called([{ id: "north", name: { en: "Yong" } }], 0, { en: "Yongjia" }, "venue")[0]!.id).toBe("north");
});

test("who belongs to a venue stays with it when its id changes", () => {
  const next = withVenueId({ ...draft, officials: [{ id: "R1", venue: "yongjia" }] }, 0, "north");
  expect([next.venues[0]!.id, next.contestants?.map((each) => each.venue), next.officials?.[0]?.venue]).toEqual(["north", ["north", "yueqing"], "north"]);
});

test("rules and ties that name a stage follow its id", () => {
  const timed = { ...draft, ranking: [...draft.ranking!, { by: "stage_ms:wiring" }, { by: "group:wiring" }] };
  const next = withStageId(timed, 0, "panel");
  expect(next.stages[1]!.rules).toEqual([{ rule: "opens_after", stages: ["panel"] }]);
  expect(next.ranking?.map((link) => link.by)).toEqual(["points", "stage:panel", "stage_ms:panel", "group:wiring"]);
});

test("points add up exactly, and the distance to 100 is said", () => {
  expect(worthOf(draft.stages[0]!)).toBe("0.3");
  expect(worthOfAll(draft)).toEqual({ points: "20.3", off: "-79.7" });
  expect(worthOf({ id: "bare" })).toBe("1");
  expect(worthOfAll({ ...draft, stages: [{ id: "x", points: "100.5" }] }).off).toBe("0.5");
});

test("what is empty does not travel, and no place in a list moves", () => {
  const sent = sendable({ ...draft, organiser: "", contest: { ...draft.contest, organiser: {}, minutes: "" }, stages: [{ id: "" }, { id: "x", points: "" }], ties: {} });
  expect(sent).toMatchObject({ stages: [{}, { id: "x" }], ties: {} });
  expect([sent.contest, "organiser" in sent]).toEqual([{ id: "cup", name: { zh: "杯", en: "Cup" } }, false]);
});

test("every fault belongs to one step, and a step says how many there are", () => {
  const fault = (where: string) => ({ where, code: "x", message: { en: where } });
  expect(["contest.id", "stages[1].rules[0].stages", "rules[0]", "ranking[1].by", "referees.second_points", "document"].map(stepOf)).toEqual(["contest", "stages", "stages", "order", "officials", "finish"]);
  const known = { draft, faults: [fault("stages[0].id"), fault("rules[0].seconds")], hasTried: false, isAdopted: false };
  expect(STEPS.map((step) => statusOf(step, known))).toEqual([
    { kind: "ok" }, { kind: "ok" }, { kind: "ok" }, { kind: "faults", count: 2 }, { kind: "ok" }, { kind: "optional" }, { kind: "todo" }, { kind: "todo" },
  ]);
  expect(statusOf("venues", { ...known, draft: blank(), faults: [fault("venues")] })).toEqual({ kind: "todo" });
});

test("times rank from below, everything else from above, and the example shows it", () => {
  expect([isDescending({ by: "points" }), isDescending({ by: "time_ms" }), isDescending({ by: "time_ms", order: "desc" })]).toEqual([true, false, true]);
  expect([duelOf({ by: "points" }).first, duelOf({ by: "time_ms" }).first, duelOf({ by: "time_ms", order: "desc" }).first]).toEqual([0, 0, 1]);
  expect(duelOf({ by: "time_ms", unit: "second" }).first).toBeNull();
});

test("a tie chain offers what it does not have yet, stages and groups by their names", () => {
  const measures = [{ by: "points", title: { en: "more points first" }, descending: true }, { by: "cleared", title: { en: "more cleared first" }, descending: true }];
  expect(choicesOf(draft, measures).map((each) => each.by)).toEqual(["cleared", "group:practical", "group_ms:practical", "stage_ms:wiring", "stage:quiz", "stage_ms:quiz"]);
  expect([titleOf("points", draft, measures).en, titleOf("group:practical", draft, measures).en, titleOf("odd", draft, measures).en]).toEqual(["more points first", "more marks in “practical” first", "odd"]);
});

test("what is typed travels as what it is, and what is no number stays as typed", () => {
  expect([typedAs("integer", " 12 "), typedAs("integer", "1.5"), typedAs("number", "２．５0"), typedAs("number", "a lot"), typedAs("text", " "), typedAs("text", "x ")]).toEqual([12, "1.5", "2.50", "a lot", undefined, "x "]);
});

test("a new aspect begins as its rule's first example, with an id and a field of its own", () => {
  const option = { name: "field", title: {}, help: {}, type: "text" as const, required: true };
  const threshold = rule("threshold", { options: [option], examples: [{ says: {}, options: { field: "mohm", odd: 1 }, max: "6", story: null, data: {}, result: { marks: "6", max: "6", state: "cleared", because: [], flags: [] } }] });
  const first = newAspect(threshold, { id: "s" });
  expect(first).toEqual({ id: "threshold", name: { zh: "threshold", en: "threshold" }, rule: "threshold", max: "6", field: "mohm" });
  expect(newAspect(threshold, { id: "s", aspects: [first] })).toMatchObject({ id: "threshold_2", field: "mohm_2" });
});

test("a list's new item asks for what has to be said", () => {
  const options = [{ name: "field", title: {}, help: {}, type: "text" as const, required: true }, { name: "marks", title: {}, help: {}, type: "number" as const, required: false }];
  expect([emptyItem({ type: "object", options }), emptyItem({ type: "text" }), emptyItem(undefined)]).toEqual([{ field: "" }, "", ""]);
});

test("rules are found by place, group and words in either language", () => {
  const rules = [rule("threshold", { title: { zh: "阈值", en: "Limit" } }), rule("retry", { places: ["stage"], group: "attempts" })];
  const names = (...wanted: Parameters<typeof found> extends [unknown, ...infer Rest] ? Rest : never): string[] => found(rules, ...wanted).map((each) => each.name);
  expect([names("aspect", "", ""), names("stage", "attempts", ""), names("aspect", "", "阈"), names("aspect", "", "limit PURPOSE"), names("aspect", "time", "")]).toEqual([["threshold"], ["retry"], ["threshold"], ["threshold"], []]);
});

test("a cell is mended where it stands, and faults are found by their cell", () => {
  const table = [["id", "name"], ["A1"], ["A1", "李"]];
  expect(withCell(table, 1, 1, "陈")[1]).toEqual(["A1", "陈"]);
  const fault = (line: number, column: number | null): CellFault => ({ line, column, code: "x", message: {} });
  const sheet: Sheet = { table, columns: [], missing: [], contestants: [], rows: 2, faults: [fault(3, 0)], warnings: [] };
  expect([[...byCell([fault(3, 0), fault(2, null)]).keys()], rowsShown(sheet, false), rowsShown(sheet, true)]).toEqual([["3/0", "2"], [1, 2], [2]]);
});

test("contestants become a sheet and nothing of them is lost", () => {
  const people = [{ id: "A1", venue: "v", name: { zh: "陈", en: "Chen" }, employer: "永嘉", team: "t" }, { id: "A2", name: "李", photo: "a.jpg" }];
  expect(tableOf(people)).toEqual([
    ["id", "name_zh", "name_en", "venue", "employer", "team", "photo"],
    ["A1", "陈", "Chen", "v", "永嘉", "t", ""],
    ["A2", "李", "李", "", "", "", "a.jpg"],
  ]);
});

test("a sheet is taken in instead of all, or added so that the same id is replaced", () => {
  const read = [{ id: "B1", name: "new" }, { id: "C1" }];
  expect(takenIn(draft, read, true).contestants?.map((each) => each.id)).toEqual(["B1", "C1"]);
  expect(takenIn(draft, read, false).contestants?.map((each) => [each.id, each.name])).toEqual([["A1", "陈"], ["B1", "new"], ["C1", undefined]]);
  expect(sought(draft.contestants!, "李").map((each) => each.id)).toEqual(["B1"]);
});

test("a table without headings gets the usual ones, and a heading is written as it is read", () => {
  expect(withHeadings([["A1", "陈", "永嘉"], ["A2"]])).toEqual([["id", "name", "venue"], ["A1", "陈", "永嘉"], ["A2"]]);
  expect([headingOf("name.zh"), headingOf("venue"), headingOf(null)]).toEqual(["name_zh", "venue", ""]);
});

test("what rules say of a draft says its names: of stages, of what is entered, of those who played it through", () => {
  const titled = { ...draft, stages: [{ ...draft.stages[0]!, name: { zh: "接线", en: "Wiring" } }, draft.stages[1]!] };
  const form = { stage: "wiring", fields: [{ field: "helmet", kind: "yes_no", name: { zh: "安全帽", en: "Helmet" } } as const], devices: [], marked: [], violations: [] };
  const names = namesOf(titled, [form], [{ contestant: "T001", name: { zh: "模拟选手 1", en: "Simulated 1" }, venue: "yongjia" }]);
  const [zh, en] = [voiceOf(() => "zh"), voiceOf(() => "en")];
  expect([names.ruled(zh, "关键项不合格：helmet", ["T001", "wiring"]), names.ruled(en, "critical item failed: helmet", ["wiring"])]).toEqual(["关键项不合格：安全帽", "critical item failed: Helmet"]);
  expect([names.ruled(zh, "quiz 在 wiring 之后开放", ["quiz"]), names.contestantName(zh, "T001"), names.contestantName(en, "T002")]).toEqual(["quiz 在接线之后开放", "模拟选手 1", "T002"]);
});

test("a Chinese name in an English sentence of the server stands in quotes, once", () => {
  const sentence = { zh: "没有这个赛区；已有：永嘉, 乐清", en: 'no venue is called so; there are 永嘉, 乐清; "杯" is not "Cup" (永嘉’s)' };
  expect(faultText(voiceOf(() => "zh"), sentence)).toBe(sentence.zh);
  expect(faultText(voiceOf(() => "en"), sentence)).toBe('no venue is called so; there are “永嘉”, “乐清”; "杯" is not "Cup" (“永嘉”’s)');
});
