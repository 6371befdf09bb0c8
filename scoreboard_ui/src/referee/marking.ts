/**
 * A referee's own marks: what is open, how it is entered, and whether what was typed is a mark. Nothing is ever taken for "no" or 0 because
 * nobody entered it: what is not chosen is not judged, and is not sent.
 */

import { compare, plain } from "../room/decimals.ts";
import type { MarkTask } from "../room/types.ts";
import type { Fill } from "../say.ts";
import type { Word } from "../words.ts";

export type Entry = "yes_no" | "zero_to_three" | "number" | "value";

/** What the definition says of an aspect. */
export interface AspectInfo {
  readonly id: string;
  readonly rule: string;
  readonly name?: { readonly zh?: string; readonly en?: string } | null;
  readonly max?: string | number | null;
  readonly out_of?: string | number | null;
}

export const NOT_JUDGED = "";

export function entryOf(task: MarkTask, aspect: AspectInfo | null): Entry {
  if (aspect?.rule === "check") return "yes_no";
  if (aspect?.rule === "judgement_0_3") return "zero_to_three";
  return task.kind === "double_entry" ? "value" : "number";
}

/** The keys that choose, and what each means. Digits and letters that lie on every keyboard. */
export function choicesOf(entry: Entry): readonly { readonly key: string; readonly value: string; readonly word: Word | null }[] {
  if (entry === "yes_no") {
    return [
      { key: "y", value: "true", word: "markYes" },
      { key: "n", value: "false", word: "markNo" },
      { key: "-", value: NOT_JUDGED, word: "markNotJudged" },
    ];
  }
  if (entry !== "zero_to_three") return [];
  const digits = ["0", "1", "2", "3"].map((digit) => ({ key: digit, value: digit, word: null }));
  return [...digits, { key: "-", value: NOT_JUDGED, word: "markNotJudged" }];
}

/** The highest mark that can be given, where there is one. */
export function highestOf(task: MarkTask, entry: Entry): string | null {
  if (entry === "zero_to_three") return "3";
  return entry === "number" ? task.maximum : null;
}

export function faultOf(typed: string, entry: Entry, highest: string | null): { readonly word: Word; readonly fill?: Fill } | null {
  if (typed.trim() === NOT_JUDGED) return { word: "markMissing" };
  if (entry === "value" || entry === "yes_no") return null;
  const mark = plain(typed);
  if (mark === null) return { word: "faultNoNumber" };
  if (compare(mark, "0") < 0) return { word: "faultBelowZero" };
  return highest !== null && compare(mark, highest) > 0 ? { word: "faultAbove", fill: { most: highest } } : null;
}

/** The mark as it travels. */
export function valueOf(typed: string): string {
  return plain(typed) ?? typed.trim();
}

/** Whose work it is, as the referee may know it: a blind code, or the contestant. */
export function whoseOf(task: MarkTask): string {
  return task.code ?? task.contestant ?? "?";
}

export function keyOf(task: MarkTask): string {
  return [whoseOf(task), task.stage, task.attempt ?? "", task.aspect].join("/");
}

export function bodyOf(task: MarkTask, typed: string, id: string): Record<string, unknown> {
  const whose = task.code ? { code: task.code } : { contestant: task.contestant };
  return { id, ...whose, stage: task.stage, attempt: task.attempt, aspect: task.aspect, value: valueOf(typed) };
}

/** How many wait for one's own mark. */
export function openOf(tasks: readonly MarkTask[]): number {
  return tasks.filter((task) => task.mine === null).length;
}

/** Open tasks first, then those that one's own mark is in for; each in the server's order. */
export function ordered(tasks: readonly MarkTask[]): readonly MarkTask[] {
  return [...tasks.filter((task) => task.mine === null), ...tasks.filter((task) => task.mine !== null)];
}
