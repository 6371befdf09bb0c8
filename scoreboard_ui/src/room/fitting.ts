/**
 * How names stand in a sentence of the server, which was made for ids. In Chinese the blanks around an id go where a Chinese name takes its
 * place; in an English sentence a Chinese name stands in quotes, so that everybody sees where it begins and ends.
 */

const BEFORE = /(\p{Script=Han}) (?=\uE000\p{Script=Han})/gu;
const BEHIND = /(\p{Script=Han}\uE001) (?=\p{Script=Han})/gu;
const MARKS = /[\uE000\uE001]/g;
const BARE = /(["'“‘])?(\p{Script=Han}[^\s,.;:"'”’]*)/gu;
const CHINESE = /\uE000(\p{Script=Han}[^\uE001]*)\uE001/gu;

/** A name that takes the place of an id, until the sentence is fitted. */
export function held(name: string): string {
  return `\uE000${name}\uE001`;
}

/** An English sentence that the server filled names into: those in Chinese stand in quotes. */
export function quoted(sentence: string): string {
  return sentence.replace(BARE, (whole: string, open: string | undefined) => (open === undefined ? `“${whole}”` : whole));
}

export function fitted(sentence: string, tongue: "zh" | "en"): string {
  const joined = tongue === "zh" ? sentence.replace(BEFORE, "$1").replace(BEHIND, "$1") : sentence.replace(CHINESE, "“$1”");
  return joined.replace(MARKS, "");
}
