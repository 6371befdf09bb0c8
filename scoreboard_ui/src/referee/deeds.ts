/** What an official can do about a case: its key, its fields, and why it is not to be had just now. The server decides; this only explains. */

import type { Role } from "../room/types.ts";
import type { Word } from "../words.ts";

export const DEEDS = [
  "confirm", "override", "annul", "reinstate", "rerun", "return", "penalise", "giveback", "disqualify", "step", "stop_clock", "start_clock", "status", "hold", "remove", "undo",
] as const;
/** A verb of the ledger; giving time back (补时) is a penalty below zero, and a button of its own. */
export type Deed = (typeof DEEDS)[number] | "reopen";

export type Field = "attempt" | "flags" | "change" | "amount" | "seconds" | "part" | "status" | "from" | "moment" | "interval" | "step" | "act";

interface Ways {
  /** The letter that opens it. */
  readonly key: string;
  readonly fields: readonly Field[];
  readonly onAttempt?: true;
  readonly chief?: true;
  /** Needs no password given a short while ago. */
  readonly lenient?: true;
}

export const WAYS: Readonly<Record<Deed, Ways>> = {
  confirm: { key: "c", fields: ["attempt", "flags"], onAttempt: true, lenient: true },
  override: { key: "o", fields: ["attempt", "change", "flags"], onAttempt: true },
  annul: { key: "a", fields: ["attempt", "flags"], onAttempt: true },
  reinstate: { key: "i", fields: ["attempt", "flags"], onAttempt: true },
  rerun: { key: "r", fields: ["attempt", "flags"], onAttempt: true },
  return: { key: "b", fields: ["attempt", "flags"], onAttempt: true },
  penalise: { key: "p", fields: ["amount", "flags"] },
  giveback: { key: "t", fields: ["seconds", "flags"] },
  disqualify: { key: "d", fields: ["part", "flags"] },
  step: { key: "e", fields: ["step"], lenient: true },
  stop_clock: { key: "z", fields: ["moment"], lenient: true },
  start_clock: { key: "g", fields: ["moment"], lenient: true },
  status: { key: "s", fields: ["status"], chief: true },
  hold: { key: "h", fields: ["from"], chief: true },
  remove: { key: "x", fields: ["interval"], chief: true },
  undo: { key: "u", fields: ["act"] },
  reopen: { key: "", fields: [], chief: true },
};

/** The few that most cases end with; the others stand behind "more" where there is little room. */
export const COMMON: readonly Deed[] = ["confirm", "override", "annul", "reinstate", "penalise", "giveback"];

export interface Circumstances {
  readonly role: Role;
  readonly recused: boolean;
  readonly final: boolean;
  readonly hasAttempt: boolean;
  readonly hasContestant: boolean;
  readonly hasStage: boolean;
  /** Questions that nobody has answered yet. */
  readonly questions: number;
  readonly undoable: number;
}

/** Why this cannot be done here and now; null: it can. */
export function hindrance(deed: Deed, here: Circumstances): Word | null {
  const way = WAYS[deed];
  if (here.recused) return "whyRecused";
  if (here.final && deed !== "reopen") return "whyFinal";
  if (deed === "reopen") return here.role !== "chief" ? "whyOnlyChief" : here.final ? null : "whyNotFinal";
  if (way.chief && here.role !== "chief") return "whyOnlyChief";
  if (deed === "hold") return here.hasStage ? null : "whyNoStage";
  if (deed === "remove") return null;
  if (deed === "undo") return here.undoable > 0 ? null : "whyNothingToUndo";
  if (deed === "confirm") return here.questions > 0 || here.hasAttempt ? null : "whyNothingAsked";
  if (!here.hasContestant) return "whyNoContestant";
  return way.onAttempt && !here.hasAttempt ? "whyNoAttempt" : null;
}

export function deedOfKey(key: string): Deed | null {
  return DEEDS.find((deed) => WAYS[deed].key === key.toLowerCase()) ?? null;
}

/** The word for a ruling that is there already: a negative penalty is called what it is. */
export function deedOf(action: { readonly verb: string; readonly time_ms?: number; readonly marks?: string }): Deed {
  if (action.verb === "penalise" && (action.time_ms ?? 0) < 0 && Number(action.marks ?? 0) === 0) return "giveback";
  return action.verb as Deed;
}
