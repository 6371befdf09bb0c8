/** What a case is called. */

import type { Names } from "../room/names.ts";
import type { Voice } from "../room/saying.ts";
import { subjectText } from "../room/texts.ts";
import type { CaseRow } from "../room/types.ts";

export function titleOf(row: Pick<CaseRow, "contestant" | "stage" | "source" | "count" | "flags" | "key">, t: Voice, names: Names): string {
  if (row.source) return t("deviceCase", { source: names.device(t, row.source), count: row.count ?? row.flags });
  if (row.contestant !== null && row.stage !== null) return workTitle(row.contestant, row.stage, t, names);
  if (row.contestant !== null) return names.contestant(t, row.contestant);
  if (row.stage !== null) return names.stage(t, row.stage);
  return row.key === "contest" ? t("contestCase") : `${t("contestCase")} · ${subjectText(t, row.key, (id) => names.anything(t, id))}`;
}

export function workTitle(contestant: string, stage: string, t: Voice, names: Names): string {
  return t("caseOf", { who: names.contestant(t, contestant), stage: names.stage(t, stage) });
}

/** The name that drafts and letters about this go by. */
export function nameOf(row: { readonly contestant: string | null; readonly stage: string | null; readonly key?: string }): string {
  return row.contestant !== null && row.stage !== null ? `${row.contestant}/${row.stage}` : (row.key ?? "contest");
}
