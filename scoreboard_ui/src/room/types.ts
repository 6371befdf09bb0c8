/** What officials' pages and the server say to each other, exactly as it travels. Nothing here decides anything. */

import type { Name } from "../board/types.ts";

export type * from "./cases.ts";

export type Role = "referee" | "chief";

export interface Official {
  readonly id: string;
  readonly role?: Role;
  readonly venue?: string | null;
  readonly name?: Name | null;
}

export interface Me {
  readonly official: Official & { readonly role: Role };
  readonly fresh_until: string;
  readonly expires: string;
}

export const VERBS = [
  "confirm", "override", "annul", "reinstate", "rerun", "return", "penalise", "disqualify", "status", "hold", "remove", "stop_clock", "start_clock", "step", "reopen", "undo",
] as const;
export type Verb = (typeof VERBS)[number];

export const REASON_CODES = [
  "checked", "rule_misapplied", "evidence_reviewed", "entry_error", "device_fault", "clock_fault", "wrong_contestant",
  "venue_stoppage", "safety", "conduct", "appeal_upheld", "re_run_ruled", "other",
] as const;

export const STATUSES = ["ok", "overtime", "missed", "dnf", "withdrawn", "dsq", "dns", "guest"] as const;
export const STEPS = ["registered", "called", "ready"] as const;
export const OUTCOMES = ["accepted", "rejected", "free"] as const;

/** What a ruling does. Marks are decimal text; times over HTTP are ISO 8601. */
export interface Action {
  readonly verb: Verb;
  readonly aspect?: string;
  readonly marks?: string;
  readonly outcome?: string;
  readonly time_ms?: number;
  readonly status?: string;
  readonly from?: string;
  /** Of a clock that was stopped: null while it stands. */
  readonly to?: string | null;
  readonly at?: string;
  readonly venue?: string;
  readonly act?: string;
}

export interface RulingBody {
  readonly id: string;
  readonly contestant: string | null;
  readonly stage: string | null;
  readonly attempt: string | null;
  readonly action: Action;
  readonly code: string;
  readonly reason: string;
  readonly basis: string | null;
  readonly flags: readonly string[];
  readonly appeal: string | null;
}

export type RulingState = "waiting" | "in_force" | "rejected" | "undone";

export interface Ruling {
  readonly id: string;
  readonly position: number;
  readonly at: string;
  readonly official: string;
  readonly contestant: string | null;
  readonly stage: string | null;
  readonly attempt: string | null;
  readonly action: Action;
  readonly code: string;
  readonly reason: string;
  readonly needs: readonly string[];
  readonly flags?: readonly string[];
  readonly state: RulingState;
  readonly second: { readonly official: string; readonly approve: boolean; readonly reason: string; readonly at: string } | null;
  readonly undone_by: string | null;
  readonly summary: Name;
}

export type Severity = "info" | "review" | "block";
export type Blocks = "finalise" | "medal" | "rank" | "first_clear" | "marks";

/** A line of the queue: one contestant's work at a stage, or a device that touches many attempts, or the contest. */
export interface CaseRow {
  readonly key: string;
  readonly contestant: string | null;
  readonly stage: string | null;
  readonly attempt: string | null;
  readonly severity: Severity;
  readonly codes: readonly string[];
  readonly flags: number;
  /** The keys of its questions. */
  readonly keys?: readonly string[];
  readonly blocks: readonly Blocks[];
  readonly weight: number;
  readonly since: string;
  readonly venue: string | null;
  readonly rank: number | null;
  readonly state: string | null;
  readonly points: string;
  readonly maximum: string;
  readonly source?: string | null;
  readonly count?: number;
}

export interface Lease {
  readonly official: string;
  readonly contestant: string | null;
  readonly stage: string | null;
}

export interface QueueMessage {
  readonly type: "queue";
  readonly revision: number;
  readonly position: number;
  readonly total: number;
  readonly cases: readonly CaseRow[];
  readonly leases: readonly Lease[];
  readonly waiting: readonly Ruling[];
  readonly counts: Readonly<Record<"block" | "review" | "waiting" | "appeals", number>>;
}

export interface Standing {
  readonly rank: number | null;
  readonly points: string;
  readonly time_ms: number;
  readonly cleared: number;
  readonly status: string;
  readonly medal: string | null;
}

/** What changed a result: an entry in a few words, and the words of whoever decided it, where a person did. */
export interface Cause {
  readonly what: string;
  readonly reason: string | null;
}

export interface Effect {
  readonly rows: readonly { readonly contestant: string; readonly before: Standing | null; readonly after: Standing | null }[];
  readonly more: number;
  readonly cells: readonly {
    readonly contestant: string;
    readonly stage: string;
    readonly before: { readonly state: string; readonly points: string } | null;
    readonly after: { readonly state: string; readonly points: string } | null;
  }[];
  readonly first: readonly { readonly stage: string; readonly before: readonly string[]; readonly after: readonly string[] }[];
  readonly medals: number;
  readonly digest: string;
  readonly position: number;
}

export interface MarkTask {
  readonly contestant?: string | null;
  readonly code?: string | null;
  readonly stage: string;
  readonly attempt: string | null;
  readonly aspect: string;
  readonly name?: Name | string | null;
  readonly kind: "panel" | "double_entry";
  readonly maximum: string | null;
  readonly in: number;
  readonly panel: number;
  readonly mine: string | null;
  readonly complete: boolean;
}

export interface RawEntry {
  readonly position: number;
  readonly author: string;
  readonly received: string;
  readonly hash: string;
  readonly fact: Readonly<Record<string, unknown>>;
}
