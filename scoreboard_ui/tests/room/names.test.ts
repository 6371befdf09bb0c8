import { expect, test } from "vitest";
import type { ContestInfo } from "../../src/board/types.ts";
import { cellOf, isUnnamed, meantBy as meantByReason } from "../../src/chief/links.ts";
import { meantBy } from "../../src/referee/general.ts";
import { Names } from "../../src/room/names.ts";
import { voiceOf } from "../../src/room/saying.ts";
import { withAspect } from "../../src/room/texts.ts";
import { dayAndClockOf } from "../../src/room/times.ts";

const zh = voiceOf(() => "zh");
const en = voiceOf(() => "en");
const names = new Names(
  {
    id: "cup", name: { en: "Cup" }, venues: [{ id: "east", name: { zh: "东城", en: "East" } }],
    stages: [{ id: "power_up", name: { zh: "通电调试", en: "Power-up" } }, { id: "final", name: { zh: "决胜关", en: "Decider" } }, { id: "3", name: { zh: "第三关", en: "Third" } }],
  } satisfies ContestInfo,
  { version: 1, contestants: [{ id: "A3", venue: "east", name: { zh: "李雷", en: "Li Lei" } }, { id: "17", venue: "east", name: { zh: "韩梅", en: "Han Mei" } }] },
  [],
);

test("a sentence of the server says names where it says ids", () => {
  const unjudged = { zh: "2 次尝试尚未判定，首个为 A3/final", en: "2 attempts are unjudged, the first is A3 at final" };
  expect(names.told(zh, unjudged)).toBe("2 次尝试尚未判定，首个为 A3 李雷 · 决胜关");
  expect(names.told(en, unjudged, ["A3", "final"])).toBe("2 attempts are unjudged, the first is A3 Li Lei at Decider");
  expect(names.told(en, "power_up opens after final, not passed yet", ["final"])).toBe("Power-up opens after Decider, not passed yet");
  expect(names.told(zh, "赛区 east 尚未交接", ["east"])).toBe("赛区东城尚未交接");
});

test("a moment in a sentence is told in the time of this device, never to the microsecond", () => {
  const at = "2026-11-28T06:15:03.215201Z";
  const stopped = { zh: `A3 的计时自 ${at} 起停止；请说明何时继续`, en: `the clock of A3 stands still since ${at}; say when it goes on` };
  expect([names.told(zh, stopped), names.told(en, stopped)]).toEqual([
    `A3 李雷的计时自 ${dayAndClockOf(at)} 起停止；请说明何时继续`, `the clock of A3 Li Lei stands still since ${dayAndClockOf(at)}; say when it goes on`,
  ]);
});

test("a word, a number, or a name that holds an id is no id", () => {
  expect(names.told(en, "the result is final")).toBe("the result is final");
  expect(names.told(zh, "读数 17 超过 3", ["17", "3"])).toBe("读数 17 超过 3");
  expect(names.told(zh, "关于 A3-power_up-1、xA3，设备 east/desk-1")).toBe("关于 A3-power_up-1、xA3，设备 east/desk-1");
  expect(names.told(zh, "17/3 未判")).toBe("17 韩梅 · 第三关未判");
});

test("whose work a reason is about is said beside it where its sentence does not say so", () => {
  const about = { contestant: "A3", stage: "final" };
  expect([isUnnamed({ about, detail: "the first is A3 at final" }), isUnnamed({ about, detail: { zh: "", en: "work: no value was sent" } }), isUnnamed({ about: {}, detail: "running" })]).toEqual([false, true, false]);
  const quoted = meantByReason({ about, code: "blocking_flags" }, names.stages.keys());
  expect(names.told(en, "1 blocking question is open: closed_stage: power_up opens after final", quoted)).toContain("Stage not open: Power-up opens after Decider");
  expect(meantByReason({ about, code: "running" }, names.stages.keys())).toEqual(["A3", "final"]);
  expect([cellOf({ about }), cellOf({ about: { contestant: "A3" } }), cellOf({ about: { stage: "final" } })]).toEqual(["A3/final", "A3", ""]);
});

test("a question speaks of whose work it is and of what its rule compared", () => {
  expect(meantBy({ contestant: "A3", stage: null, seen: ["final", "power_up"], threshold: 5 })).toEqual(["A3", null, "final", "power_up", 5]);
});

test("a field that is called like a stage is a field where a rule begins with it, and only there", () => {
  const missing = { zh: "power_up：没有上传数值，本关为 power_up", en: "power_up: no value was sent for power_up" };
  const about = ["A3", "power_up"];
  expect([names.ruled(zh, missing, about), names.ruled(en, missing, about)]).toEqual(["power_up：没有上传数值，本关为通电调试", "power_up: no value was sent for Power-up"]);
  expect([names.ruled(zh, missing, about, "工艺"), names.ruled(en, missing, about, "Decider")]).toEqual(["工艺（power_up）：没有上传数值，本关为通电调试", "Decider (power_up): no value was sent for Power-up"]);
  expect(names.ruled(en, "A3 was late: power_up opens after final", ["A3", "final"], "Work")).toBe("A3 Li Lei was late: Power-up opens after Decider");
});

test("a field is said with the aspect that it belongs to, a device with its venue", () => {
  expect([withAspect(zh, "work", "工艺"), withAspect(en, "work", "work")]).toEqual(["工艺（work）", "work"]);
  expect(names.ruled(en, "two marks differ", [], "Work")).toBe("two marks differ");
  expect([names.device(zh, "east/desk-2"), names.device(zh, "west/desk-2"), names.device(zh, "desk")]).toEqual(["东城 desk-2", "west/desk-2", "desk"]);
});

test("readings are called what the form calls them, and say yes and no in words", () => {
  const forms = [{ stage: "final", fields: [{ field: "helmet", name: { zh: "安全帽", en: "Helmet" } }, { field: "torque_nm", name: null }], violation_names: { untidy: { zh: "工位不整洁", en: "Untidy workplace" } } }];
  const named = new Names(names.info, { version: 1, contestants: [] }, [], forms);
  expect([named.field(zh, "final", "helmet"), named.field(en, "final", "torque_nm"), named.field(zh, "power_up", "helmet")]).toEqual(["安全帽", null, null]);
  expect([named.step(zh, "final", "helmet: yes"), named.step(en, "final", { zh: "", en: "torque_nm: 2" }), named.step(zh, "3", "helmet: yes")]).toEqual(["安全帽: yes", "torque_nm: 2", "helmet: yes"]);
  expect([named.said(zh, "final", true), named.said(en, "final", false), named.said(zh, "final", "untidy"), named.said(en, "3", "untidy"), named.said(en, "final", "2.4")]).toEqual(["是", "no", "工位不整洁", "untidy", "2.4"]);
  expect([named.used(zh, "final", "helmet", true), named.used(en, "final", "elapsed_ms", 36_011), named.used(en, "final", "torque_nm", "1.2"), named.used(zh, "final", "east/desk-2#37", "untidy")]).toEqual(["安全帽 = 是", "Time taken = 36.011 s", "torque_nm = 1.2", "东城 desk-2 #37 = 工位不整洁"]);
  expect([named.used(zh, "final", "outcome", "pending"), named.used(en, "final", "nominal", "1.2")]).toEqual(["结果 = 待判定", "Nominal value = 1.2"]);
  expect([named.event(zh, "east/desk-2#37"), named.event(en, "helmet"), named.event(en, "west/desk-2#37")]).toEqual(["东城 desk-2 #37", "helmet", "west/desk-2 #37"]);
});

test("what referees mark is called by its name, at the head of a sentence and where another quotes it", () => {
  const called = { workmanship: { zh: "工艺", en: "Workmanship" }, straight_runs: { zh: "走线平直", en: "Straight runs" } };
  const named = new Names(names.info, { version: 1, contestants: [] }, [], [{ stage: "final", fields: [], names: called }]);
  const due = { zh: "workmanship：3 个分数中已有 0 个", en: "workmanship: 0 of 3 marks are in" };
  expect([named.ruled(zh, due, ["A3", "final"]), named.ruled(en, due, ["A3", "final"], "Workmanship"), named.ruled(zh, due, ["A3", "3"])]).toEqual([
    "工艺：3 个分数中已有 0 个", "Workmanship: 0 of 3 marks are in", "workmanship：3 个分数中已有 0 个",
  ]);
  expect(named.told(en, "1 blocking question is open: missing_mark: workmanship: 0 of 3 marks are in", ["A3", "final"])).toMatch(/open: [^_]+: Workmanship: 0 of 3/);
  expect(named.ruled(zh, "straight_runs：没有上传数值", ["final"], "工艺")).toBe("工艺（走线平直）：没有上传数值");
  expect(named.told(en, "the workmanship of A3", ["final"])).toBe("the workmanship of A3");
});

test("a Chinese name stands in a Chinese sentence without blanks, and in an English one in quotes", () => {
  const opens = { zh: "power_up 在 final 之后开放，A3 尚未通过 power_up 3 次", en: "power_up opens after yard, not passed by A3" };
  const named = new Names({ ...names.info, stages: [...names.info.stages, { id: "yard", name: { zh: "场地关" } }] }, { version: 1, contestants: [{ id: "A3", venue: "east", name: { zh: "李雷" } }] }, []);
  expect([named.told(zh, opens), named.told(en, opens, ["yard", "A3"])]).toEqual(["通电调试在决胜关之后开放，A3 李雷尚未通过通电调试 3 次", "Power-up opens after “场地关”, not passed by A3 李雷"]);
  expect(named.ruled(zh, "power_up 与 final_2", [])).toBe("通电调试与 final_2");
});

test("what a rule lists last are fields by their names, wherever they could be words as well", () => {
  const forms = [{ stage: "final", fields: [{ field: "helmet", name: { zh: "安全帽", en: "Helmet" } }, { field: "gloves", name: { zh: "手套" } }, { field: "area", name: null }] }];
  const named = new Names(names.info, { version: 1, contestants: [] }, [], forms);
  const failed = { zh: "关键项不合格：helmet、gloves、area", en: "critical item failed: helmet, gloves, area" };
  expect([named.ruled(zh, failed, ["A3", "final"]), named.ruled(en, failed, ["A3", "final"])]).toEqual(["关键项不合格：安全帽、手套、area", "critical item failed: Helmet, “手套”, area"]);
  expect([named.step(zh, "final", failed), named.step(en, "final", "helmet of the area: yes")]).toEqual(["关键项不合格：安全帽、手套、area", "Helmet of the area: yes"]);
  expect(named.ruled(en, failed, ["A3"])).toBe(failed.en);
});

test("a letter goes by the name of whom or what it is about, and a contestant's own act by the contestant's", () => {
  expect(["A3", "A3/final", "power_up", "east", ""].map((at) => names.cell(en, at))).toEqual(["A3 Li Lei", "A3 Li Lei · Decider", "Power-up", "East", ""]);
  expect([names.official(zh, "contestant:A3"), names.official(zh, "R9")]).toEqual(["A3 李雷", "R9"]);
  expect(["east", "east/desk-1", "east/desk-1#4", "24:10"].map((id) => names.anything(zh, id))).toEqual(["东城", "东城 desk-1", "东城 desk-1 #4", "24:10"]);
});

test("ids that a page gave its acts are not told to people", () => {
  const [ruling, appeal] = ["ruling-mx066c7w-3d8d9dc585c56cf653089b2a", "appeal-mx05mx5r-4528b6f698f922c415cb7776"];
  expect(names.told(zh, { zh: `申诉 ${appeal} 尚未结案（逾期提出）`, en: "" })).toBe("申诉 尚未结案（逾期提出）");
  expect(names.told(en, { zh: "", en: `appeal ${appeal} is open (filed late)` })).toBe("appeal is open (filed late)");
  expect(names.step(zh, "final", { zh: `C1 的裁定 ${ruling}（已核对）：重新核分`, en: "" })).toBe("C1 的裁定（已核对）：重新核分");
  expect(names.step(en, "final", { zh: "", en: `ruling ${ruling} by C1 (checked): counted again` })).toBe("ruling by C1 (checked): counted again");
});
