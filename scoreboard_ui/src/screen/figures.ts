/** Which figures stand on a plate: the first things that the contest ranks by. */

import type { ContestInfo, Row } from "../board/types.ts";
import { hasScored } from "../board/callouts.ts";
import { clockText, pointsBetween, pointsText, timeText } from "../format.ts";
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

export interface Lead {
  readonly kind: "amount" | "time";
  readonly text: string;
}

/** By how much the first of two is in front, in the first figure in which they differ; null where they are level, or where something else decides. */
export function leadOf(figures: readonly [Figure, Figure], first: Row, second: Row): Lead | null {
  if (!hasScored(first)) return null;
  for (const figure of figures) {
    if (figure.of(first) === figure.of(second)) continue;
    return figure === TIME ? sooner(first, second) : more(figure.of(first), figure.of(second));
  }
  return null;
}

function more(first: string, second: string): Lead | null {
  const text = pointsBetween(first, second);
  return Number(text) > 0 ? { kind: "amount", text } : null;
}

/** Whoever has done nothing has needed no time, which is no lead. */
function sooner(first: Row, second: Row): Lead | null {
  const ms = Math.floor((second.time_ms ?? 0) / 1000) * 1000 - Math.floor((first.time_ms ?? 0) / 1000) * 1000;
  return hasScored(second) && ms > 0 ? { kind: "time", text: clockText(ms) } : null;
}

function figureFor(by: string): Figure | null {
  if (by.includes("time") || by.includes("penalty")) return TIME;
  if (by.includes("cleared") || by.includes("solved") || by.includes("stages")) return CLEARED;
  return by.includes("points") || by.includes("score") ? POINTS : null;
}

/** What two are compared by: points, or stages where points are not what counts first. */
export function totalOf(figures: readonly [Figure, Figure], row: Row): string {
  return figures[0].word === "points" ? figures[0].of(row) : String(row.cleared ?? 0);
}

export interface Gap {
  readonly word: "gapNow" | "gapInTime";
  readonly text: string;
  readonly ahead: "left" | "right" | null;
}

/** What lies between two, and who is in front: in their totals, or in time where those are the same. */
export function gapBetween(figures: readonly [Figure, Figure], left: Row, right: Row): Gap {
  const gap = pointsBetween(totalOf(figures, left), totalOf(figures, right));
  if (Number(gap) !== 0) return { word: "gapNow", text: gap.replace("-", ""), ahead: Number(gap) > 0 ? "left" : "right" };
  const [ours, theirs] = [leadOf(figures, left, right), leadOf(figures, right, left)];
  const lead = ours ?? theirs;
  if (lead?.kind !== "time") return { word: "gapNow", text: "=", ahead: null };
  return { word: "gapInTime", text: lead.text, ahead: lead === ours ? "left" : "right" };
}
