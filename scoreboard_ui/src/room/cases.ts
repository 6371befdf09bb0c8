/** A case, and the explanation of a score, exactly as they travel. */

import type { Sentence } from "../board/types.ts";
import type { Ruling, Severity } from "./types.ts";

export interface Opinion {
  readonly doubt: string;
  readonly detail: Sentence;
  readonly code: string;
  readonly threshold: unknown;
  readonly seen: unknown;
}

export interface ScoreLine {
  readonly rule: string;
  readonly version: string;
  readonly subject: string;
  readonly marks: string | null;
  readonly maximum: string | null;
  readonly time_ms: number | null;
  readonly steps: readonly { readonly what: Sentence; readonly result: Sentence }[];
  readonly used: Readonly<Record<string, unknown>>;
  readonly ignored: Readonly<Record<string, Sentence>>;
  readonly opinions: readonly Opinion[];
}

export interface Attempt {
  readonly id: string;
  readonly outcome: string | null;
  readonly time_ms: number;
  readonly start_ms?: number | null;
  readonly provenance?: Readonly<Record<string, string>>;
  readonly events?: readonly string[];
}

export interface RawEvent {
  readonly position: number;
  readonly source: string;
  readonly seq: number;
  readonly kind: string;
  readonly at: string;
  readonly received: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly attempt: string | null;
  readonly offset_us: number | null;
  readonly error_us: number | null;
}

export interface Explanation {
  readonly contestant: string;
  readonly stage: string;
  readonly definition: number;
  readonly position: number;
  readonly state: string;
  readonly points: string;
  readonly maximum: string;
  readonly award: string;
  readonly penalty_ms: number;
  readonly lines: readonly ScoreLine[];
  readonly attempts: readonly Attempt[];
  readonly flags: readonly Flag[];
  readonly events: readonly RawEvent[];
  /** Names of the stage's aspects by id; /scores alone has them. */
  readonly aspects?: Readonly<Record<string, { readonly zh?: string; readonly en?: string } | null>>;
}

export interface Flag {
  readonly key: string;
  readonly code: string;
  readonly severity: Severity;
  readonly rule: string;
  readonly contestant: string | null;
  readonly stage: string | null;
  readonly subject: string;
  readonly detail: Sentence;
  readonly threshold: unknown;
  readonly seen: unknown;
  readonly suggestion?: Sentence;
  readonly events: readonly string[];
  readonly answer?: { readonly ruling: string; readonly official: string; readonly code: string; readonly reason: string; readonly at: string } | null;
}

/** An event with its raw and its corrected time; or an act of an official, which has only one. */
export interface TimelineRow {
  readonly at: string;
  readonly raw: string | null;
  readonly received: string;
  readonly offset_ms: number | null;
  readonly error_ms: number | null;
  readonly kind: string;
  readonly source: string;
  readonly seq: number | null;
  readonly position: number;
  readonly attempt: string | null;
  readonly what: string;
}

export interface Judgement {
  readonly version: number;
  readonly attempt: string;
  readonly position: number;
  readonly at: string;
  readonly because: string;
  readonly by: string | null;
  readonly state: string;
  readonly outcome: string | null;
  readonly points?: string;
  readonly marks?: string;
  readonly current: boolean;
}

export interface PanelMarks {
  readonly attempt?: string;
  readonly aspect: string;
  readonly panel: number;
  readonly in: number;
  readonly complete: boolean;
  readonly mine: string | null;
  readonly marks: readonly { readonly official: string; readonly value: string }[] | null;
}

export interface Case {
  readonly contestant: string;
  readonly stage: string;
  readonly basis: string;
  readonly position: number;
  readonly recused: boolean;
  readonly judgement: { readonly state: string; readonly life: string; readonly progress?: string } | null;
  readonly explanation: Explanation | null;
  readonly flags: readonly Flag[];
  readonly timeline: readonly TimelineRow[];
  readonly judgements: readonly Judgement[];
  readonly rulings: readonly Ruling[];
  readonly marks: readonly PanelMarks[];
}
