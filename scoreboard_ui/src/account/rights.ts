/** What a person is shown of this page. The server decides anew about everything that is done. */

import type { ContestListing, Name } from "../board/types.ts";
import type { Grant, Role } from "./types.ts";

export function isAdmin(grants: readonly Grant[]): boolean {
  return grants.some((each) => each.role === "admin");
}

/** Whose tokens and screens somebody looks after: of these contests. */
export function directed(grants: readonly Grant[], contests: readonly string[]): readonly string[] {
  if (grants.some((each) => each.role === "admin" || (each.role === "director" && each.contest === null))) return contests;
  const own = new Set(grants.filter((each) => each.role === "director" || each.role === "chief").map((each) => each.contest));
  return contests.filter((each) => own.has(each));
}

/** Who is offered the page that makes contests. */
export function makesContests(grants: readonly Grant[]): boolean {
  return grants.some((each) => each.role === "admin" || each.role === "director" || each.role === "chief");
}

/** The page that somebody works at in a role; null where there is none, or not for all contests at once. */
export function pageOf(grant: Grant): "referee" | "chief" | "desk" | null {
  if (grant.contest === null) return null;
  return grant.role === "chief" || grant.role === "referee" ? grant.role : grant.role === "venue" ? "desk" : null;
}

/** What a role has to be granted with, besides a contest. */
export function neededFor(role: Role): "venue" | "official" | "contestant" | null {
  if (role === "chief" || role === "referee") return "official";
  return role === "venue" || role === "contestant" ? role : null;
}

/** An order to grant, or null while something is missing. Without a contest: for all, where the role may be. */
export function grantOrder(role: Role, contest: string, who: string): Record<string, string> | null {
  const part = neededFor(role);
  if (role === "admin") return { role };
  if (contest === "") return part === null ? { role } : null;
  if (part === null) return { role, contest };
  return who.trim() === "" ? null : { role, contest, [part]: who.trim() };
}

/** What a grant holds for, after its role: "Two Cities Cup · R1". `named` says what a contest is called. */
export function scopeOf(grant: Grant, named: (contest: string) => string): string {
  return [grant.contest && named(grant.contest), grant.venue, grant.official, grant.contestant].filter(Boolean).join(" · ");
}

/** What each contest is called, as a choice; the id besides where two have the same name. */
export function called(contests: readonly ContestListing[], named: (name: Name | null | undefined, instead: string) => string): (id: string) => string {
  const names = new Map(contests.map((each) => [each.id, named(each.name, each.id)]));
  const counted = [...names.values()];
  return (id) => {
    const name = names.get(id) ?? id;
    return name === id || counted.filter((each) => each === name).length < 2 ? name : `${name} (${id})`;
  };
}

/** Six digits, as people type them from a screen: with spaces or strokes, or full-width. */
export function codeIn(text: string): string | null {
  const digits = text.normalize("NFKC").replace(/[\s-]/g, "");
  return /^[0-9]{6}$/.test(digits) ? digits : null;
}
