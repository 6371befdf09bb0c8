/** What a ranking is called: a frozen, a provisional and a final one are not live, on whatever page. */

import type { BoardState } from "./types.ts";

const PHASE_HEADINGS = { before: "lineup", running: "ranking", paused: "ranking", ended: "rankingEnded" } as const;

export type RankingHeading = "rankingVenue" | "rankingFinal" | "rankingFrozen" | (typeof PHASE_HEADINGS)[keyof typeof PHASE_HEADINGS];

/** What an empty feed says: after the end nobody waits for a clear. */
export function silenceOf(state: Pick<BoardState, "final" | "phase">): "feedEmpty" | "feedOver" {
  return state.final || state.phase === "ended" ? "feedOver" : "feedEmpty";
}

export function headingOf(state: Pick<BoardState, "final" | "frozen" | "phase">): RankingHeading {
  if (state.final) return "rankingFinal";
  return state.frozen ? "rankingFrozen" : PHASE_HEADINGS[state.phase];
}
