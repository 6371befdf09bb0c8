import fc from "fast-check";
import { expect, test } from "vitest";
import { compare, milliseconds, plain } from "../../src/room/decimals.ts";
import { newId } from "../../src/room/ids.ts";
import { commandOf, type Stroke } from "../../src/room/keys.ts";
import { caseAddress, caseIn, correctionsOf, resultsFile, wishesOf } from "../../src/room/settings.ts";
import { Memory } from "../../src/room/storage.ts";
import { ageOf, lengthText, localOf, offsetText, utcOf, zoneText } from "../../src/room/times.ts";
import { sumOf } from "../../src/why/sums.ts";

test("what people type becomes plain decimals, and what is no number stays none", () => {
  expect(["１２．５", " 3 ", ".5", "-0.25", "12,5", "1e3", "", "NaN", "12345678"].map(plain)).toEqual(["12.5", "3", "0.5", "-0.25", null, null, null, null, null]);
});

test("decimals compare exactly", () => {
  fc.assert(fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: -1e9, max: 1e9 }), (a, b) => {
    const text = (n: number): string => (n < 0 ? `-${text(-n)}` : `${Math.floor(n / 1000)}.${String(n % 1000).padStart(3, "0")}`);
    expect(Math.sign(compare(text(a), text(b)))).toBe(Math.sign(a - b));
  }));
  expect(sumOf([{ marks: "0.1" }, { marks: "0.2" }, { marks: null }, { marks: "-0.05" }])).toBe("0.25");
});

test("seconds are whole milliseconds or nothing", () => {
  expect(["1.5", "0.001", "1.0010", "1.00049", "-2", "x"].map(milliseconds)).toEqual([1_500, 1, 1_001, null, -2_000, null]);
});

test("ids are unique and of the letters that the server takes", () => {
  const ids = Array.from({ length: 200 }, () => newId("ruling"));
  expect(new Set(ids).size).toBe(200);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_.:-]{1,64}$/);
});

test("a local time is the same moment in UTC", () => {
  const now = "2026-11-22T04:05:06.000Z";
  expect(utcOf(localOf(now))).toBe(now);
  expect([utcOf(""), utcOf("soon"), zoneText(480), zoneText(-210)]).toEqual([null, null, "UTC+8", "UTC−3:30"]);
  expect([ageOf(59_000), ageOf(61_000), ageOf(7_300_000)].map(({ n, unit }) => `${n}${unit}`)).toEqual(["59s", "1min", "2h"]);
});

const stroke = (key: string, more: Partial<Stroke> = {}): Stroke => ({ key, ctrl: false, alt: false, meta: false, inField: false, onControl: false, inDialog: false, ...more });

test("Enter in a field does nothing; letters in a field are letters", () => {
  for (const key of ["Enter", "c", "?", "j", "/", "ArrowDown"]) expect(commandOf(stroke(key, { inField: true }))).toBeNull();
  expect(commandOf(stroke("Enter", { inField: true, ctrl: true }))).toEqual({ does: "decide" });
  expect(commandOf(stroke("Escape", { inField: true }))).toEqual({ does: "close" });
});

test("in a dialog the page hears nothing", () => {
  for (const key of ["Enter", "Escape", "c", "?"]) expect(commandOf(stroke(key, { inDialog: true, ctrl: key === "Enter" }))).toBeNull();
});

test("keys do what the help says", () => {
  expect(["j", "K", "ArrowDown"].map((key) => commandOf(stroke(key)))).toEqual([1, -1, 1].map((by) => ({ does: "move", by })));
  expect(commandOf(stroke("？"))).toEqual({ does: "help" });
  expect(commandOf(stroke("W"))).toEqual({ does: "room", to: "waiting" });
  expect(commandOf(stroke("O"))).toEqual({ does: "letter", letter: "o" });
  expect(commandOf(stroke("Enter", { onControl: true }))).toBeNull();
  expect(commandOf(stroke("c", { ctrl: true }))).toBeNull();
});

test("the address wins over what was chosen before, and that over the browser", () => {
  const store = new Memory();
  const browser = { languages: ["en-GB"], prefersLight: true };
  expect(wishesOf("?contest=c", store, browser)).toMatchObject({ contest: "c", tongue: "en", theme: "daylight" });
  store.setItem("tongue", "zh");
  store.setItem("theme", "arena");
  expect(wishesOf("", store, browser)).toMatchObject({ contest: null, tongue: "zh", theme: "arena" });
  expect(wishesOf("?lang=en&theme=contrast", store, browser)).toMatchObject({ tongue: "en", theme: "contrast" });
});

test("a length of time is told in seconds or as a clock, never in bare milliseconds", () => {
  expect([0, 400, 47_000, -47_000, 59_999, 62_500, 420_000, 3_723_040].map(lengthText)).toEqual(["0 s", "0.4 s", "47 s", "−47 s", "59.999 s", "1:02.5", "7:00", "1:02:03.04"]);
  expect([offsetText(47_000_400, 1_001), offsetText(-31_000, 0), offsetText(-400, 400)]).toEqual(["+47.000 s ± 0.002 s", "−0.031 s ± 0.000 s", "+0.000 s ± 0.001 s"]);
});

test("the table of results is a file of this contest, also of a Chinese one, in the language of the page", () => {
  const address = new URL(resultsFile("电工杯", "zh"), "http://here/sub/chief?contest=x");
  expect(decodeURIComponent(address.pathname)).toBe("/sub/api/contests/电工杯/results");
  expect(Object.fromEntries(address.searchParams)).toEqual({ format: "csv", lang: "zh" });
});

test("the case that is open stands in the address, beside everything else that does", () => {
  const open = caseAddress("?contest=cup&lang=zh", { contestant: "A 1", stage: "wiring" });
  expect(caseIn(open)).toEqual({ contestant: "A 1", stage: "wiring" });
  expect(caseAddress(open, null)).toBe("?contest=cup&lang=zh");
  expect([caseIn("?contest=cup&contestant=A1"), caseIn("")]).toEqual([null, null]);
});

test("what was corrected is asked about one contestant alone, whatever the id", () => {
  expect([correctionsOf("A1"), correctionsOf("甲 &1")]).toEqual(["/corrections?contestant=A1", "/corrections?contestant=%E7%94%B2+%261"]);
});
