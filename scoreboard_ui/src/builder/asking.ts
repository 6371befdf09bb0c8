/** The questions that every contest asks, unless a draft turns them off or sets them itself. */

import type { Rule } from "./answers.ts";
import { put } from "./paths.ts";
import type { Draft } from "./types.ts";

/** own: a rule of the draft asks it, with limits of its own. idle: it waits for a limit that stands in the clock policy. */
export type Asked = "on" | "off" | "own" | "idle";

export function offOf(draft: Draft): readonly string[] {
  const off = draft.doubts_defaults?.off;
  return Array.isArray(off) ? off.map(String) : [];
}

export function askedOf(draft: Draft, rule: string): Asked {
  const isOwn = [...(draft.doubts ?? []), ...(draft.rules ?? [])].some((each) => each.rule === rule);
  if (isOwn) return "own";
  if (offOf(draft).includes(rule)) return "off";
  return rule === "late" && (draft.clock?.late_after_s ?? "") === "" ? "idle" : "on";
}

/** The draft in which this question is asked, or is not. The others stay as they are. */
export function withAsked(draft: Draft, rule: string, isAsked: boolean): Draft {
  const others = offOf(draft).filter((each) => each !== rule);
  const off = isAsked ? others : [...others, rule];
  const isBare = off.length === 0 && Object.keys(draft.doubts_defaults ?? {}).every((each) => each === "off");
  return isBare ? put(draft, ["doubts_defaults"], undefined) : put(draft, ["doubts_defaults", "off"], off.length === 0 ? undefined : off);
}

/** Turned off although no rule of this server is called so. */
export function strangersIn(draft: Draft, rules: readonly Rule[]): readonly string[] {
  const known = new Set(rules.filter((each) => each.asked_always === true).map((each) => each.name));
  return [...new Set(offOf(draft))].filter((each) => !known.has(each));
}
