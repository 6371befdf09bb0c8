/** Where a reason against finalising is dealt with. */

import { pageAddress } from "../room/settings.ts";
import type { Tongue } from "../say.ts";
import type { Reason } from "./types.ts";

export const PARTS = [
  "overview", "seconds", "overrides", "recheck", "appeals", "publication", "rejudge", "holds", "signoffs", "blind", "control", "finalise",
] as const;
export type Part = (typeof PARTS)[number];

const OF_CODE: Readonly<Record<string, Part>> = {
  running: "control", frozen: "control", blind_codes: "blind", waiting_second: "seconds", appeal_open: "appeals", appeal_window: "appeals", not_published: "publication",
  unsynced: "overview", not_handed_over: "overview", recheck: "recheck", sign_off: "signoffs", no_definition: "rejudge",
};

/** A part of this page, or the case in the console. */
export function linkOf(reason: Reason, contest: string, tongue: Tongue): string {
  const { contestant, stage } = reason.about;
  const part = OF_CODE[reason.code];
  if (part !== undefined) return `#${part}`;
  return pageAddress("referee", contest, { contestant: contestant && stage ? contestant : null, stage: contestant && stage ? stage : null, lang: tongue });
}

export function partOf(hash: string): Part {
  return PARTS.find((part) => `#${part}` === hash) ?? "overview";
}
