/** Which figures stand on a plate: the first things that the contest ranks by. */

import type { ContestInfo, Row } from "../board/types.ts";
import { pointsText, timeText } from "../format.ts";
import type { Word } from "../words.ts";

export interface Figure {
  readonly word: Word;
  readonly of: (row: Row) => string;
}

const POINTS: Figure = { word: "points", of: (row) => pointsText(row.points) };
const CLEARED: Figure = { word: "cleared", of: (row) => String(row.cleared ?? 0) };
const TIME: Figure = { word: "time", of: (row) => timeText(row.time_ms) };

/** The main figure and the one beside it. A rule the page does not know is no figure. */
export function figuresOf(info: ContestInfo): readonly [Figure, Figure] {
  const known = (info.ranking ?? []).map((rule) => figureFor(rule.by)).filter((figure) => figure !== null);
  const figures = [...new Set([...known, POINTS, TIME])];
  return [figures[0]!, figures[1]!];
}

function figureFor(by: string): Figure | null {
  if (by.includes("time") || by.includes("penalty")) return TIME;
  if (by.includes("cleared") || by.includes("solved") || by.includes("stages")) return CLEARED;
  return by.includes("points") || by.includes("score") ? POINTS : null;
}
