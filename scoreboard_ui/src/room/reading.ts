/** What an officials' page reads before anybody is in: the contest, who takes part, who judges. */

import { contestInfo, rosterOf } from "../place.ts";
import { Api } from "./api.ts";
import { type FormNames, Names } from "./names.ts";
import type { Official } from "./types.ts";

/** Everything that gives ids their names. Raises where the contest or its roster cannot be had; officials and forms may be none. */
export async function namesOf(contest: string, base: string): Promise<Names> {
  const api = new Api(base);
  const [info, roster, officials, forms] = await Promise.all([
    contestInfo(contest),
    rosterOf(contest),
    api.get<{ officials: readonly Official[] }>("/officials/public"),
    api.get<{ stages: readonly FormNames[] }>("/forms"),
  ]);
  return new Names(info, roster, officials.kind === "given" ? officials.value.officials : [], forms.kind === "given" ? forms.value.stages : []);
}
