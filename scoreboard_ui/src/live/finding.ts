/** Finding people by what is known of them: every word has to stand somewhere, in either language. */

import type { ContestantInfo } from "../board/types.ts";

export function wordsOf(text: string): readonly string[] {
  return text.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8);
}

export function found(people: Iterable<ContestantInfo>, text: string): readonly ContestantInfo[] {
  const words = wordsOf(text);
  if (words.length === 0) return [];
  return [...people].filter((person) => {
    const about = aboutOf(person);
    return words.every((word) => about.includes(word));
  });
}

function aboutOf({ id, number, name, employer }: ContestantInfo): string {
  return [id, number, name?.zh, name?.en, employer?.zh, employer?.en].filter(Boolean).join(" ").normalize("NFKC").toLowerCase();
}
