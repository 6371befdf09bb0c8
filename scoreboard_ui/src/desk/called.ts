/** Whose an entry is, as the list of people has them: the number on their back, and their name. */

import type { Roster } from "../board/types.ts";
import type { Voice } from "../room/saying.ts";

/** "17 陈建国"; the id for whoever is not on the list that this device knows. */
export function calledOf(t: Voice, roster: Roster | undefined, contestant: string | undefined): string {
  const person = roster?.contestants.find((each) => each.id === contestant);
  return [person?.number ?? contestant ?? "", t.name(person?.name, "")].filter(Boolean).join(" ");
}
