/** What the chief referee's page reads, exactly as it travels. */

import type { Sentence } from "../board/types.ts";
import type { Cause, Effect, Standing } from "../room/types.ts";

export interface Reason {
  readonly code: string;
  readonly detail: Sentence;
  readonly about: Readonly<Record<string, string>>;
}

export interface Overview {
  readonly phase: "before" | "running" | "paused" | "ended";
  readonly position: number;
  readonly digest: string;
  readonly counts: Readonly<Record<"cases" | "blocking" | "waiting_second" | "appeals_open" | "unjudged" | "rulings" | "overrides", number>>;
  readonly reasons: readonly Reason[];
  /** Whether a rule levels venues or referees. */
  readonly adjusts?: boolean;
  readonly venues: readonly { readonly id: string; readonly sources: number; readonly events: number; readonly handed_over: boolean; readonly missing: number }[];
  readonly officials: readonly { readonly id: string; readonly looking: string | null; readonly rulings: number }[];
  readonly final: boolean;
}

export type AppealState = "filed" | "admitted" | "late" | "under_review" | "upheld" | "dismissed" | "second_level" | "final";

export interface Appeal {
  readonly id: string;
  readonly contestant: string;
  readonly stage: string | null;
  readonly attempt: string | null;
  readonly ruling: string | null;
  readonly text: string;
  readonly evidence: readonly string[];
  readonly state: AppealState;
  readonly official: string;
  readonly at: string;
  readonly deadline: string | null;
  readonly moves: readonly { readonly to: AppealState; readonly official: string; readonly panel: readonly string[]; readonly reason: string; readonly at: string }[];
  readonly rulings: readonly string[];
  readonly next?: readonly AppealState[];
  readonly position?: number;
}

/** Since when a rule that levels venues or referees holds, by whom, and whether marks could be seen before. */
export interface Adjusting {
  readonly since: { readonly position: number; readonly at: string; readonly by: string; readonly reason: string };
  readonly first_mark: number | null;
  readonly late: boolean;
}

/** `GET …/conversions`: the points, and what rules make of them. */
export interface Conversions {
  readonly rules: readonly { readonly number: number; readonly rule: string; readonly adjusts: Adjusting | null }[];
  readonly rows: readonly {
    readonly rank: number | null;
    readonly id: string;
    readonly points: string;
    /** By the number of the rule. */
    readonly conversions: Readonly<Record<string, { readonly value: string; readonly told: readonly Sentence[] } | null>>;
  }[];
}

export interface Sample {
  readonly id: string;
  readonly seed: string;
  readonly top: number;
  readonly percent: number;
  readonly members: readonly { readonly contestant: string; readonly right: boolean | null; readonly official: string | null }[];
  readonly errors_percent: number;
  readonly all_needed: boolean;
}

export interface SignOff {
  readonly contestant: string;
  readonly role: string;
  readonly official: string;
  readonly at: string;
  readonly valid: boolean;
}

export interface Corrections {
  readonly published: { readonly id: string; readonly position: number; readonly at: string; readonly official: string; readonly digest: string } | null;
  /** Publications that were taken back; an older server tells of none. */
  readonly withdrawn?: readonly {
    readonly id: string;
    readonly position: number;
    readonly at: string;
    readonly by: { readonly ruling: string; readonly at: string; readonly official: string; readonly reason: string };
  }[];
  /** Until when an appeal is in time; null: no time is set, or nothing is published. */
  readonly appeals_until?: string | null;
  readonly notices: readonly {
    readonly position: number;
    readonly at: string | null;
    readonly contestant: string;
    readonly before: Standing | null;
    readonly after: Standing | null;
    readonly because: (Cause & { readonly ruling: string | null }) | null;
  }[];
  /** How many older ones are not told. */
  readonly more?: number;
}

export interface Layer {
  readonly layer: number;
  readonly count: number;
  readonly revealed: boolean;
  readonly official: string;
  readonly at: string;
}

export interface Fault {
  readonly where: string;
  readonly message: Sentence;
}

export interface Rejudging {
  readonly id: string;
  readonly state: "running" | "ready" | "applied" | "cancelled" | "failed";
  readonly done: number;
  readonly all: number;
  readonly version: number;
  readonly position?: number;
  readonly effect?: Effect;
  readonly left_out?: readonly { readonly contestant: string | null; readonly stage: string | null; readonly count: number; readonly why: string }[];
  readonly faults: readonly Fault[];
}

export interface Definition {
  readonly version: number;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly versions?: readonly { readonly version: number; readonly position: number; readonly official: string | null; readonly reason: string }[];
}
