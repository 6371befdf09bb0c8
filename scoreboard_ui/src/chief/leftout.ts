/** Why something was left out of a rejudging, in the reader's language. A sentence that is not known stays as it is. */

import type { Voice } from "../room/saying.ts";
import type { Word } from "../words.ts";

const KNOWN: readonly (readonly [RegExp, Word])[] = [
  [/^outside the filter/, "leftOut_filter"],
  [/^set by a ruling/, "leftOut_ruling"],
  [/^events of contestants or stages that the new definition does not have/, "leftOut_lost"],
  [/^cannot be judged by the new rules/, "leftOut_unjudged"],
];

export function leftOutText(t: Voice, why: string): string {
  const word = KNOWN.find(([sentence]) => sentence.test(why))?.[1];
  return word === undefined ? why : t(word);
}
