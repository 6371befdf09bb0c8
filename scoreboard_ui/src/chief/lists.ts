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

/** An object as JSON text; a text that says where it is broken. */
export function objectOf(typed: string): { readonly value: Record<string, unknown> } | { readonly fault: "json" | "shape"; readonly detail: string } {
  try {
    const value: unknown = JSON.parse(typed);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { value: value as Record<string, unknown> };
    return { fault: "shape", detail: "" };
  } catch (error) {
    return { fault: "json", detail: error instanceof Error ? error.message : String(error) };
  }
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
