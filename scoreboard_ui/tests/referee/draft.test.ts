import { expect, test } from "vitest";
import { DEEDS, hindrance, WAYS } from "../../src/referee/deeds.ts";
import { aboutCase, bodyOf, type Draft, draftOf, Drafts, emptyDraft, turned } from "../../src/referee/draft.ts";
import { faultsOf } from "../../src/referee/faults.ts";
import { localOf } from "../../src/room/times.ts";
import { aCase, shelf } from "./world.ts";

const about = aboutCase(aCase());
const draft = (deed: Draft["deed"], more: Partial<Draft> = {}): Draft => ({ ...emptyDraft(deed), code: "checked", reason: "seen it", ...more });
const places = (each: Draft): string[] => faultsOf(each, about).map((fault) => fault.place);

test("an empty form is never whole", () => {
  for (const deed of DEEDS) expect(faultsOf(emptyDraft(deed), about).length).toBeGreaterThan(0);
});

test("a form without its reason or its text is not whole", () => {
  expect(places(draft("confirm", { code: "" }))).toEqual(["code"]);
  expect(places(draft("confirm", { reason: " ok " }))).toEqual(["reason"]);
  expect(places(draft("confirm"))).toEqual([]);
});

test("marks stay within what the aspect or the stage is worth", () => {
  expect(places(draft("override", { marks: "10.5" }))).toEqual(["marks"]);
  expect(places(draft("override", { marks: "10" }))).toEqual([]);
  expect(places(draft("override", { marks: "6.5", aspect: "insulation" }))).toEqual(["marks"]);
  expect(places(draft("override", { marks: "-1" }))).toEqual(["marks"]);
  expect(places(draft("override", { change: "accepted" }))).toEqual([]);
});

test("a penalty takes something", () => {
  expect(places(draft("penalise"))).toEqual(["marks"]);
  expect(places(draft("penalise", { marks: "0", seconds: "0" }))).not.toEqual([]);
  expect(places(draft("penalise", { seconds: "30" }))).toEqual([]);
  expect(places(draft("giveback", { seconds: "-3" }))).toEqual(["seconds"]);
});

test("an interval ends after it begins", () => {
  const times = { from: "2026-11-22T10:00:00", to: "2026-11-22T09:00:00" };
  expect(places(draft("remove", times))).toEqual(["to"]);
  expect(places(draft("remove", { ...times, to: "2026-11-22T11:00:00", reach: "venue" }))).toEqual(["venue"]);
});

test("a ruling names what it was based on and what it answers: open questions, less those that were taken out", () => {
  expect(bodyOf(draft("annul"), about, "r1")).toEqual({
    id: "r1", contestant: "A1", stage: "wiring", attempt: "A1-2", action: { verb: "annul" }, code: "checked", reason: "seen it", basis: "b1", flags: ["f1"], appeal: null,
  });
  expect(bodyOf(draft("annul", { attempt: "A1-1", unanswered: ["f1"] }), about, "r1")).toMatchObject({ attempt: "A1-1", flags: [] });
});

test("time given back is a penalty below zero", () => {
  expect(bodyOf(draft("giveback", { seconds: "1.5" }), about, "r").action).toEqual({ verb: "penalise", marks: "0", time_ms: -1_500 });
});

test("what is about the whole contest names no stage and no basis", () => {
  expect(bodyOf(draft("penalise", { marks: "2", reach: "contest" }), about, "r")).toMatchObject({ contestant: "A1", stage: null, basis: null });
  expect(bodyOf(draft("status", { status: "dns" }), about, "r")).toMatchObject({ contestant: "A1", stage: null, attempt: null });
  expect(bodyOf(draft("hold", { from: "2026-11-22T10:00:00" }), about, "r")).toMatchObject({ contestant: null, stage: "wiring", basis: null });
});

test("a contestant's own clock stops and starts now, or when it is said, and is that of all stages", () => {
  expect(bodyOf(draft("stop_clock"), about, "r")).toMatchObject({ contestant: "A1", stage: null, attempt: null, basis: null, action: { verb: "stop_clock" } });
  expect(bodyOf(draft("start_clock", { from: "2026-11-22T10:00:30" }), about, "r").action).toEqual({ verb: "start_clock", at: new Date("2026-11-22T10:00:30").toISOString() });
  expect(places(draft("stop_clock"))).toEqual([]);
  expect(places(draft("stop_clock", { from: "soon" }))).toEqual(["from"]);
  expect(faultsOf(draft("start_clock"), { ...about, contestant: null }).map((fault) => fault.place)).toEqual(["contestant"]);
});

test("another verb keeps the reason and drops the marks", () => {
  expect(turned(draft("override", { marks: "3" }), "annul")).toMatchObject({ deed: "annul", reason: "seen it", code: "checked", marks: "" });
});

test("a form can be made of the ruling again", () => {
  for (const each of [draft("override", { marks: "3", aspect: "insulation" }), draft("giveback", { seconds: "2" }), draft("annul", { attempt: "A1-1" }), draft("status", { status: "dnf" })]) {
    expect(bodyOf(draftOf(bodyOf(each, about, "r"), localOf), about, "r")).toEqual(bodyOf(each, about, "r"));
  }
});

test("forms are kept by case and by official", () => {
  const store = shelf();
  new Drafts(store, "R1").keep("A1/wiring", draft("annul"));
  expect(new Drafts(store, "R1").of("A1/wiring")?.deed).toBe("annul");
  expect([new Drafts(store, "R2").of("A1/wiring"), new Drafts(store, "R1").of("A2/wiring")]).toEqual([null, null]);
});

test("why something cannot be done is known", () => {
  const here = { role: "referee", recused: false, final: false, hasAttempt: true, hasContestant: true, hasStage: true, questions: 1, undoable: 0 } as const;
  expect(DEEDS.filter((deed) => hindrance(deed, here) !== null)).toEqual(["status", "hold", "remove", "undo"]);
  expect(hindrance("annul", { ...here, hasAttempt: false })).toBe("whyNoAttempt");
  expect(new Set(DEEDS.map((deed) => hindrance(deed, { ...here, recused: true })))).toEqual(new Set(["whyRecused"]));
  expect(hindrance("confirm", { ...here, hasAttempt: false, questions: 0 })).toBe("whyNothingAsked");
  expect([hindrance("reopen", { ...here, role: "chief", final: true }), hindrance("annul", { ...here, final: true })]).toEqual([null, "whyFinal"]);
  expect(WAYS.confirm.lenient).toBe(true);
});
