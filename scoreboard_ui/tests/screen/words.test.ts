import { expect, test } from "vitest";
import type { ContestInfo } from "../../src/board/types.ts";
import { clockText, pointsBetween, pointsText, shrink } from "../../src/format.ts";
import { partable } from "../../src/parting.ts";
import { langOf, wishOf } from "../../src/place.ts";
import { say, spoken } from "../../src/say.ts";
import { ground } from "../../src/screen/colours.ts";
import { figuresOf } from "../../src/screen/figures.ts";
import { rivalry } from "../../src/screen/venues.ts";
import { words } from "../../src/words.ts";

const info: ContestInfo = { id: "c", name: {}, stages: [], venues: ["a", "b", "c"].map((id) => ({ id, name: { en: id } })) };

test("every word is there in both languages and takes the same fillings", () => {
  for (const [key, { zh, en }] of Object.entries(words)) {
    expect([key, zh.trim() !== "" && en.trim() !== ""]).toEqual([key, true]);
    const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();
    expect([key, holes(zh)]).toEqual([key, holes(en)]);
  }
});

test("in both languages Chinese leads, and a missing language falls back to the other", () => {
  expect(say("people", "both", { n: 4 })).toMatchObject({ main: "4 人", sub: "4 people" });
  expect(spoken({ en: "Wiring" }, "zh")).toMatchObject({ main: "Wiring", mainTongue: "en", sub: null });
  expect(spoken({ zh: "同", en: "同" }, "both").sub).toBeNull();
  expect(spoken(null, "en", "A017").main).toBe("A017");
});

test("points stay exact", () => {
  expect(["86.50", "20.0", "100", "0.25", null, "-3.10"].map(pointsText)).toEqual(["86.5", "20", "100", "0.25", "0", "-3.1"]);
  expect(pointsBetween("0.3", "0.1")).toBe("0.2");
  expect([0, 59_999, 3_600_000, -5].map(clockText)).toEqual(["00:00", "00:59", "1:00:00", "00:00"]);
});

test("what the address wishes is understood, and nonsense is not", () => {
  expect(wishOf("?contest=x&lang=en&view=top:50&theme=daylight")).toEqual({ contest: "x", lang: "en", view: "top:50", theme: "daylight", pair: false });
  expect(wishOf("?lang=fr&theme=../x")).toEqual({ contest: null, lang: null, view: "all", theme: "arena", pair: false });
});

test("a screen speaks as wished, else as its contest, else both languages", () => {
  const wish = wishOf("");
  expect(langOf(wish, { ...info, languages: ["en"] })).toBe("en");
  expect(langOf(wish, { ...info, languages: ["zh", "en"] })).toBe("both");
  expect(langOf(wish, null)).toBe("both");
  expect(langOf({ ...wish, lang: "zh" }, { ...info, languages: ["en"] })).toBe("zh");
});

test("venues with equal totals share a place, and only one that stands alone leads", () => {
  const totals = (a: string, b: string, c: string) =>
    rivalry(info, Object.fromEntries([["a", a], ["b", b], ["c", c]].map(([id, points]) => [id, { contestants: 1, cleared: 1, points: points! }])));
  const ahead = totals("1.5", "3", "1.5");
  expect(ahead.venues.map((v) => v.place)).toEqual([1, 0, 1]);
  expect([ahead.leader?.id, ahead.lead]).toEqual(["b", "1.5"]);
  expect(totals("3", "3", "1").leader).toBeNull();
});

test("where fewer points are better, venues are compared by clears", () => {
  const golf = { ...info, ranking: [{ by: "points", order: "asc" }] };
  expect(rivalry(golf, { a: { contestants: 1, cleared: 4, points: "9" } }).leader).toMatchObject({ id: "a", total: "4" });
});

test("the figures on a plate are those the contest ranks by", () => {
  const words = (by: string[]) => figuresOf({ ...info, ranking: by.map((name) => ({ by: name })) }).map((figure) => figure.word);
  expect(words(["cleared", "time_ms"])).toEqual(["cleared", "time"]);
  expect(words(["time_ms"])).toEqual(["time", "points"]);
  expect(words(["charm"])).toEqual(["points", "time"]);
});

test("any colour becomes a ground that carries white, and long names shrink, but not to nothing", () => {
  for (const colour of ["#ffffff", "#eab308", "#e5484d", "#000000"]) expect(parseInt(ground(colour).slice(3, 5), 16)).toBeLessThan(150);
  expect(shrink("永嘉", 8)).toBe(1);
  expect(shrink("W".repeat(200), 8)).toBe(0.5);
});

test("a long English word is parted before its ending, a short or a Chinese one never", () => {
  expect(partable({ zh: "元件检测", en: "Component measurements" })).toEqual({ zh: "元件检测", en: "Component measure\u00adments" });
  expect([partable({ en: "Insulation & earth test" }), partable({ zh: "接线" }), partable(null)]).toEqual([{ en: "Insula\u00adtion & earth test" }, { zh: "接线" }, null]);
  expect(partable({ en: "Fault finding" })).toEqual({ en: "Fault finding" });
});
