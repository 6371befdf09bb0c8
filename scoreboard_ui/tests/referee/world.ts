/** A small room of referees: one case, answers as a server gives them, and a store that can be read. */

import type { Answer, Refused } from "../../src/room/api.ts";
import { Memory, Shelf } from "../../src/room/storage.ts";
import type { Case, CaseRow, Effect, Flag, QueueMessage } from "../../src/room/types.ts";

export const given = <T>(value: T): Answer<T> => ({ kind: "given", value });
export const unreachable: Answer<never> = { kind: "unreachable" };
export const refused = (status: number, code: string, more: Record<string, unknown> = {}): Refused => ({ kind: "refused", status, code, detail: `why ${code}`, body: { code, ...more } });

export const flag = (key: string, more: Partial<Flag> = {}): Flag => ({
  key, code: "late", severity: "review", rule: "late", contestant: "A1", stage: "wiring", subject: "attempt A1-1", detail: "214 s late", threshold: 120_000, seen: 214_000, events: [], answer: null, ...more,
});

export function aCase(more: Partial<Case> = {}): Case {
  return {
    contestant: "A1", stage: "wiring", basis: "b1", position: 7, recused: false, judgement: { state: "questionable", life: "provisional" },
    explanation: {
      contestant: "A1", stage: "wiring", definition: 1, position: 7, state: "cleared", points: "8.5", maximum: "10", award: "0", penalty_ms: 0,
      lines: [{ rule: "threshold", version: "1", subject: "aspect insulation", marks: "5", maximum: "6", time_ms: null, steps: [], used: {}, ignored: {}, opinions: [] }],
      attempts: [{ id: "A1-1", outcome: "rejected", time_ms: 1 }, { id: "A1-2", outcome: "accepted", time_ms: 2 }], flags: [], events: [],
    },
    flags: [flag("f1"), flag("f2", { severity: "info" }), flag("f3", { answer: { ruling: "r", official: "R9", code: "checked", reason: "seen", at: "2026-11-22T01:00:00Z" } })],
    timeline: [], judgements: [], rulings: [], marks: [], ...more,
  };
}

export const row = (key: string, more: Partial<CaseRow> = {}): CaseRow => ({
  key, contestant: key, stage: "wiring", attempt: null, severity: "review", codes: ["late"], flags: 1, blocks: [], weight: 1, since: "2026-11-22T01:00:00Z", venue: "yongjia", rank: 1, state: "cleared", points: "1", maximum: "2", ...more,
});

export function queueOf(cases: readonly CaseRow[], more: Partial<QueueMessage> = {}): QueueMessage {
  return { type: "queue", revision: 1, position: 9, total: cases.length, cases, leases: [], waiting: [], counts: { block: 0, review: cases.length, waiting: 0, appeals: 0 }, ...more };
}

export const NO_EFFECT: Effect = { rows: [], more: 0, cells: [], first: [], medals: 0, digest: "d", position: 9 };

export const shelf = (store = new Memory()): Shelf => new Shelf(store, "contest/c");
