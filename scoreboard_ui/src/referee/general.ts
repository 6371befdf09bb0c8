/** The questions of a case that is about a device, a referee or the contest: those of its codes, about what it is about. */

import type { CaseRow, Flag } from "../room/types.ts";

/** Questions whose judge compares milliseconds. */
export const TIMED: ReadonlySet<string> = new Set(["clock_offset", "clock_error", "late", "before_start", "after_end", "while_stopped", "implausibly_fast", "far_faster_than_field", "out_of_order", "declared_before_measurement", "ended_before_start", "start_missing", "near_time_limit", "over_time", "too_fast"]);

/** The ids that the sentences of a question may speak of: whose work it is, and what its rule compared. */
export function meantBy(flag: Pick<Flag, "contestant" | "stage" | "seen" | "threshold">): readonly unknown[] {
  return [flag.contestant, flag.stage, flag.seen, flag.threshold].flat();
}

export function belonging(row: CaseRow, flags: readonly Flag[]): readonly Flag[] {
  if (row.keys) return flags.filter((flag) => row.keys!.includes(flag.key));
  const ofCode = flags.filter((flag) => row.codes.includes(flag.code) && flag.severity !== "info" && !flag.answer);
  if (row.source) return ofCode.filter((flag) => (flag.events ?? []).some((event) => event.slice(0, event.lastIndexOf("#")) === row.source));
  return ofCode.filter((flag) => flag.contestant === row.contestant && flag.stage === row.stage);
}
