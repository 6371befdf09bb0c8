/** Whom a role may be granted to be, at a contest: venues, officials or contestants, each with what they are called. */

import type { Name } from "../board/types.ts";
import { type Api, path } from "../room/api.ts";

export interface Choice {
  readonly id: string;
  readonly name?: Name | null;
}

export type Part = "venue" | "official" | "contestant";

const WHERE: Readonly<Record<Part, readonly [string, string]>> = { venue: ["", "venues"], official: ["/officials/public", "officials"], contestant: ["/roster", "contestants"] };

/** None where nobody answers: the id can be typed all the same. */
export async function choicesOf(api: Api, part: Part, contest: string): Promise<readonly Choice[]> {
  const [where, field] = WHERE[part];
  const answer = await api.get<Readonly<Record<string, readonly Choice[]>>>(`/contests${path(contest)}${where}`);
  return answer.kind === "given" ? (answer.value[field] ?? []) : [];
}
