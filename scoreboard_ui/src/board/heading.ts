/** What a ranking is called: a frozen, a provisional and a final one are not live, on whatever page. */

import type { BoardState } from "./types.ts";

const PHASE_HEADINGS = { before: "lineup", running: "ranking", paused: "ranking", ended: "rankingEnded" } as const;

export type RankingHeading = "rankingVenue" | "rankingFinal" | "rankingFrozen" | (typeof PHASE_HEADINGS)[keyof typeof PHASE_HEADINGS];

/** What an empty feed says: after the end nobody waits for a clear, and while the board is frozen none is told. */
export function silenceOf(state: Pick<BoardState, "final" | "frozen" | "phase">): "feedEmpty" | "feedFrozen" | "feedOver" {
  if (state.final || state.phase === "ended") return "feedOver";
  return state.frozen ? "feedFrozen" : "feedEmpty";
}

export function headingOf(state: Pick<BoardState, "final" | "frozen" | "phase">): RankingHeading {
  if (state.final) return "rankingFinal";
  return state.frozen ? "rankingFrozen" : PHASE_HEADINGS[state.phase];
}
