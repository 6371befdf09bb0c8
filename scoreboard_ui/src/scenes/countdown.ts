/** What is counted down to. Refuses to guess: without a time there is nothing to count. */

import type { BoardState, ContestInfo } from "../board/types.ts";

export type Count = "start" | "end" | "then";

export interface Goal {
  readonly what: Count;
  /** By the server's clock; null for the end, which the contest's own clock knows. */
  readonly at_ms: number | null;
}

/** `to` as ordered; null: the start before it, the end after it. */
export function goalOf(to: string | null, info: ContestInfo, state: BoardState): Goal | null {
  const starts = info.starts ? Date.parse(info.starts) : null;
  const wish = to ?? (state.phase === "before" ? "start" : "end");
  if (wish === "start") return starts === null ? null : { what: "start", at_ms: starts };
  if (wish === "end") return (state.duration_ms ?? info.duration_ms ?? null) === null ? null : { what: "end", at_ms: null };
  const at_ms = Date.parse(wish);
  return Number.isNaN(at_ms) ? null : { what: "then", at_ms };
}
