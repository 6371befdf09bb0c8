/** Where an appeal may go, who has to decide on it, and what a move still lacks. */

import type { Word } from "../words.ts";
import { saidIn } from "./lists.ts";
import type { Appeal, AppealState } from "./types.ts";

export const NEXT: Readonly<Record<AppealState, readonly AppealState[]>> = {
  filed: ["admitted", "dismissed"],
  late: ["admitted", "dismissed"],
  admitted: ["under_review"],
  under_review: ["upheld", "dismissed"],
  upheld: ["second_level", "final"],
  dismissed: ["second_level", "final"],
  second_level: ["upheld", "dismissed"],
  final: [],
};

const DECISIONS: readonly string[] = ["admitted", "upheld", "dismissed"];
const NOT_ADMITTED: readonly string[] = ["filed", "late"];

/** A move is decided by people, and names them. Whether an appeal is admitted, the chief referee may decide alone. */
export function isDecision(to: string): boolean {
  return DECISIONS.includes(to);
}

/** Rulings carry out only what was decided about the matter itself. */
export function takesRulings(appeal: Pick<Appeal, "state">, to: string): boolean {
  return isDecision(to) && !NOT_ADMITTED.includes(appeal.state);
}

export interface Move {
  readonly to: string;
  readonly reason: string;
  readonly panel: readonly string[];
}

/** What stands against this move; null: nothing. */
export function hindranceOf(appeal: Pick<Appeal, "state">, move: Move): Word | null {
  if (move.to === "") return "faultChoose";
  if (isDecision(move.to) && !NOT_ADMITTED.includes(appeal.state) && move.panel.length === 0) return "appealNoPanel";
  return saidIn(move.reason) === null ? "faultNoReason" : null;
}
