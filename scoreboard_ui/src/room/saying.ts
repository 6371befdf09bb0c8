/** Words in the language that this official chose, wherever a component stands. Changing the language changes every word in place. */

import { getContext, setContext } from "svelte";
import type { Name, Sentence } from "../board/types.ts";
import { aloud, type Fill, spoken, type Tongue } from "../say.ts";
import type { Word } from "../words.ts";

export interface Voice {
  (word: Word, fill?: Fill): string;
  /** A name in this language, or in the other one, or what stands instead. */
  name(name: Name | null | undefined, instead?: string): string;
  /** A sentence of the server in this language. */
  told(sentence: Sentence): string;
  /** One after the other, with the language's own comma. */
  list(items: readonly string[]): string;
  readonly tongue: Tongue;
}

const KEY = Symbol("voice");

export function voiceOf(tongue: () => Tongue): Voice {
  const say = (word: Word, fill: Fill = {}): string => aloud(word, tongue(), fill);
  const named = (name: Name | null | undefined, instead = ""): string => spoken(name, tongue(), instead).main;
  const told = (sentence: Sentence): string => (typeof sentence === "string" ? sentence : sentence[tongue()]);
  const list = (items: readonly string[]): string => items.join(say("listComma"));
  Object.defineProperties(say, { name: { value: named }, told: { value: told }, list: { value: list }, tongue: { get: tongue } });
  return say as Voice;
}

export function setVoice(tongue: () => Tongue): Voice {
  return setContext(KEY, voiceOf(tongue));
}

export function getVoice(): Voice {
  return getContext<Voice>(KEY);
}
