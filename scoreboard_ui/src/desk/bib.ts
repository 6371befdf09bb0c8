/** From what a code on a bib says to the contestant who wears it. It never guesses: what fits two people fits nobody. */

import type { ContestantInfo } from "../board/types.ts";

export type Found =
  | { readonly kind: "found"; readonly contestant: string }
  | { readonly kind: "elsewhere"; readonly contestant: string; readonly venue: string }
  | { readonly kind: "unknown"; readonly text: string };

const TEXT_MAX = 400;

/** A code holds the id, the bib's number, or an address with `contestant=` in it. Case and blanks around it do not matter. */
export function wearerOf(scanned: string, people: readonly ContestantInfo[], venue: string): Found {
  const text = named(scanned.slice(0, TEXT_MAX)).trim();
  const wanted = text.toLowerCase();
  const exact = people.filter((each) => each.id === text);
  const loose = people.filter((each) => each.id.toLowerCase() === wanted || (each.number ?? "").trim().toLowerCase() === wanted);
  const fitting = exact.length > 0 ? exact : wanted === "" ? [] : loose;
  const one = fitting.length === 1 ? fitting[0]! : undefined;
  if (one === undefined) return { kind: "unknown", text };
  return one.venue === venue ? { kind: "found", contestant: one.id } : { kind: "elsewhere", contestant: one.id, venue: one.venue ?? "" };
}

function named(scanned: string): string {
  try {
    return new URL(scanned).searchParams.get("contestant") ?? scanned;
  } catch {
    return scanned;
  }
}

/** Whoever fits what was typed: by id, number, name in either language, or employer. The whole number or id comes first. */
export function searched(text: string, people: readonly ContestantInfo[]): readonly ContestantInfo[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return people;
  const isWhole = (each: ContestantInfo): boolean => each.id.toLowerCase() === wanted || (each.number ?? "").toLowerCase() === wanted;
  const fitting = people.filter((each) => words(each).some((word) => word.toLowerCase().includes(wanted)));
  return [...fitting.filter(isWhole), ...fitting.filter((each) => !isWhole(each))];
}

/** Whom a search means when Enter is pressed: the one whose whole number or id it is, else the only one found. */
export function meant(text: string, found: readonly ContestantInfo[]): ContestantInfo | null {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return null;
  const whole = found.filter((each) => each.id.toLowerCase() === wanted || (each.number ?? "").toLowerCase() === wanted);
  const fitting = whole.length > 0 ? whole : found;
  return fitting.length === 1 ? fitting[0]! : null;
}

function words(each: ContestantInfo): readonly string[] {
  return [each.id, each.number ?? "", each.name?.zh ?? "", each.name?.en ?? "", each.employer?.zh ?? "", each.employer?.en ?? ""];
}
