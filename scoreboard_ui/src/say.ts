/** Choosing the language of a phrase. Missing languages fall back to the other one; nothing is translated here. */

import type { Name } from "./board/types.ts";
import { words, type Word } from "./words.ts";

export type Lang = "zh" | "en" | "both";
export type Tongue = "zh" | "en";

export interface Spoken {
  readonly main: string;
  readonly mainTongue: Tongue;
  /** The other language, in "both", when it says something else. */
  readonly sub: string | null;
  readonly subTongue: Tongue;
}

export type Fill = Readonly<Record<string, string | number>>;

export function isLang(text: string | null): text is Lang {
  return text === "zh" || text === "en" || text === "both";
}

export function filled(text: string, fill: Fill): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(fill[name] ?? whole));
}

/** A phrase for `lang`: Chinese leads in "both". `fallback` stands where there is no name at all. */
export function spoken(phrase: Name | null | undefined, lang: Lang, fallback = ""): Spoken {
  const mainTongue: Tongue = lang === "en" ? "en" : "zh";
  const other: Tongue = mainTongue === "zh" ? "en" : "zh";
  const first = phrase?.[mainTongue] || null;
  const second = phrase?.[other] || null;
  if (first === null) return { main: second ?? fallback, mainTongue: second === null ? mainTongue : other, sub: null, subTongue: other };
  const sub = lang === "both" && second !== null && second !== first ? second : null;
  return { main: first, mainTongue, sub, subTongue: other };
}

export function say(word: Word, lang: Lang, fill: Fill = {}): Spoken {
  const { zh, en } = words[word];
  return spoken({ zh: filled(zh, fill), en: filled(en, fill) }, lang);
}

/** On one line, for labels that are read aloud. */
export function aloud(word: Word, lang: Lang, fill: Fill = {}): string {
  return say(word, lang, fill).main;
}

export function tongue(lang: Lang): Tongue {
  return lang === "en" ? "en" : "zh";
}
