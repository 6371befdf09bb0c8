/** Lists as people type them: ids with commas of either language, a device and its count a line, JSON that is not broken. */

import { REASON_MIN_CHARS } from "../referee/faults.ts";

export function idsOf(typed: string): readonly string[] {
  return [...new Set(typed.split(/[\s,，、;；]+/).filter(Boolean))];
}

export function linesOf(typed: string): readonly string[] {
  return typed.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** "desk-1 = 321" a line → {"yueqing/desk-1": 321}; null while a line is no such thing, or there is none. */
export function countsOf(typed: string, venue: string): Readonly<Record<string, number>> | null {
  const counts: Record<string, number> = {};
  for (const line of linesOf(typed)) {
    const found = /^(\S+?)\s*[=:：\s]\s*(\d{1,15})$/.exec(line.normalize("NFKC"));
    if (found === null) return null;
    const device = found[1]!;
    counts[device.startsWith(`${venue}/`) ? device : `${venue}/${device}`] = Number(found[2]);
  }
  return Object.keys(counts).length === 0 ? null : counts;
}

/** Where a text is broken: a line and a column from 1, or the sign that does not belong there; nothing where the browser does not tell. */
export type Break = { readonly line: number; readonly column: number } | { readonly sign: string } | null;

/** An object as JSON text; a text that is none says where it is broken, as far as the browser tells. */
export function objectOf(typed: string): { readonly value: Record<string, unknown> } | { readonly fault: "json"; readonly at: Break } | { readonly fault: "shape" } {
  try {
    const value: unknown = JSON.parse(typed);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { value: value as Record<string, unknown> };
    return { fault: "shape" };
  } catch (error) {
    return { fault: "json", at: breakIn(typed, String(error)) };
  }
}

/** Browsers say it in English, each in its own words: by line and column, by position, by a sign, or that the end came too soon. */
function breakIn(typed: string, message: string): Break {
  const said = /line (\d+),? column (\d+)/.exec(message);
  if (said !== null) return { line: Number(said[1]), column: Number(said[2]) };
  const at = /position (\d+)/.exec(message);
  const sign = /token '?(\S)'?/.exec(message);
  if (at === null && sign !== null) return { sign: sign[1]! };
  if (at === null && !/\bend\b|EOF/.test(message)) return null;
  const before = typed.slice(0, at === null ? undefined : Number(at[1])).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** Whole minutes, not none; null while it is no such number. */
export function minutesOf(typed: string): number | null {
  const text = typed.normalize("NFKC").replace("−", "-").trim();
  return /^-?\d{1,4}$/.test(text) && Number(text) !== 0 ? Number(text) : null;
}

/** Words in a text; null where it is too short to say anything. */
export function saidIn(typed: string): string | null {
  const text = typed.trim();
  return text.length < REASON_MIN_CHARS ? null : text;
}

/** A seed as the server takes it; empty: by chance; null: it takes no such. */
export function seedOf(typed: string): string | null {
  const seed = typed.trim();
  return seed === "" || /^[\p{L}\p{N}_ .:-]{1,100}$/u.test(seed) ? seed : null;
}
