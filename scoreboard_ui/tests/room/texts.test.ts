import { expect, test } from "vitest";
import { DEEDS, WAYS } from "../../src/referee/deeds.ts";
import { voiceOf } from "../../src/room/saying.ts";
import { becauseText, coded, needText, refusalText, subjectText, valueText } from "../../src/room/texts.ts";
import { TIMED } from "../../src/referee/general.ts";
import { REASON_CODES } from "../../src/room/types.ts";
import { words } from "../../src/words.ts";

const zh = voiceOf(() => "zh");
const en = voiceOf(() => "en");

test("codes of the server are words in both languages, and unknown ones stay as they are", () => {
  expect([coded(zh, "code", "late"), coded(en, "code", "late"), coded(zh, "code", "brand_new"), coded(en, "cell", null)]).toEqual(["晚到", "Arrived late", "brand_new", "–"]);
  expect(refusalText(en, { code: "teapot" })).toContain("teapot");
});

test("sentences of the server are understood by their shape, else shown as they are", () => {
  expect(needText(zh, "moves 6 points; from 5 a second person decides")).toBe("分数变动 6，达到 5 须第二人复核");
  expect(becauseText(zh, "ruling r-1: annul")).toBe("裁定 r-1：判无效");
  expect(becauseText(en, "clear yueqing/desk-1#12")).toBe("clear yueqing/desk-1#12");
  expect(becauseText(zh, "clear yueqing/desk-1#12", (id) => `“${id}”`)).toBe("过关事件 “yueqing/desk-1#12”");
  expect(needText(zh, "because of the moon")).toBe("because of the moon");
  expect([subjectText(zh, "aspect coil"), subjectText(en, "stage"), subjectText(zh, "referee R2")]).toEqual(["评分点 coil", "stage", "referee R2"]);
  expect([valueText(null), valueText([]), valueText([1, "x"]), valueText(0), valueText({ a: 1 })]).toEqual(["–", "–", "1, x", "0", '{"a":1}']);
  expect(valueText(["wiring", "lamp"], (id) => (id === "wiring" ? "配盘接线" : id))).toBe("配盘接线, lamp");
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
