import { expect, test } from "vitest";
import { CaseFile } from "../../src/referee/casefile.ts";
import { changesBetween } from "../../src/referee/changes.ts";
import { belonging } from "../../src/referee/general.ts";
import { bodyOf, entryOf, faultOf, highestOf, NOT_JUDGED, ordered } from "../../src/referee/marking.ts";
import { rowsOf } from "../../src/referee/preview.ts";
import { Queue, scrollTo, sliceOf } from "../../src/referee/queue.ts";
import { layOut } from "../../src/referee/timeline.ts";
import type { Answer } from "../../src/room/api.ts";
import type { Case, MarkTask, Standing, TimelineRow } from "../../src/room/types.ts";
import { aCase, flag, given, NO_EFFECT, queueOf, row, unreachable } from "./world.ts";

test("the line in hand stays in hand while others come and go, and its neighbour takes over when it is done", () => {
  const queue = new Queue();
  queue.take(queueOf(["a", "b", "c"].map((key) => row(key))));
  queue.choose("b");
  queue.take(queueOf(["x", "a", "b", "c"].map((key) => row(key))));
  expect([queue.active, queue.place]).toEqual(["b", 2]);
  queue.take(queueOf(["x", "a", "c"].map((key) => row(key))));
  expect(queue.active).toBe("c");
});

test("new blocking cases are told, but not those that were there at the beginning", () => {
  const queue = new Queue();
  expect(queue.take(queueOf([row("a", { severity: "block" })]))).toEqual([]);
  expect(queue.take(queueOf([row("a", { severity: "block" }), row("b", { severity: "block" }), row("c")])).map((each) => each.key)).toEqual(["b"]);
});

test("moving stops at the ends, and a filter hides what does not match", () => {
  const queue = new Queue();
  queue.take(queueOf([row("A1"), row("A2", { venue: "yueqing", codes: ["clock_offset"] }), row("A3")]));
  queue.move(-1);
  expect(queue.active).toBe("A3");
  queue.move(5);
  expect(queue.active).toBe("A3");
  queue.active = null;
  queue.move(3);
  expect(queue.active).toBe("A3");
  queue.active = null;
  queue.move(-3);
  expect(queue.active).toBe("A1");
  queue.sift({ text: "CLOCK a2", venue: null });
  expect(queue.rows.map((each) => each.key)).toEqual(["A2"]);
  queue.sift({ text: "", venue: "yongjia" });
  expect(queue.rows.map((each) => each.key)).toEqual(["A1", "A3"]);
});

test("who looks at a case is shown without oneself", () => {
  const queue = new Queue();
  const leases = ["R1", "R2"].map((official) => ({ official, contestant: "A1", stage: "wiring" }));
  queue.take(queueOf([row("A1")], { leases }));
  expect([queue.lookers("A1", "wiring", "R1"), queue.lookers("A1", "quiz", "R1")]).toEqual([["R2"], []]);
});

test("only the lines that are seen are drawn, with a few to spare", () => {
  const rows = Array.from({ length: 500 }, (_, index) => row(String(index)));
  const slice = sliceOf(rows, 1_000, 500, 50);
  expect([slice.from, slice.rows.length]).toEqual([16, 18]);
  expect([scrollTo(2, 0, 500, 50), scrollTo(40, 0, 500, 50), scrollTo(1, 400, 500, 50)]).toEqual([null, 1_550, 50]);
});

test("what changed is shown before and now, and what stayed is not", () => {
  const before = aCase();
  const now = aCase({ basis: "b2", flags: [flag("f1", { answer: { ruling: "r", official: "R2", code: "checked", reason: "fine", at: "x" } }), ...before.flags.slice(1)], explanation: { ...before.explanation!, points: "7" } });
  expect(changesBetween(before, now).map(({ what, before: was, now: is }) => [what, was, is])).toEqual([["changedPoints", "8.5", "7"], ["changedQuestion", "214 s late", "214 s late ✓ R2: fine"]]);
  expect(changesBetween(before, aCase())).toEqual([]);
});

test("a case is not exchanged under somebody's hands, and is when nobody is busy", async () => {
  const answers: Answer<Case>[] = [given(aCase()), given(aCase({ basis: "b2" })), given(aCase({ basis: "b2" }))];
  const file = new CaseFile(async () => answers.shift() ?? unreachable);
  await file.open({ contestant: "A1", stage: "wiring" });
  await file.refresh(() => true);
  expect([file.case?.basis, file.newer?.basis]).toEqual(["b1", "b2"]);
  file.acceptNewer();
  expect([file.case?.basis, file.newer]).toEqual(["b2", null]);
  await file.refresh(() => false);
  await file.refresh(() => false);
  expect(file.case?.basis).toBe("b2");
});

test("an answer about a case that was left is not shown", async () => {
  let answer: (value: Answer<Case>) => void = () => {};
  const slow = new Promise<Answer<Case>>((resolve) => { answer = resolve; });
  const answers = [slow, Promise.resolve(given(aCase({ contestant: "A2" })))];
  const file = new CaseFile(() => answers.shift()!);
  const first = file.open({ contestant: "A1", stage: "wiring" });
  await file.open({ contestant: "A2", stage: "wiring" });
  answer(given(aCase()));
  await first;
  expect(file.case?.contestant).toBe("A2");
});

const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 22, 1, 0, seconds)).toISOString();
const event = (raw: number, more: Partial<TimelineRow> = {}): TimelineRow => ({ at: at(raw), raw: at(raw), received: at(raw), offset_ms: 0, error_ms: 0, kind: "clear", source: "s", seq: 1, position: 1, attempt: null, what: "", ...more });

test("on the line of time, raw, corrected, error and arrival stand in their order, and a late arrival does not squeeze the rest", () => {
  const picture = layOut([event(0), event(100, { at: at(98), error_ms: 1_000, received: at(4_000) })])!;
  const [first, second] = picture.marks;
  expect(first!.at).toBeLessThan(second!.at);
  expect([second!.at < second!.raw!, second!.error![0] < second!.at, second!.at < second!.error![1]]).toEqual([true, true, true]);
  expect([second!.received, second!.late_ms, second!.moved_ms]).toEqual([1, 3_902_000, -2_000]);
  expect(second!.at).toBeGreaterThan(0.5);
  for (const mark of picture.marks) expect([mark.at >= 0 && mark.at <= 1, mark.raw! >= 0 && mark.raw! <= 1]).toEqual([true, true]);
});

test("an act of an official has no device time, and nothing at all is no picture", () => {
  expect(layOut([event(0), event(5, { raw: null, offset_ms: null, error_ms: null, seq: null })])!.marks[1]).toMatchObject({ raw: null, error: null });
  expect([layOut([]), layOut([event(0, { at: "x" })])]).toEqual([null, null]);
});

const task: MarkTask = { contestant: "A1", code: null, stage: "wiring", attempt: "A1-1", aspect: "work", kind: "panel", maximum: "4", in: 1, panel: 3, mine: null, complete: false };

test("what nobody chose is not judged and cannot be sent; it is never no and never 0", () => {
  for (const entry of ["yes_no", "zero_to_three", "number", "value"] as const) expect(faultOf(NOT_JUDGED, entry, "3")).toEqual({ word: "markMissing" });
  expect([faultOf("0", "number", "4"), faultOf("4.5", "number", "4")?.word, faultOf("x", "number", "4")?.word, faultOf("1.02 MΩ", "value", null)]).toEqual([null, "faultAbove", "faultNoNumber", null]);
});

test("how a mark is entered depends on its rule", () => {
  const aspect = (rule: string): { id: string; rule: string } => ({ id: "work", rule });
  expect([entryOf(task, aspect("check")), entryOf(task, aspect("judgement_0_3")), entryOf(task, null), entryOf({ ...task, kind: "double_entry" }, null)]).toEqual(["yes_no", "zero_to_three", "number", "value"]);
  expect([highestOf(task, "zero_to_three"), highestOf(task, "number"), highestOf(task, "value")]).toEqual(["3", "4", null]);
});

test("blind work is sent under its code, without a contestant", () => {
  expect(bodyOf({ ...task, contestant: null, code: "K7", attempt: null }, "２", "m1")).toEqual({ id: "m1", code: "K7", stage: "wiring", attempt: null, aspect: "work", value: "2" });
  expect(ordered([{ ...task, mine: "1", aspect: "a" }, task]).map((each) => each.mine)).toEqual([null, "1"]);
});

test("an effect shows whom it is about first, and then who would stand where", () => {
  const standing = (rank: number | null, points = "1"): Standing => ({ rank, points, time_ms: 0, cleared: 0, status: "ok", medal: null });
  const rows = rowsOf({ ...NO_EFFECT, rows: [{ contestant: "A9", before: standing(2), after: standing(3) }, { contestant: "A1", before: standing(9), after: standing(5) }, { contestant: "A2", before: standing(1), after: standing(2) }, { contestant: "G1", before: standing(null), after: null }] }, "A1");
  expect(rows.map((each) => [each.contestant, each.gained])).toEqual([["A1", 4], ["A2", -1], ["A9", -1], ["G1", 0]]);
  expect(rows[3]!.rank).toEqual(["–", "–"]);
});

test("a device's case holds the questions of that device only", () => {
  const flags = [flag("a", { code: "clock_offset", events: ["yueqing/desk-1#4"] }), flag("b", { code: "clock_offset", events: ["yueqing/desk-10#4"] }), flag("c", { events: ["yueqing/desk-1#4"] })];
  expect(belonging(row("device", { source: "yueqing/desk-1", codes: ["clock_offset"] }), flags).map((each) => each.key)).toEqual(["a"]);
  expect(belonging(row("device", { keys: ["c"] }), flags).map((each) => each.key)).toEqual(["c"]);
});
