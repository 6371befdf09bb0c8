/** Sentences of the server in the official's language: codes by the dictionary, a few sentences by their shape. What is not known stays as it is. */

import type { Fill } from "../say.ts";
import { type Word, words } from "../words.ts";
import type { Refused } from "./api.ts";
import type { Voice } from "./saying.ts";
import type { Cause, Standing } from "./types.ts";

function has(word: string): word is Word {
  return Object.hasOwn(words, word);
}

/** The word for a code of this kind, or the code itself. */
export function coded(t: Voice, kind: string, code: string | null | undefined): string {
  if (code == null || code === "") return "–";
  const word = `${kind}_${code}`;
  return has(word) ? t(word) : code;
}

/** Why the server refused, and what to do, in one sentence. */
export function refusalText(t: Voice, refusal: Pick<Refused, "code">): string {
  const word = `error_${refusal.code}`;
  return has(word) ? t(word) : t("error_other", { code: refusal.code });
}

type Shape = readonly [RegExp, Word, readonly string[]];

const NEEDS: readonly Shape[] = [
  [/^moves (\S+) points; from (\S+) a second person decides$/, "needs_points", ["moved", "limit"]],
  [/^moves (\S+) ranks; from (\S+) a second person decides$/, "needs_ranks", ["moved", "limit"]],
  [/^changes the medals of (\S+)$/, "needs_medals", ["moved"]],
  [/^reopens a final result$/, "needs_reopens", []],
  [/^disqualifies from the contest$/, "needs_disqualifies", []],
];

const BECAUSE: readonly Shape[] = [
  [/^definition (\d+)$/, "because_definition", ["n"]],
  [/^clock: (\w+)$/, "because_clock", ["what"]],
  [/^ruling (\S+) undoes (\S+)$/, "because_undo", ["id", "what"]],
  [/^ruling (\S+): (\w+)$/, "because_ruling", ["id", "what"]],
  [/^ruling (\S+) approved$/, "because_approved", ["id"]],
  [/^ruling (\S+) rejected$/, "because_rejected", ["id"]],
  [/^mark (\S+) on (\S+)$/, "because_mark", ["id", "what"]],
  [/^standing$/, "because_standing", []],
  [/^drawn$/, "because_drawn", []],
  [/^revealed$/, "because_revealed", []],
  [/^(\w+) (\S+#\d+)$/, "because_event", ["kind", "source"]],
];

export function needText(t: Voice, need: string): string {
  return shaped(t, need, NEEDS);
}

/** What a judgement came from; `named` says how an event of a device, or an aspect, is called. */
export function becauseText(t: Voice, because: string, named: (id: string) => string = (id) => id): string {
  return shaped(t, because, BECAUSE, named);
}

/** Why a published result was corrected: the words of whoever decided it, else what was entered. */
export function causeText(t: Voice, { what, reason }: Cause, named: (id: string) => string = (id) => id): string {
  return !reason || reason === what ? becauseText(t, what, named) : reason;
}

function shaped(t: Voice, sentence: string, shapes: readonly Shape[], named: (id: string) => string = (id) => id): string {
  const said = (name: string, text: string): string => (name === "what" ? (verbWord(t, text) ?? named(text)) : name === "kind" ? coded(t, "kind", text) : name === "source" ? named(text) : text);
  for (const [pattern, word, names] of shapes) {
    const found = pattern.exec(sentence);
    if (found === null) continue;
    const fill: Fill = Object.fromEntries(names.map((name, index) => [name, said(name, found[index + 1]!)]));
    return t(word, fill);
  }
  return sentence;
}

function verbWord(t: Voice, text: string): string | null {
  return has(`deed_${text}`) ? t(`deed_${text}` as Word) : has(`clock_${text}`) ? t(`clock_${text}` as Word) : null;
}

/** "rank 4 · 12.5 marks"; who has no rank goes by the status, who was not there by a stroke. */
export function standingText(t: Voice, each: Pick<Standing, "rank" | "points" | "status"> | null): string {
  if (each === null) return "–";
  const place = each.rank === null ? coded(t, "status", each.status) : t("rankN", { n: each.rank });
  return `${place} · ${t("whyMarksOnly", { marks: each.points })}`;
}

const SUBJECTS: readonly Shape[] = [
  [/^rank (\d+)$/, "subject_rank", ["name"]],
  [/^source (\S+), from (.+)$/, "subject_source", ["name", "from"]],
  [/^aspect (\S+), referee (\S+)$/, "subject_marked", ["aspect", "name"]],
];

/** "aspect insulation", "attempt A1-1", "rank 1", "stage" in words; `named` puts names in the place of ids. */
export function subjectText(t: Voice, subject: string, named: (id: string) => string = (id) => id): string {
  for (const [pattern, word, names] of SUBJECTS) {
    const found = pattern.exec(subject);
    if (found !== null) return t(word, Object.fromEntries(names.map((name, index) => [name, named(found[index + 1]!)])));
  }
  const cut = subject.indexOf(" ");
  const [kind, name] = cut === -1 ? [subject, ""] : [subject.slice(0, cut), subject.slice(cut + 1)];
  const word = `subject_${kind}`;
  return has(word) && kind !== "rank" ? t(word, { name: named(name) }) : subject;
}

/** The field "work" of the aspect "Workmanship" as "Workmanship (work)": a field alone says little. */
export function withAspect(t: Voice, field: string, aspect: string): string {
  return field === aspect ? field : t("inBrackets", { a: aspect, b: field });
}

/** Anything that a rule saw, as text on one line; `named` puts names in the place of ids. */
export function valueText(value: unknown, named: (id: string) => string = (id) => id): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return named(value);
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) return value.length === 0 ? "–" : value.map((each) => valueText(each, named)).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
