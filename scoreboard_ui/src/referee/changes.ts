/** What is different about a case since somebody looked at it: before and now, in words, and nothing that stayed. */

import type { Sentence } from "../board/types.ts";
import type { Case, Flag, Judgement, Ruling } from "../room/types.ts";
import type { Word } from "../words.ts";

/** One difference. The texts are figures, ids and the server's words; `words` says that they are words of the dictionary. */
export interface Change {
  readonly what: Word;
  readonly name: string;
  readonly before: Sentence;
  readonly now: Sentence;
}

export function changesBetween(before: Case, now: Case): readonly Change[] {
  return [
    ...figures(before, now),
    ...attempts(before, now),
    ...each(before.flags, now.flags, "changedQuestion", (flag) => flag.code, questionText),
    ...each(before.rulings, now.rulings, "changedRuling", (ruling) => ruling.official, rulingText, (ruling) => ruling.id),
    ...marks(before, now),
    ...events(before, now),
  ];
}

function figures(before: Case, now: Case): readonly Change[] {
  const one = (what: Word, of: (each: Case) => string): readonly Change[] => {
    const [was, is] = [of(before), of(now)];
    return was === is ? [] : [{ what, name: "", before: was, now: is }];
  };
  return [
    ...one("changedPoints", (each) => each.explanation?.points ?? "–"),
    ...one("changedCell", (each) => each.explanation?.state ?? "–"),
    ...one("changedJudgement", (each) => each.judgement?.state ?? "–"),
    ...one("changedLife", (each) => each.judgement?.life ?? "–"),
    ...one("changedDefinition", (each) => String(each.explanation?.definition ?? "–")),
    ...one("changedPenalty", (each) => `${(each.explanation?.penalty_ms ?? 0) / 1000} s`),
  ];
}

function attempts(before: Case, now: Case): readonly Change[] {
  const current = (list: readonly Judgement[]): Map<string, string> =>
    new Map(list.filter((each) => each.current).map((each) => [each.attempt, `${each.outcome ?? "–"} (v${each.version})`]));
  return pairs("changedAttempt", current(before.judgements), current(now.judgements));
}

function marks(before: Case, now: Case): readonly Change[] {
  const counts = (list: Case["marks"]): Map<string, string> => new Map(list.map((each) => [each.aspect, `${each.in}/${each.panel}`]));
  return pairs("changedMarks", counts(before.marks), counts(now.marks));
}

function events(before: Case, now: Case): readonly Change[] {
  const [was, is] = [before.timeline.length, now.timeline.length];
  return was === is ? [] : [{ what: "changedEvents", name: "", before: String(was), now: String(is) }];
}

function pairs(what: Word, before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): readonly Change[] {
  const names = [...new Set([...before.keys(), ...now.keys()])];
  return names.flatMap((name) => {
    const [was, is] = [before.get(name) ?? "–", now.get(name) ?? "–"];
    return was === is ? [] : [{ what, name, before: was, now: is }];
  });
}

function each<T>(
  before: readonly T[],
  now: readonly T[],
  what: Word,
  nameOf: (one: T) => string,
  textOf: (one: T) => Sentence,
  keyOf: (one: T) => string = (one) => (one as { key: string }).key,
): readonly Change[] {
  const was = new Map(before.map((one) => [keyOf(one), one]));
  const is = new Map(now.map((one) => [keyOf(one), one]));
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((key) => {
    const [old, fresh] = [was.get(key), is.get(key)];
    const [then, present] = [old ? textOf(old) : "–", fresh ? textOf(fresh) : "–"];
    return JSON.stringify(then) === JSON.stringify(present) ? [] : [{ what, name: nameOf((fresh ?? old)!), before: then, now: present }];
  });
}

function questionText({ detail, answer }: Flag): Sentence {
  const end = answer ? ` ✓ ${answer.official}: ${answer.reason}` : "";
  return typeof detail === "string" ? detail + end : { zh: detail.zh + end, en: detail.en + end };
}

function rulingText(ruling: Ruling): string {
  return `${ruling.action.verb} · ${ruling.state} · ${ruling.reason}`;
}
