import { expect, test } from "vitest";
import { DEEDS, WAYS } from "../../src/referee/deeds.ts";
import type { ContestInfo } from "../../src/board/types.ts";
import { Names } from "../../src/room/names.ts";
import { voiceOf } from "../../src/room/saying.ts";
import { becauseText, causeText, coded, needText, refusalText, subjectText, valueText } from "../../src/room/texts.ts";
import { TIMED } from "../../src/referee/general.ts";
import { REASON_CODES } from "../../src/room/types.ts";
import { words } from "../../src/words.ts";

const info = { id: "c", name: null, phase: "running", stages: [], venues: [{ id: "yongjia", name: { zh: "永嘉", en: "Yongjia" } }] } as unknown as ContestInfo;
const zh = voiceOf(() => "zh");
const en = voiceOf(() => "en");

test("codes of the server are words in both languages, and unknown ones stay as they are", () => {
  expect([coded(zh, "code", "late"), coded(en, "code", "late"), coded(zh, "code", "brand_new"), coded(en, "cell", null)]).toEqual(["晚到", "Arrived late", "brand_new", "–"]);
  expect(refusalText(en, { code: "teapot" })).toContain("teapot");
});

test("sentences of the server are understood by their shape, else shown as they are", () => {
  expect(needText(zh, "moves 6 points; from 5 a second person decides")).toBe("分数变动 6，达到 5 须第二人复核");
  expect(becauseText(zh, "ruling r-1: annul")).toBe("裁定：判无效");
  expect(becauseText(en, "clear yueqing/desk-1#12")).toBe("clear yueqing/desk-1#12");
  expect(becauseText(zh, "clear yueqing/desk-1#12", (id) => `“${id}”`)).toBe("过关事件 “yueqing/desk-1#12”");
  expect(needText(zh, "because of the moon")).toBe("because of the moon");
  expect([subjectText(zh, "aspect coil"), subjectText(en, "stage"), subjectText(zh, "gremlin R2")]).toEqual(["评分点 coil", "stage", "gremlin R2"]);
  expect([subjectText(zh, "rank 1"), subjectText(en, "rank 1"), subjectText(zh, "official R2", (id) => `${id} 金海`)]).toEqual(["第 1 名", "rank 1", "裁判 R2 金海"]);
  expect([subjectText(zh, "source east/desk, from 24:10", (id) => `“${id}”`), subjectText(en, "rank 3: A1 before B2")]).toEqual(["“east/desk”，自 “24:10” 起", "rank 3: A1 before B2"]);
  expect([valueText(null), valueText([]), valueText([1, "x"]), valueText(0), valueText({ a: 1 })]).toEqual(["–", "–", "1, x", "0", '{"a":1}']);
  expect(valueText(["wiring", "lamp"], (id) => (id === "wiring" ? "配盘接线" : id))).toBe("配盘接线, lamp");
});

test("a correction is told in the words of whoever decided it, else in words for what was entered", () => {
  const names = new Names(info, { version: 1, contestants: [] }, [], [{ stage: "wiring", fields: [], names: { coil: { zh: "线圈", en: "Coil" } } }]);
  const told = (t: typeof zh, what: string, reason: string | null = ""): string => causeText(t, { what, reason }, (id) => names.entered(t, id));
  expect(told(zh, "ruling r-1: override", "looked at the photo")).toBe("looked at the photo");
  expect([told(zh, "clear yongjia/desk#3"), told(zh, "clear yongjia/desk#3", "clear yongjia/desk#3"), told(zh, "clear yongjia/desk#3", null)]).toEqual(Array(3).fill("过关事件 永嘉 desk #3"));
  expect([told(zh, "mark m1 on coil"), told(en, "mark m1 on coil"), told(en, "mark m1 on lamp")]).toEqual(["线圈的打分", "mark on Coil", "mark on lamp"]);
  for (const what of ["clock: start", "definition 2", "standing", "drawn", "revealed", "ruling r-1: status"]) expect(told(zh, what)).not.toMatch(/[a-z]{3}/);
});

test("every deed and every reason has its words, and every deed a key of its own", () => {
  for (const deed of [...DEEDS, "reopen"]) expect([`deed_${deed}` in words, `about_${deed}` in words]).toEqual([true, true]);
  for (const code of REASON_CODES) expect(`reason_${code}` in words).toBe(true);
  const keys = DEEDS.map((deed) => WAYS[deed].key);
  expect([new Set(keys).size, keys.some((key) => "jkqmw".includes(key))]).toEqual([keys.length, false]);
});

test("the language can change under a voice", () => {
  let tongue: "zh" | "en" = "zh";
  const t = voiceOf(() => tongue);
  expect([t("deed_confirm"), t.name({ en: "Li" }), t.list(["a", "b"])]).toEqual(["确认", "Li", "a、b"]);
  tongue = "en";
  expect([t("deed_confirm"), t.list(["a", "b"]), t.tongue]).toEqual(["Confirm", "a, b", "en"]);
});

test("every question that compares lengths of time is one that has its word", () => {
  for (const code of TIMED) expect(coded(en, "code", code)).not.toBe(code);
});
