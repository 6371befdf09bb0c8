/** Where a long English word may be parted: browsers without a dictionary of their own part it anywhere. */

import type { Name } from "./board/types.ts";

const LONG_WORD = /[a-z]{10,}/gi;
const ENDING = /^([a-z]{4,}?)((?:ment|tion|sion|ness|ship|ance|ence|able|ible|ing|ity|ture|tive)s?)$/i;

/** A name whose long English words may be parted before their ending, with a hyphen, where a column is too narrow for them. */
export function partable(name: Name | null | undefined): Name | null {
  if (!name?.en) return name ?? null;
  return { ...name, en: name.en.replace(LONG_WORD, (word) => word.replace(ENDING, "$1\u00ad$2")) };
}
