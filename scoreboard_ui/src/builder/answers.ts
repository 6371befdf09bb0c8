/** What the server answers to a builder: its rules, and what it thinks of a draft. Nothing of a draft stays there. */

import type { Both, Contestant, Draft, Text } from "./types.ts";

export type OptionType = "number" | "integer" | "boolean" | "text" | "choice" | "day" | "expression" | "list" | "object" | "any";

export interface Chosen {
  readonly value: unknown;
  readonly title: Both;
}

export interface Item {
  readonly type: OptionType;
  readonly choices?: readonly Chosen[];
  readonly options?: readonly Option[];
}

/** One option of a rule. */
export interface Option {
  readonly name: string;
  readonly title: Both;
  readonly help: Both;
  readonly type: OptionType;
  readonly required: boolean;
  readonly default?: unknown;
  readonly choices?: readonly Chosen[];
  readonly min?: string | number | null;
  readonly max?: string | number | null;
  readonly unit?: string | null;
  readonly item?: Item;
  readonly optional?: boolean;
}

export interface Entered {
  readonly field: string;
  readonly kind: "number" | "yes_no" | "choice" | "date" | "text";
  readonly choices?: readonly string[];
  readonly low?: string | number | null;
  readonly high?: string | number | null;
  readonly places?: number | null;
  readonly unit?: string | null;
}

export interface Because {
  readonly rule: string;
  readonly subject: string;
  readonly marks: string | null;
  readonly max: string | null;
  readonly penalty_ms?: number | null;
  readonly steps: readonly { readonly what: Text; readonly result: Text }[];
  readonly used?: Readonly<Record<string, unknown>>;
  readonly ignored?: Readonly<Record<string, Text>>;
}

export interface Raised {
  readonly code: string;
  readonly severity: "info" | "review" | "block";
  readonly detail: Text;
  readonly suggestion?: Text;
}

export interface BoardRow {
  readonly contestant: string;
  readonly rank: number | null;
  readonly points: string;
  readonly time_ms: number | null;
  readonly cleared: number;
}

export interface Result {
  readonly marks: string | null;
  readonly max: string | null;
  readonly state: string | null;
  readonly time_ms?: number | null;
  readonly penalty_ms?: number;
  readonly because: readonly Because[];
  readonly flags: readonly Raised[];
  readonly board?: readonly BoardRow[];
  readonly converted?: readonly { readonly who: string | null; readonly value: string | null }[] | null;
}

export interface Example {
  readonly says: Both;
  readonly options: Readonly<Record<string, unknown>>;
  readonly max: string | null;
  readonly story: unknown;
  readonly data: Readonly<Record<string, unknown>>;
  readonly tries?: number;
  readonly elapsed_s?: string | number | null;
  readonly violations?: readonly string[];
  /** null: the example does not fit the rule any more. */
  readonly result: Result | null;
}

export type Place = "aspect" | "stage" | "everywhere" | "doubts" | "total" | "conversions";

export interface Rule {
  readonly name: string;
  readonly group: string;
  readonly kind: "measurement" | "judgement" | null;
  readonly stations: readonly string[];
  readonly places: readonly Place[];
  readonly title: Both;
  readonly purpose: Both;
  readonly version: string;
  readonly asked_always?: boolean;
  readonly options: readonly Option[];
  readonly enters: readonly Entered[];
  readonly violations: readonly string[];
  readonly examples: readonly Example[];
}

export interface Measure {
  readonly by: string;
  /** A sentence: "less time first". */
  readonly title: Both;
  readonly descending: boolean;
}

export interface Gallery {
  readonly rules: readonly Rule[];
  readonly groups: readonly { readonly id: string; readonly title: Both }[];
  readonly measures: readonly Measure[];
}

export interface Fault {
  readonly where: string;
  readonly message: Both;
  readonly code: string;
}

export interface FormField extends Entered {
  readonly name?: Both | null;
  readonly aspect?: string | null;
}

export interface Form {
  readonly stage: string;
  readonly fields: readonly FormField[];
  readonly devices: readonly string[];
  readonly marked: readonly string[];
  readonly violations: readonly string[];
  readonly violation_names?: Readonly<Record<string, Both>>;
  readonly names?: Readonly<Record<string, Both>>;
}

export interface Checked {
  readonly ok: boolean;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
  readonly digest: string | null;
  readonly totals: { readonly abilities?: Readonly<Record<string, string>>; readonly measurement?: string; readonly judgement?: string } & Readonly<Record<string, unknown>>;
  readonly forms: readonly Form[];
}

export interface CellFault {
  readonly line: number;
  readonly column: number | null;
  readonly fills?: string | null;
  readonly value?: string | null;
  readonly code: string;
  readonly message: Both;
}

export interface Sheet {
  readonly table: readonly (readonly string[])[];
  readonly columns: readonly { readonly index: number; readonly heading: string; readonly fills: string | null }[];
  readonly missing: readonly string[];
  readonly contestants: readonly Contestant[];
  readonly rows: number;
  readonly faults: readonly CellFault[];
  /** How many there are, where not all are told. */
  readonly faults_all?: number;
  readonly warnings: readonly CellFault[];
}

export interface Trial {
  readonly seed: number;
  readonly contestants: number;
  readonly stages: readonly TrialStage[];
  readonly events: number;
  readonly took_ms: number;
  readonly digest: string;
  readonly ranking: readonly { readonly rank: number | null; readonly contestant: string; readonly name: Both | null; readonly venue: string | null; readonly points: string; readonly time_ms: number | null; readonly cleared: number }[];
  readonly flags: readonly { readonly code: string; readonly rule: string; readonly severity: "info" | "review" | "block"; readonly count: number; readonly detail: Text; readonly suggestion?: Text; readonly contestants: readonly string[]; readonly stages: readonly string[] }[];
  readonly ties: readonly { readonly rank: number; readonly contestants: readonly string[] }[];
  readonly decided_by: readonly { readonly by: string; readonly count: number }[];
  readonly work: { readonly cases: number; readonly blocking: number; readonly marks_due: number; readonly sentences: readonly Both[] };
  readonly totals: { readonly min: string; readonly median: string; readonly max: string } | null;
}

export interface TrialStage {
  readonly id: string;
  readonly name: Both | null;
  readonly max: string;
  readonly cleared: number;
  readonly tried: number;
  readonly untouched: number;
  readonly min: string | null;
  readonly median: string | null;
  readonly highest: string | null;
  readonly bars: readonly { readonly from: string; readonly to: string; readonly count: number }[];
}

export interface ExampleContest {
  readonly id: string;
  readonly title: Both;
  readonly purpose: Both;
  readonly draft: Draft;
}
