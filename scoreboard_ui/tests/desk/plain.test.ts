/** Bibs, hand scanners, readings, deeds and the floor: what is plain. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ContestantInfo } from "../../src/board/types.ts";
import { meant, searched, wearerOf } from "../../src/desk/bib.ts";
import { calledOf } from "../../src/desk/called.ts";
import { deedOf, eventOf } from "../../src/desk/deeds.ts";
import { cellKey, floorOf } from "../../src/desk/floor.ts";
import { evidenceOf, faultOf, type FormLine, plainNumber, type StageForm } from "../../src/desk/measure.ts";
import type { Entry, VenueEvent } from "../../src/desk/outbox.ts";
import { Typing, typedOf } from "../../src/desk/typing.ts";
import { type Held, type Order, Stations } from "../../src/desk/stations.ts";
import { Wedge } from "../../src/desk/wedge.ts";
import type { Answer } from "../../src/room/api.ts";
import { Memory, Shelf } from "../../src/room/storage.ts";
import { voiceOf } from "../../src/room/saying.ts";

const PEOPLE: readonly ContestantInfo[] = [
  { id: "A001", venue: "yongjia", number: "17", name: { zh: "陈建国", en: "Chen Jianguo" } },
  { id: "A017", venue: "yongjia", number: "18", name: { zh: "林晓", en: "Lin Xiao" }, employer: { zh: "永嘉供电" } },
  { id: "B001", venue: "yueqing", number: "30" },
  { id: "a001x", venue: "yongjia", number: "31" },
  { id: "C1", venue: "yongjia", number: "40" },
  { id: "C2", venue: "yongjia", number: "40" },
];

describe("a bib's code", () => {
  it.each([
    ["A017", "A017"],
    [" a017\n", "A017"],
    ["17", "A001"],
    ["https://cup.example/desk?contest=cup&contestant=A017", "A017"],
  ])("%j is somebody's", (text, contestant) => expect(wearerOf(text, PEOPLE, "yongjia")).toEqual({ kind: "found", contestant }));

  it.each(["", "40", "A0", "x".repeat(5_000), "https://cup.example/", "{}"])("%j is nobody's: nothing is guessed", (text) => expect(wearerOf(text, PEOPLE, "yongjia").kind).toBe("unknown"));

  it("of another venue says so", () => expect(wearerOf("B001", PEOPLE, "yongjia")).toEqual({ kind: "elsewhere", contestant: "B001", venue: "yueqing" }));

  it("finds people by part of a name, number or employer, the whole number first", () => {
    expect(searched("17", PEOPLE).map((each) => each.id)).toEqual(["A001", "A017"]);
    expect(searched("供电", PEOPLE).map((each) => each.id)).toEqual(["A017"]);
    expect(searched("chen", PEOPLE).map((each) => each.id)).toEqual(["A001"]);
    expect(searched(" ", PEOPLE).length).toBe(PEOPLE.length);
  });
});

describe("Enter in the search", () => {
  it.each([
    ["17", "A001"],
    ["供电", "A017"],
    ["a017", "A017"],
    ["40", null],
    ["A0", null],
    [" ", null],
  ])("%j means %j", (text, contestant) => expect(meant(text, searched(text, PEOPLE))?.id ?? null).toBe(contestant));
});

describe("what is typed", () => {
  const line = (field: string, kind: FormLine["kind"]): FormLine => ({ field, kind, name: null, aspect: null, unit: null, min: null, max: null, places: null, choices: [] });
  const form: StageForm = { stage: "wiring", name: null, fields: [line("mohm", "number"), line("works", "yes_no"), line("tidy", "yes_no"), line("said", "text")], devices: [], marked: [], violations: [] };
  const event: VenueEvent = { kind: "clear", at: "2026-11-28T04:00:00.000Z", contestant: "A017", stage: "wiring", data: { mohm: "1.02", works: false, station: "S1" } };

  it("is what its evidence says", () => {
    const typed = { mohm: "1.02", works: "no", tidy: "yes", said: "loose screw" };
    expect(typedOf(form, evidenceOf(form, typed).data)).toEqual(typed);
  });

  it("comes back when its entry is taken back, and writes over nothing that was typed since", () => {
    const typing = new Typing(new Shelf(new Memory(), "typed"));
    typing.putBack(event, [form]);
    expect(typing.of("A017", "wiring")).toEqual({ mohm: "1.02", works: "no" });
    typing.keep("A017", "wiring", { mohm: "2.4" });
    typing.putBack(event, [form]);
    expect(typing.of("A017", "wiring")).toEqual({ mohm: "2.4", works: "no" });
    typing.putBack({ ...event, kind: "start", data: {} }, [form]);
    typing.putBack({ ...event, stage: "gone" }, [form]);
    expect(typing.of("A017", "gone")).toEqual({});
  });
});

function typedAt(wedge: Wedge, text: string, every_ms: number, end = "Enter"): string | null {
  let at = 10_000;
  for (const key of text) wedge.press(key, (at += every_ms));
  return wedge.press(end, at + every_ms);
}

describe("a hand scanner", () => {
  it("is told from fingers by its speed", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z0-9-]{3,40}$/), fc.integer({ min: 1, max: 40 }), (text, every_ms) => {
        expect(typedAt(new Wedge(), text, every_ms)).toBe(text);
        expect(typedAt(new Wedge(), text, every_ms + 60)).toBeNull();
      }),
    );
  });

  it("presses Shift and may end with Tab; what came before the burst is not of it", () => {
    const wedge = new Wedge();
    wedge.press("x", 0);
    for (const [key, at] of [["Shift", 500], ["A", 505], ["1", 515], ["7", 525]] as const) wedge.press(key, at);
    expect(wedge.press("Tab", 535)).toBe("A17");
    expect(wedge.press("Enter", 540)).toBeNull();
  });

  it("does not make one of two keys struck together", () => expect(typedAt(new Wedge(), "ab", 5)).toBeNull());
});

function line(more: Partial<FormLine> = {}): FormLine {
  return { field: "insulation_mohm", kind: "number", name: null, aspect: null, unit: "MΩ", min: "0", max: "2000", places: 2, choices: [], ...more };
}

describe("a reading", () => {
  it.each([
    ["2.4", "2.4"],
    [" ２．４ ", "2.4"],
    [".5", "0.5"],
    ["1。5", "1.5"],
    ["7.", "7"],
  ])("%j is taken as %j, and never goes through a float", (typed, sent) => {
    expect(faultOf(line(), typed)).toBeNull();
    expect(plainNumber(typed)).toBe(sent);
  });

  it.each([
    ["abc", "deskNoNumber"],
    ["1,5", "deskNoNumber"],
    ["1e3", "deskNoNumber"],
    ["2.4 MΩ", "deskNoNumber"],
    ["1.234", "deskPlaces"],
    ["-0.01", "deskTooLow"],
    ["2000.01", "deskTooHigh"],
  ])("%j cannot be entered: %s", (typed, word) => expect(faultOf(line(), typed)?.word).toBe(word));

  it("is exact at the edges and beyond what a float holds", () => {
    expect(faultOf(line({ max: "0.3", places: null }), "0.300000001")?.word).toBe("deskTooHigh");
    expect(faultOf(line({ max: "9007199254740993", places: 0 }), "9007199254740993")).toBeNull();
    expect(faultOf(line({ places: 0 }), "1.5")?.word).toBe("deskWholeNumber");
  });

  it("travels as text, yes and no as what they are, and what is not typed is left out and named", () => {
    const fields = [line(), line({ field: "safe", kind: "yes_no" }), line({ field: "until", kind: "date" }), line({ field: "left" })];
    const form: StageForm = { stage: "s", name: null, fields, devices: [], marked: [], violations: [] };
    const { data, missing } = evidenceOf(form, { insulation_mohm: "2.40", safe: "no", until: "2026-12-31", left: " " });
    expect(data).toEqual({ insulation_mohm: "2.40", safe: false, until: "2026-12-31" });
    expect(missing.map((each) => each.field)).toEqual(["left"]);
  });
});

class Day {
  entries: Entry[] = [];
  #at = Date.UTC(2026, 10, 22, 1);

  do(...given: Parameters<typeof eventOf> extends [infer Doing, ...unknown[]] ? [Doing] : never): VenueEvent {
    const event = eventOf(given[0], floorOf(this.entries, "desk-1").attempts, new Date((this.#at += 1_000)));
    this.entries.push({ id: this.entries.length + 1, seq: null, made_ms: 0, event, position: null, refusal: null, settled: false });
    return event;
  }
}

describe("what an operator does", () => {
  it("begins an attempt, ends it, and begins the next", () => {
    const day = new Day();
    const of = { contestant: "A1", stage: "quiz" };
    expect(day.do({ deed: "start", ...of })).toMatchObject({ kind: "start", attempt: "desk-1-1" });
    expect(day.do({ deed: "readings", ...of, data: { v: "1" } })).toMatchObject({ kind: "evidence", attempt: "desk-1-1", data: { v: "1" } });
    expect(day.do({ deed: "reject", ...of })).toMatchObject({ kind: "attempt", attempt: "desk-1-1", data: { outcome: "rejected" } });
    expect(day.do({ deed: "start", ...of }).attempt).toBe("desk-1-2");
    expect(day.do({ deed: "pending", ...of })).toMatchObject({ attempt: "desk-1-2", data: { outcome: "pending" } });
    expect(day.do({ deed: "clear", ...of }), "the verdict of the attempt that waits").toMatchObject({ kind: "clear", attempt: "desk-1-2" });
    expect(day.do({ deed: "clear", contestant: "A2", stage: "quiz" }).attempt, "without a start").toBe("desk-1-1");
    expect(day.do({ deed: "readings", ...of, data: {} }).attempt, "after the end").toBe("desk-1-2");
  });

  it("says which deed an event was", () => {
    const day = new Day();
    for (const deed of ["call", "start", "reject", "pending", "clear", "readings", "violation", "note", "withdraw"] as const) {
      expect(deedOf(day.do({ deed, contestant: "A1", stage: "quiz", code: "x", text: "t" }))).toBe(deed);
    }
  });

  it("shows who is called and who works at which station, and forgets who is done", () => {
    const day = new Day();
    day.do({ deed: "call", contestant: "A1", station: "S1" });
    expect(floorOf(day.entries, "desk-1").stations.get("S1")).toMatchObject({ contestant: "A1", step: "called" });
    day.do({ deed: "start", contestant: "A1", stage: "quiz", station: "S1" });
    day.do({ deed: "call", contestant: "A2", station: "S2" });
    const floor = floorOf(day.entries, "desk-1");
    expect([...floor.stations].map(([station, each]) => [station, each.contestant, each.step])).toEqual([["S1", "A1", "working"], ["S2", "A2", "called"]]);
    day.do({ deed: "clear", contestant: "A1", stage: "quiz" });
    expect(floorOf(day.entries, "desk-1").stations.has("S1")).toBe(false);
    expect(floorOf(day.entries, "desk-1").stages.get(cellKey("A1", "quiz"))).toBe("cleared");
  });

  it("does not count what the server refused", () => {
    const day = new Day();
    day.do({ deed: "clear", contestant: "A1", stage: "quiz" });
    day.entries[0] = { ...day.entries[0]!, refusal: { code: "bad_event", detail: "" } };
    expect(floorOf(day.entries, "desk-1").people.size).toBe(0);
  });
});

describe("a station", () => {
  function venue(): { leases: Map<string, string>; at: (desk: string) => Stations; due: (() => void)[] } {
    const leases = new Map<string, string>();
    const due: (() => void)[] = [];
    const lease = (station: string) => ({ station, desk: leases.get(station)!, holder: "", since: "", until: "" });
    const hold = async (station: string, order: Order): Promise<Answer<Held>> => {
      const now = leases.get(station);
      if (order.leave === true) {
        if (now === order.desk) leases.delete(station);
        return { kind: "given", value: { mine: false, lease: null } };
      }
      if (now === undefined || order.take === true) leases.set(station, order.desk);
      return { kind: "given", value: { mine: leases.get(station) === order.desk, lease: lease(station) } };
    };
    const all = async () => ({ kind: "given" as const, value: { stations: [...leases.keys()].map(lease) } });
    const after = (_: number, act: () => void) => {
      due.push(act);
      return () => due.splice(due.indexOf(act), 1);
    };
    return { leases, due, at: (desk) => new Stations({ hold, all }, desk, "", after) };
  }

  it("warns the second desk, and the first one where the second takes it", async () => {
    const here = venue();
    const [one, two] = [here.at("desk-1"), here.at("desk-2")];
    await one.choose("S1");
    await two.choose("S1");
    expect([one.other, two.other?.desk]).toEqual([null, "desk-1"]);
    await two.take();
    await one.renew();
    expect([one.other?.desk, two.other]).toEqual(["desk-2", null]);
  });

  it("is left when another is chosen, and said again and again", async () => {
    const here = venue();
    const one = here.at("desk-1");
    await one.choose("S1");
    await one.choose("S2");
    expect([...here.leases.keys()]).toEqual(["S2"]);
    expect(here.due.length).toBe(1);
    one.stop();
    expect(here.due.length).toBe(0);
  });
});

describe("whose an entry is", () => {
  it("is said by number and name, and by the id of whoever is not on the list", () => {
    const roster = { version: 1, contestants: [{ id: "A017", venue: "east", number: "17", name: { zh: "陈建国", en: "Chen Jianguo" } }, { id: "A018", venue: "east" }] };
    const [zh, en] = [voiceOf(() => "zh"), voiceOf(() => "en")];
    expect([calledOf(zh, roster, "A017"), calledOf(en, roster, "A017"), calledOf(zh, roster, "A018"), calledOf(zh, undefined, "A017"), calledOf(zh, roster, undefined)]).toEqual(["17 陈建国", "17 Chen Jianguo", "A018", "A017", ""]);
  });
});
