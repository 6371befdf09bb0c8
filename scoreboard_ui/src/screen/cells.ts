/** What a stage cell shows: a look (a shape as well as a colour) and, where there is room, a word. */

import type { StageCell } from "../board/types.ts";
import { pointsText } from "../format.ts";
import type { Word } from "../words.ts";

export type Look = "untouched" | "working" | "pending" | "tried" | "cleared" | "first" | "held";

export const LOOK_WORDS: Record<Look, Word> = {
  untouched: "untouched",
  working: "working",
  pending: "pending",
  tried: "tried",
  cleared: "clearedState",
  first: "firstState",
  held: "held",
};

/** What is special about somebody, by the status of a row; "ok" and what is unknown have no word. */
export const STATUS: Readonly<Record<string, Word>> = {
  guest: "statusGuest", overtime: "statusOvertime", missed: "statusMissed", dnf: "statusDnf", withdrawn: "statusWithdrawn", dsq: "statusDsq", dns: "statusDns",
};

export function lookOf(cell: StageCell | undefined): Look {
  if (cell === undefined) return "untouched";
  // A freeze reports attempts after it only as pending, beside whatever stood there.
  if (cell.state === "cleared") return cell.first === true ? "first" : "cleared";
  return (cell.pending ?? 0) > 0 && cell.state !== "held" ? "pending" : cell.state;
}

export function noteOf(cell: StageCell | undefined): string {
  if (cell === undefined) return "";
  const look = lookOf(cell);
  if (look === "cleared" || look === "first") return cell.points ? pointsText(cell.points) : "";
  if (look === "tried" && (cell.tries ?? 0) > 1) return `×${cell.tries}`;
  if (look === "pending" && (cell.pending ?? 0) > 1) return `×${cell.pending}`;
  return "";
}
