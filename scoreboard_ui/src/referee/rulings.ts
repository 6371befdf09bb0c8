/** What a ruling did, and who undid it, said without the names that programs give to rulings. */

import type { Names } from "../room/names.ts";
import type { Voice } from "../room/saying.ts";
import { dayAndClockOf } from "../room/times.ts";
import type { Ruling } from "../room/types.ts";
import type { Word } from "../words.ts";
import { deedOf } from "./deeds.ts";

/** An undo says what it undid, where that is among `all`. */
export function whatItDid(t: Voice, ruling: Ruling, all: readonly Ruling[], names: Names): string {
  const undone = ruling.action.verb === "undo" ? all.find((each) => each.id === ruling.action.act) : undefined;
  return undone === undefined ? summaryOf(t, ruling, names) : t("pair", { a: t("deed_undo"), b: summaryOf(t, undone, names) });
}

/** Who undid it, and when; the name of the undo where it is not among `all`; null: nobody. */
export function undoneBy(t: Voice, ruling: Ruling, all: readonly Ruling[], names: Names): string | null {
  if (!ruling.undone_by) return null;
  const undo = all.find((each) => each.id === ruling.undone_by);
  return t("rulingUndone", { id: undo === undefined ? ruling.undone_by : `${names.official(t, undo.official)} · ${dayAndClockOf(undo.at)}` });
}

/** The server's own sentence, with the aspect that it speaks of by its name. */
function summaryOf(t: Voice, ruling: Ruling, names: Names): string {
  const said = t.name(ruling.summary, t(`deed_${deedOf(ruling.action)}` as Word));
  const { aspect } = ruling.action;
  const called = aspect && ruling.stage ? names.field(t, ruling.stage, aspect) : null;
  return aspect && called !== null ? said.replace(aspect, called) : said;
}
