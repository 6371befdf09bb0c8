/** What is refused is stored in English, and shown in the reader's language: each sentence of the dictionary is known again by its form. */

import { expect, test } from "vitest";
import wire from "../../../contest_server/words/wire.json";
import { refusedFor } from "../../src/desk/rereading.ts";
import { voiceOf } from "../../src/room/saying.ts";

const zh = voiceOf(() => "zh");
const en = voiceOf(() => "en");

test.each([
  ["at: not a time; expected ISO 8601 such as 2026-11-22T09:03:12.418Z", "时间（at）无法识别：应为 ISO 8601，例如 2026-11-22T09:03:12.418Z"],
  ["contestant: missing; every 'clear' names its contestant", "缺少选手（contestant）：每个“过关”事件都要写明选手（contestant）"],
  ["data.code: missing; every 'violation' names its code", "缺少违规代码（data.code）：每个“违规”事件都要写明"],
  ["data.readings[2].ohm: larger than 2^53; send measured numbers as strings", "data.readings[2].ohm 大于 2^53：测量值请以文字发送"],
  ["stage: expected str | null, got int", "关卡（stage）：应为文字，实际是整数"],
  ["event: object contains unknown field pressure", "事件：有不认识的字段“pressure”"],
  ["Expecting value: line 2 column 7 (char 31)", "第 2 行第 7 列（第 31 个字符之后）：此处应有值"],
  ["expected ',' or '}'", "此处应为“,”或“}”"],
])("%s", (detail, told) => {
  expect(refusedFor(zh, detail)).toBe(told);
});

test("in English codes are words, too, and a field of the evidence is called as its form calls it", () => {
  const named = (field: string): string | null => (field === "insulation_mohm" ? "Insulation" : null);
  expect(refusedFor(en, "at: not a time; expected ISO 8601 such as 2026-11-22T09:03:12.418Z")).toBe("time (at): not a time; expected ISO 8601 such as 2026-11-22T09:03:12.418Z");
  const told = ["at: expected str, got int", "data.insulation_mohm: not a finite number", "data.other: not a finite number"].map((each) => refusedFor(en, each, named));
  expect(told).toEqual(["time (at): expected a text, got a whole number", "Insulation (data.insulation_mohm): not a finite number", "data.other: not a finite number"]);
});

test("every sentence that can be stored is known again", () => {
  const isShown = Object.entries(wire).filter(([english]) => !english.includes("{what}"));
  const filled = (text: string): string => text.replace(/\{(\w+)\}/g, "[$1]").replace("{{", "{").replace("}}", "}");
  const told = isShown.map(([english, chinese]) => [refusedFor(zh, filled(english)), filled(chinese)] as const);
  const sameForm = /^应为 \[\w+\]$/;
  expect(told.filter(([shown, expected]) => shown !== expected && !(sameForm.test(shown) && sameForm.test(expected)))).toEqual([]);
});

test("what somebody wrote, and what already has both languages, stays as it is", () => {
  expect(refusedFor(zh, "the referee kept it: see the protocol")).toBe("the referee kept it: see the protocol");
  expect(refusedFor(zh, "")).toBe("");
  expect([refusedFor(zh, { zh: "晚了", en: "late" }), refusedFor(en, { zh: "晚了", en: "late" })]).toEqual(["晚了", "late"]);
  expect(refusedFor(zh, "x".repeat(5_000))).toHaveLength(5_000);
});

test("a name that a sender chose does not choose the sentence", () => {
  expect(refusedFor(zh, "kind: invalid enum value 'a: expected one of b'")).toBe("事件类型（kind）：没有 'a: expected one of b' 这种取值");
  expect(refusedFor(zh, "data.牵引力: expected str, got int")).toBe("data.牵引力：应为文字，实际是整数");
});

const LEVELS_MAX = 4;
const HOLDING_WHAT = Object.keys(wire).filter((english) => english.includes("{what}")).length;

test.each(["", ": line 1 column 1 (char 1)", " - at `x`", ": line 1 column 1 (char 1) - at `x`: line 1 column 1 (char 1)"])("sentences within sentences cost a bounded number of steps: …%s", (end) => {
  const text = "data.a: ".repeat(110) + end;
  let steps = 0;
  const counted = (): null => ((steps += 1), null);
  expect(refusedFor(zh, text, counted)).toBe(text);
  expect(steps).toBeGreaterThan(0);
  expect(steps).toBeLessThan(HOLDING_WHAT * 2 ** LEVELS_MAX);
});
