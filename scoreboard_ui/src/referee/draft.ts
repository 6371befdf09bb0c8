/**
 * A form that is being filled in, one a case. Everything in it is text as it was typed. It survives a reload and a lost connection,
 * and it never becomes a ruling by itself: `bodyOf` is asked by a press of a button.
 */

import { milliseconds, plain } from "../room/decimals.ts";
import type { Shelf } from "../room/storage.ts";
import { utcOf } from "../room/times.ts";
import type { Action, Case, RulingBody } from "../room/types.ts";
import { type Deed, deedOf, WAYS } from "./deeds.ts";

export interface Draft {
  readonly deed: Deed;
  readonly code: string;
  readonly reason: string;
  readonly attempt: string;
  /** Keys of the questions that it does not answer. */
  readonly unanswered: readonly string[];
  readonly change: "marks" | "accepted" | "rejected" | "free";
  /** An aspect's id; empty: the whole stage. */
  readonly aspect: string;
  readonly marks: string;
  readonly seconds: string;
  /** Whom it is about: this work, the contestant's whole contest, a venue, everybody. */
  readonly reach: "stage" | "contest" | "contestant" | "venue" | "all";
  readonly venue: string;
  readonly status: string;
  readonly step: string;
  readonly from: string;
  readonly to: string;
  readonly act: string;
  readonly appeal: string;
}

/** What the form is about and what it may name. */
export interface About {
  readonly contestant: string | null;
  readonly stage: string | null;
  readonly basis: string | null;
  readonly attempts: readonly string[];
  readonly questions: readonly string[];
  readonly maximum: string | null;
  readonly aspects: readonly { readonly id: string; readonly maximum: string | null }[];
}

export function emptyDraft(deed: Deed): Draft {
  const reach = deed === "remove" ? "all" : "stage";
  return {
    deed, code: "", reason: "", attempt: "", unanswered: [], change: "marks", aspect: "", marks: "", seconds: "", reach, venue: "",
    status: "", step: "", from: "", to: "", act: "", appeal: "",
  };
}

/** Another verb, with what was written so far. */
export function turned(draft: Draft, deed: Deed): Draft {
  const { code, reason, attempt, unanswered, appeal } = draft;
  return draft.deed === deed ? draft : { ...emptyDraft(deed), code, reason, attempt, unanswered, appeal };
}

export function aboutCase(each: Case): About {
  const lines = each.explanation?.lines ?? [];
  const aspects = lines.flatMap(({ subject, maximum }) => (subject.startsWith("aspect ") ? [{ id: subject.slice(7), maximum }] : []));
  return {
    contestant: each.contestant,
    stage: each.stage,
    basis: each.basis,
    attempts: (each.explanation?.attempts ?? []).map(({ id }) => id),
    questions: each.flags.filter((flag) => flag.severity !== "info" && !flag.answer).map((flag) => flag.key),
    maximum: each.explanation?.maximum ?? null,
    aspects: aspects.filter(({ id }, index) => aspects.findIndex((other) => other.id === id) === index),
  };
}

/** The attempt that the form names: the chosen one, or the last there is. */
export function attemptOf(draft: Draft, about: About): string | null {
  return about.attempts.includes(draft.attempt) ? draft.attempt : (about.attempts.at(-1) ?? null);
}

export function mostOf(draft: Draft, about: About): string | null {
  return draft.aspect === "" ? about.maximum : (about.aspects.find(({ id }) => id === draft.aspect)?.maximum ?? null);
}

/** The ruling that this form is, under an id. Only for a form without faults. */
export function bodyOf(draft: Draft, about: About, id: string): RulingBody {
  const way = WAYS[draft.deed];
  const isWhole = WHOLE[draft.deed] === true || (["penalise", "giveback", "disqualify"].includes(draft.deed) && draft.reach === "contest");
  const isOfNobody = draft.deed === "hold" || draft.deed === "reopen" || (draft.deed === "remove" && draft.reach !== "contestant");
  const contestant = isOfNobody ? null : about.contestant;
  const stage = isWhole ? null : about.stage;
  return {
    id,
    contestant,
    stage,
    attempt: way.fields.includes("attempt") ? attemptOf(draft, about) : null,
    action: actionOf(draft),
    code: draft.code,
    reason: draft.reason.trim(),
    basis: contestant !== null && stage !== null ? about.basis : null,
    flags: way.fields.includes("flags") ? about.questions.filter((key) => !draft.unanswered.includes(key)) : [],
    appeal: draft.appeal || null,
  };
}

const WHOLE: Partial<Record<Deed, true>> = { status: true, step: true, remove: true, reopen: true, stop_clock: true, start_clock: true };

function actionOf(draft: Draft): Action {
  switch (draft.deed) {
    case "override":
      if (draft.change !== "marks") return { verb: "override", outcome: draft.change };
      return { verb: "override", ...(draft.aspect ? { aspect: draft.aspect } : {}), marks: plain(draft.marks) ?? draft.marks };
    case "penalise":
      return { verb: "penalise", marks: plain(draft.marks) ?? "0", time_ms: milliseconds(draft.seconds) ?? 0 };
    case "giveback":
      return { verb: "penalise", marks: "0", time_ms: -(milliseconds(draft.seconds) ?? 0) };
    case "disqualify":
      return { verb: "disqualify", ...(draft.aspect && draft.reach !== "contest" ? { aspect: draft.aspect } : {}) };
    case "status":
      return { verb: "status", status: draft.status };
    case "step":
      return { verb: "step", to: draft.step };
    case "hold":
      return { verb: "hold", from: utcOf(draft.from) ?? "" };
    case "remove":
      return { verb: "remove", from: utcOf(draft.from) ?? "", to: utcOf(draft.to) ?? "", ...(draft.reach === "venue" ? { venue: draft.venue } : {}) };
    case "stop_clock":
      return { verb: "stop_clock", ...(draft.from ? { from: utcOf(draft.from) ?? "" } : {}) };
    case "start_clock":
      return { verb: "start_clock", ...(draft.from ? { at: utcOf(draft.from) ?? "" } : {}) };
    case "undo":
      return { verb: "undo", act: draft.act };
    default:
      return { verb: draft.deed };
  }
}

/** A form that says what a ruling says, to go on from one that was not taken. */
export function draftOf(body: RulingBody, local: (iso: string) => string): Draft {
  const { action } = body;
  const deed = deedOf(action);
  const reach = action.venue ? "venue" : deed === "remove" ? (body.contestant ? "contestant" : "all") : body.stage === null ? "contest" : "stage";
  return {
    ...emptyDraft(deed),
    code: body.code,
    reason: body.reason,
    attempt: body.attempt ?? "",
    change: (action.outcome as Draft["change"] | undefined) ?? "marks",
    aspect: action.aspect ?? "",
    marks: action.marks === "0" && deed !== "override" ? "" : (action.marks ?? ""),
    seconds: action.time_ms ? String(Math.abs(action.time_ms) / 1000) : "",
    reach,
    venue: action.venue ?? "",
    status: action.status ?? "",
    step: deed === "step" ? (action.to ?? "") : "",
    from: action.from || action.at ? local(action.from ?? action.at ?? "") : "",
    to: deed === "remove" && action.to ? local(action.to) : "",
    act: action.act ?? "",
    appeal: body.appeal ?? "",
  };
}

/** Forms by case, for one official in this tab. */
export class Drafts {
  readonly #shelf: Shelf;
  readonly #official: string;

  constructor(shelf: Shelf, official: string) {
    this.#shelf = shelf;
    this.#official = official;
  }

  of(about: string): Draft | null {
    return this.#shelf.take<Draft>(this.#name(about));
  }

  keep(about: string, draft: Draft): void {
    this.#shelf.put(this.#name(about), draft);
  }

  drop(about: string): void {
    this.#shelf.drop(this.#name(about));
  }

  #name(about: string): string {
    return `draft/${this.#official}/${about}`;
  }
}
