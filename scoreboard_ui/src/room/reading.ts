/** What an officials' page reads before anybody is in: the contest, who takes part, who judges. */

import { contestInfo, rosterOf } from "../place.ts";
import { Api } from "./api.ts";
import { Names } from "./names.ts";
import type { Official } from "./types.ts";

/** Everything that gives ids their names. Raises where the contest or its roster cannot be had; officials may be none. */
export async function namesOf(contest: string, base: string): Promise<Names> {
  const [info, roster, officials] = await Promise.all([
    contestInfo(contest),
    rosterOf(contest),
    new Api(base).get<{ officials: readonly Official[] }>("/officials/public"),
  ]);
  return new Names(info, roster, officials.kind === "given" ? officials.value.officials : []);
}
