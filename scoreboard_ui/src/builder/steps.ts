/** The steps of making a contest, which part of the draft each is about, and how far each is. */

import type { Fault } from "./answers.ts";
import { both } from "./naming.ts";
import { pathOf } from "./paths.ts";
import type { Draft } from "./types.ts";

export const STEPS = ["contest", "venues", "contestants", "stages", "order", "officials", "trial", "finish"] as const;
export type Step = (typeof STEPS)[number];

const STEP_OF: Readonly<Record<string, Step>> = {
  contest: "contest", clock: "contest", format: "contest", venues: "venues", contestants: "contestants", stages: "stages", rules: "stages", doubts: "stages", doubts_defaults: "stages",
  total: "order", ranking: "order", ties: "order", criteria: "order", conversions: "order", officials: "officials", referees: "officials",
};

/** todo: nothing stands there. optional: nothing stands there, and nothing has to. */
export type Status = { readonly kind: "todo" | "optional" | "ok" | "unknown" } | { readonly kind: "faults"; readonly count: number };

export interface Known {
  readonly draft: Draft;
  /** null: the server has not said. */
  readonly faults: readonly Fault[] | null;
  readonly hasTried: boolean;
  readonly isAdopted: boolean;
}

export function stepIn(hash: string): Step {
  return STEPS.find((each) => `#${each}` === hash) ?? "contest";
}

/** Where a fault is mended; what belongs to no part, in the end. */
export function stepOf(where: string): Step {
  return STEP_OF[String(pathOf(where)[0] ?? "")] ?? "finish";
}

export function faultsOf(step: Step, faults: readonly Fault[]): readonly Fault[] {
  return faults.filter((each) => stepOf(each.where) === step);
}

export function statusOf(step: Step, known: Known): Status {
  if (step === "trial") return { kind: known.hasTried ? "ok" : "todo" };
  const mine = known.faults === null ? [] : faultsOf(step, known.faults);
  if (step === "finish") return mine.length > 0 ? { kind: "faults", count: mine.length } : { kind: known.isAdopted ? "ok" : "todo" };
  if (isEmpty(step, known.draft)) return { kind: step === "officials" || step === "contestants" ? "optional" : "todo" };
  if (known.faults === null) return { kind: "unknown" };
  return mine.length > 0 ? { kind: "faults", count: mine.length } : { kind: "ok" };
}

function isEmpty(step: Step, draft: Draft): boolean {
  const { zh, en } = both(draft.contest.name);
  if (step === "contest") return draft.contest.id === "" && !zh && !en;
  if (step === "venues") return draft.venues.length === 0;
  if (step === "contestants") return (draft.contestants ?? []).length === 0;
  if (step === "stages") return draft.stages.length === 0;
  if (step === "officials") return (draft.officials ?? []).length === 0 && draft.referees === undefined;
  return draft.stages.length === 0;
}
