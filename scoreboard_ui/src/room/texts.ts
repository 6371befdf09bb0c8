/** Sentences of the server in the official's language: codes by the dictionary, a few sentences by their shape. What is not known stays as it is. */

import type { Fill } from "../say.ts";
import { type Word, words } from "../words.ts";
import type { Refused } from "./api.ts";
import type { Voice } from "./saying.ts";

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
  [/^(\w+) (\S+#\d+)$/, "because_event", ["kind", "source"]],
];

export function needText(t: Voice, need: string): string {
  return shaped(t, need, NEEDS);
}

/** What a judgement came from; `event` says how an event of a device is called. */
export function becauseText(t: Voice, because: string, event: (id: string) => string = (id) => id): string {
  return shaped(t, because, BECAUSE, event);
}

function shaped(t: Voice, sentence: string, shapes: readonly Shape[], event: (id: string) => string = (id) => id): string {
  const said = (name: string, text: string): string => (name === "what" ? verbWord(t, text) : name === "kind" ? coded(t, "kind", text) : name === "source" ? event(text) : text);
  for (const [pattern, word, names] of shapes) {
    const found = pattern.exec(sentence);
    if (found === null) continue;
    const fill: Fill = Object.fromEntries(names.map((name, index) => [name, said(name, found[index + 1]!)]));
    return t(word, fill);
  }
  return sentence;
}

function verbWord(t: Voice, text: string): string {
  return has(`deed_${text}`) ? t(`deed_${text}` as Word) : has(`clock_${text}`) ? t(`clock_${text}` as Word) : text;
}

/** "aspect insulation", "attempt A1-1", "stage" in words. */
export function subjectText(t: Voice, subject: string): string {
  const cut = subject.indexOf(" ");
  const [kind, name] = cut === -1 ? [subject, ""] : [subject.slice(0, cut), subject.slice(cut + 1)];
  const word = `subject_${kind}`;
  return has(word) ? t(word, { name }) : subject;
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
