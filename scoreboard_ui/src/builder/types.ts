/** The draft of a contest: a definition's document that may still be unfinished. What the page does not know of it stays in it untouched. */

export interface Both {
  readonly zh?: string;
  readonly en?: string;
}

/** One string stands for both languages. */
export type Text = string | Both;

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A rule by its name, with the rule's own options beside it. */
export interface RuleUse {
  readonly rule: string;
  readonly [option: string]: unknown;
}

export interface Aspect extends RuleUse {
  readonly id: string;
  readonly max?: string | number;
  readonly name?: Text;
}

export interface Stage {
  readonly id: string;
  readonly name?: Text;
  readonly group?: string;
  readonly points?: string | number;
  readonly pass_marks?: string | number;
  readonly aspects?: readonly Aspect[];
  readonly rules?: readonly RuleUse[];
  readonly [more: string]: unknown;
}

export interface Venue {
  readonly id: string;
  readonly name?: Text;
  readonly colour?: string;
}

export interface Contestant {
  readonly id: string;
  readonly venue?: string;
  readonly name?: Text;
  readonly employer?: Text;
  readonly trade?: Text;
  readonly number?: string;
  readonly status?: string;
  readonly team?: string;
  readonly photo?: string;
}

export interface Official {
  readonly id: string;
  readonly role?: "chief" | "referee";
  readonly venue?: string;
  readonly name?: Text;
  readonly employer?: Text;
  readonly recused?: readonly string[];
}

export interface Link {
  readonly by: string;
  readonly order?: "asc" | "desc";
  readonly unit?: "ms" | "second" | "minute";
}

export interface About {
  readonly id: string;
  readonly version?: number | string;
  readonly name?: Text;
  readonly organiser?: Text;
  readonly starts?: string;
  readonly minutes?: number | string;
  readonly freeze_minutes?: number | string;
  readonly languages?: readonly string[];
  readonly [more: string]: unknown;
}

/** A node of the marking scheme. A sub-criterion's id begins with that of the one above. */
export interface Criterion {
  readonly id: string;
  readonly name?: Text;
  readonly marks?: string | number;
}

/** How far a device's clock may be off, and how long what it tells may be on its way. */
export interface ClockPolicy {
  readonly max_offset_ms?: number | string;
  readonly correct?: boolean;
  readonly late_after_s?: number | string;
}

export interface Draft {
  readonly format: 1;
  readonly contest: About;
  readonly clock?: ClockPolicy;
  readonly venues: readonly Venue[];
  readonly contestants?: readonly Contestant[];
  readonly officials?: readonly Official[];
  readonly referees?: Readonly<Record<string, unknown>>;
  readonly stages: readonly Stage[];
  readonly rules?: readonly RuleUse[];
  readonly doubts?: readonly RuleUse[];
  readonly doubts_defaults?: { readonly off?: readonly string[] };
  readonly total?: RuleUse;
  readonly criteria?: readonly Criterion[];
  readonly ranking?: readonly Link[];
  readonly ties?: Readonly<Record<string, unknown>>;
  readonly [more: string]: unknown;
}

export const CONTESTANT_FIELDS = ["id", "name", "venue", "employer", "trade", "number", "status", "team", "photo"] as const;
