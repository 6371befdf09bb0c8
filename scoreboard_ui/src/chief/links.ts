/** Where a reason against finalising is dealt with. */

import { pageAddress } from "../room/settings.ts";
import type { Tongue } from "../say.ts";
import type { Reason } from "./types.ts";

export const PARTS = [
  "overview", "seconds", "overrides", "recheck", "appeals", "publication", "rejudge", "holds", "signoffs", "blind", "control", "finalise",
] as const;
export type Part = (typeof PARTS)[number];

const OF_CODE: Readonly<Record<string, Part>> = {
  running: "control", frozen: "control", clock_stopped: "holds", blind_codes: "blind", waiting_second: "seconds", appeal_open: "appeals", appeal_window: "appeals", not_published: "publication",
  unsynced: "overview", not_handed_over: "overview", recheck: "recheck", sign_off: "signoffs", no_definition: "rejudge",
};

/** A part of this page, or the case in the console. */
export function linkOf(reason: Reason, contest: string, tongue: Tongue): string {
  const { contestant, stage } = reason.about;
  const part = OF_CODE[reason.code];
  if (part !== undefined) return `#${part}`;
  return pageAddress("referee", contest, { contestant: contestant && stage ? contestant : null, stage: contestant && stage ? stage : null, lang: tongue });
}

/** What may still change the result, or what the public sees of it. That it is not published, signed, rechecked or handed over comes after or beside a publication. */
const UNSETTLED: readonly string[] = ["running", "frozen", "blind_codes", "unjudged", "clock_stopped", "blocking_flags", "missing_mark", "waiting_second", "appeal_open", "unsynced"];

export function unsettled(reasons: readonly Reason[]): readonly Reason[] {
  return reasons.filter(({ code }) => UNSETTLED.includes(code));
}

/** The work that a reason is about, as "A017/wiring"; the contestant alone, or nothing. */
export function cellOf({ about: { contestant, stage } }: Pick<Reason, "about">): string {
  return [contestant, contestant && stage].filter(Boolean).join("/");
}

/** Whether the sentence of a reason does not say itself whose work it is about. */
export function isUnnamed({ about: { contestant }, detail }: Pick<Reason, "about" | "detail">): boolean {
  const said = typeof detail === "string" ? detail : detail.en;
  return contestant !== undefined && !said.split(/[^\w-]+/).includes(contestant);
}

/** The ids that the sentence of a reason may speak of. Only a question, which it quotes, speaks of other stages. */
export function meantBy({ about, code }: Pick<Reason, "about" | "code">, stages: Iterable<string>): readonly string[] {
  return [...Object.values(about), ...(code === "blocking_flags" ? stages : [])];
}

export function partOf(hash: string): Part {
  return PARTS.find((part) => `#${part}` === hash) ?? "overview";
}
