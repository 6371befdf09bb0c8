/** What is missing or wrong in a form, field by field, in words that say what would be right. */

import { compare, milliseconds, plain } from "../room/decimals.ts";
import { utcOf } from "../room/times.ts";
import type { Fill } from "../say.ts";
import type { Word } from "../words.ts";
import { type Field, WAYS } from "./deeds.ts";
import { type About, type Draft, mostOf } from "./draft.ts";

export const REASON_MIN_CHARS = 3;
export const REASON_MAX_CHARS = 1_000;
const DAY_MS = 24 * 3_600_000;

export type Place = "code" | "reason" | "stage" | "contestant" | "marks" | "seconds" | "venue" | "status" | "step" | "from" | "to" | "act" | "attempt";
export interface Fault {
  readonly place: Place;
  readonly word: Word;
  readonly fill?: Fill;
}

/** What is still missing or wrong, in the order of the form. None: it can be previewed, and decided. */
export function faultsOf(draft: Draft, about: About): readonly Fault[] {
  const faults = [...aboutFaults(draft, about), ...WAYS[draft.deed].fields.flatMap((field) => CHECKS[field]?.(draft, about) ?? [])];
  if (draft.code === "") faults.push({ place: "code", word: "faultNoCode" });
  const length = draft.reason.trim().length;
  if (length < REASON_MIN_CHARS) faults.push({ place: "reason", word: "faultNoReason", fill: { n: REASON_MIN_CHARS } });
  if (length > REASON_MAX_CHARS) faults.push({ place: "reason", word: "faultLongReason", fill: { n: REASON_MAX_CHARS } });
  return faults;
}

/** Some rulings are begun before it is said what they are about. */
function aboutFaults(draft: Draft, about: About): Fault[] {
  if (draft.deed === "hold" && about.stage === null) return [{ place: "stage", word: "faultChoose" }];
  const needsSomebody = ["status", "stop_clock", "start_clock"].includes(draft.deed) || (draft.deed === "remove" && draft.reach === "contestant");
  return needsSomebody && about.contestant === null ? [{ place: "contestant", word: "faultChoose" }] : [];
}

const CHECKS: Partial<Record<Field, (draft: Draft, about: About) => Fault[]>> = {
  change: (draft, about) => (draft.change === "marks" ? marksFaults(draft.marks, mostOf(draft, about)) : []),
  amount: (draft) => {
    const faults = [...(draft.marks === "" ? [] : marksFaults(draft.marks, null)), ...(draft.seconds === "" ? [] : secondsFaults(draft.seconds))];
    const isNothing = [draft.marks, draft.seconds].every((each) => each === "" || plain(each) === "0");
    return isNothing && faults.length === 0 ? [{ place: "marks", word: "faultNoAmount" }] : faults;
  },
  seconds: (draft) => secondsFaults(draft.seconds),
  status: (draft) => (draft.status === "" ? [{ place: "status", word: "faultChoose" }] : []),
  step: (draft) => (draft.step === "" ? [{ place: "step", word: "faultChoose" }] : []),
  from: (draft) => (utcOf(draft.from) === null ? [{ place: "from", word: "faultNoTime" }] : []),
  moment: (draft) => (draft.from !== "" && utcOf(draft.from) === null ? [{ place: "from", word: "faultNoTime" }] : []),
  interval: (draft) => intervalFaults(draft),
  act: (draft) => (draft.act === "" ? [{ place: "act", word: "faultChoose" }] : []),
};

function marksFaults(typed: string, most: string | null): Fault[] {
  const marks = plain(typed);
  if (typed.trim() === "") return [{ place: "marks", word: "faultNoMarks" }];
  if (marks === null) return [{ place: "marks", word: "faultNoNumber" }];
  if (compare(marks, "0") < 0) return [{ place: "marks", word: "faultBelowZero" }];
  if (most !== null && compare(marks, most) > 0) return [{ place: "marks", word: "faultAbove", fill: { most } }];
  return [];
}

function secondsFaults(typed: string): Fault[] {
  const ms = milliseconds(typed);
  if (ms === null) return [{ place: "seconds", word: typed.trim() === "" ? "faultNoSeconds" : "faultNoNumber" }];
  if (ms <= 0) return [{ place: "seconds", word: "faultNotPositive" }];
  return ms > DAY_MS ? [{ place: "seconds", word: "faultDay" }] : [];
}

function intervalFaults(draft: Draft): Fault[] {
  const [from, to] = [utcOf(draft.from), utcOf(draft.to)];
  if (from === null) return [{ place: "from", word: "faultNoTime" }];
  if (to === null) return [{ place: "to", word: "faultNoTime" }];
  if (from >= to) return [{ place: "to", word: "faultInterval" }];
  return draft.reach === "venue" && draft.venue === "" ? [{ place: "venue", word: "faultChoose" }] : [];
}
