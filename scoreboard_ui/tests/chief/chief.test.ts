import { expect, test } from "vitest";
import { percentText } from "../../src/chief/figures.ts";
import { linkOf, partOf } from "../../src/chief/links.ts";
import { countsOf, idsOf, objectOf } from "../../src/chief/lists.ts";
import { orderOf, type Wish } from "../../src/chief/rejudging.ts";

const wish = ({ text = "", ...more }: Partial<Wish> & { text?: string }): Wish => {
  const way = more.way ?? "changes";
  return { way, texts: { [way]: text }, version: "", scope: {}, ...more };
};
const NOW = { contest: { id: "cup" }, rules: [{ rule: "lives" }], contestants: [{ id: "A1" }] };

test("lists are read with the commas of either language", () => {
  expect(idsOf("A1， A2、A3,A1\nB2")).toEqual(["A1", "A2", "A3", "B2"]);
  expect(countsOf("desk-1 = 12\nyueqing/desk-2：３", "yueqing")).toEqual({ "yueqing/desk-1": 12, "yueqing/desk-2": 3 });
  expect([countsOf("desk-1 = many", "yueqing"), countsOf("", "yueqing")]).toEqual([null, null]);
});

test("an order to rejudge is whole or says where it is broken", () => {
  expect(orderOf(wish({ text: '{"rules": []}', scope: { stages: "wiring, quiz", venues: "" } }), NOW)).toEqual({ order: { changes: { rules: [] }, scope: { stages: ["wiring", "quiz"] } } });
  expect(orderOf(wish({ text: '{"rules": [}' }), NOW)).toEqual({ fault: "badJsonSign", fill: { sign: "}" } });
  expect(orderOf(wish({ text: '{"rules": 1,}' }), NOW)).toEqual({ fault: "badJsonAt", fill: { line: 1, column: 13 } });
  expect(orderOf(wish({ text: '{"rules":\n [' }), NOW)).toEqual({ fault: "badJsonAt", fill: { line: 2, column: 3 } });
  expect(orderOf(wish({ text: "[1]" }), NOW)).toMatchObject({ fault: "badJsonShape" });
  expect(orderOf(wish({ way: "toml", text: "format = 1" }), NOW)).toEqual({ order: { toml: "format = 1", scope: {} } });
  expect(orderOf(wish({ way: "version", version: "2" }), NOW)).toEqual({ order: { version: 2, scope: {} } });
  expect(orderOf(wish({ way: "version" }), NOW)).toMatchObject({ fault: "faultChoose" });
  expect(orderOf(wish({}), NOW)).toMatchObject({ fault: "rejudgeNoText" });
  expect(orderOf(wish({ way: "whole", text: JSON.stringify({ contest: { id: "cup" }, rules: [] }) }), NOW)).toEqual({ order: { changes: { rules: [] }, scope: {} } });
  expect(orderOf(wish({ way: "whole", text: JSON.stringify(NOW) }), NOW)).toMatchObject({ fault: "rejudgeSame" });
  expect(objectOf("null")).toMatchObject({ fault: "shape" });
});

test("every reason leads to where it is dealt with", () => {
  const reason = (code: string, about: Record<string, string> = {}) => linkOf({ code, detail: "", about }, "c", "zh");
  expect(reason("waiting_second", { ruling: "r" })).toBe("#seconds");
  expect(reason("unjudged", { contestant: "A1", stage: "quiz" })).toBe("./referee?contest=c&contestant=A1&stage=quiz&lang=zh");
  expect(reason("blocking_flags")).toBe("./referee?contest=c&lang=zh");
  expect([partOf("#appeals"), partOf("#nonsense"), percentText("0.0417"), percentText("x")]).toEqual(["appeals", "overview", "4.2", "–"]);
});
