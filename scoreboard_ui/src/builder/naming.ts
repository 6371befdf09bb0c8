/** Ids that nobody has to invent: out of the English name, else a number. Where an id changes, whoever refers to it is told. */

import { at, put } from "./paths.ts";
import type { Both, Draft, Link, RuleUse, Stage, Text } from "./types.ts";

const ID_MAX = 64;

export function both(text: Text | undefined): Both {
  return text === undefined ? {} : typeof text === "string" ? { zh: text, en: text } : text;
}

/** "Panel wiring (B)" → "panel_wiring_b"; without Latin letters or digits, nothing. */
export function slug(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, ID_MAX - 4)
    .replace(/_+$/, "");
}

/** An id for something of this name that is not taken; without a name that letters can be made of, "stage_2" and so on. */
export function idFor(name: Text | undefined, kind: string, taken: readonly string[]): string {
  const known = new Set(taken);
  const wish = slug(both(name).en ?? "");
  if (wish !== "" && !known.has(wish)) return wish;
  const stem = wish === "" ? kind : wish;
  for (let n = wish === "" ? 1 : 2; ; n += 1) if (!known.has(`${stem}_${n}`)) return `${stem}_${n}`;
}

/** Whether this id was made out of this name, and may follow it. */
export function isMade(id: string, name: Text | undefined, kind: string): boolean {
  const wish = slug(both(name).en ?? "");
  const stem = wish === "" ? kind : wish;
  return id === "" || (id.startsWith(stem) && /^(_\d+)?$/.test(id.slice(stem.length))) || new RegExp(`^${kind}_\\d+$`).test(id);
}

type Named = { readonly id: string; readonly name?: Text };

/** The list with this item called so; an id that was made out of the old name follows. */
export function called<T extends Named>(list: readonly T[], index: number, name: Text, kind: string): readonly T[] {
  const old = list[index]!;
  const others = list.filter((_, nth) => nth !== index).map((each) => each.id);
  const id = isMade(old.id, old.name, kind) ? idFor(name, kind, others) : old.id;
  return list.map((each, nth) => (nth === index ? { ...each, id, name } : each));
}

export function withVenueId(draft: Draft, index: number, id: string): Draft {
  const old = draft.venues[index]!.id;
  const renamed = put(draft, ["venues", index, "id"], id);
  const isShared = draft.venues.some((each, nth) => nth !== index && each.id === old);
  if (old === "" || old === id || isShared) return renamed;
  const follow = <T extends { readonly venue?: string }>(list: readonly T[] | undefined): readonly T[] | undefined =>
    list?.some((each) => each.venue === old) ? list.map((each) => (each.venue === old ? { ...each, venue: id } : each)) : list;
  return { ...renamed, ...present({ contestants: follow(draft.contestants), officials: follow(draft.officials) }) };
}

export function withStageId(draft: Draft, index: number, id: string): Draft {
  const old = draft.stages[index]!.id;
  const renamed = put(draft, ["stages", index, "id"], id);
  const isShared = draft.stages.some((each, nth) => nth !== index && each.id === old);
  if (old === "" || old === id || isShared) return renamed;
  const ranking = draft.ranking?.map((link): Link => (link.by === `stage:${old}` ? { ...link, by: `stage:${id}` } : link));
  const stages = renamed.stages.map((stage): Stage => (stage.rules === undefined ? stage : { ...stage, rules: stage.rules.map((rule) => pointedAt(rule, old, id)) }));
  const rules = draft.rules?.map((rule) => pointedAt(rule, old, id));
  return { ...renamed, stages, ...present({ ranking, rules }) };
}

/** Rules that name stages call them in `stages`, `any_of` or `stage`. */
function pointedAt(rule: RuleUse, old: string, id: string): RuleUse {
  let next = rule;
  for (const option of ["stages", "any_of"]) {
    const list = at(rule, [option]);
    if (Array.isArray(list) && list.includes(old)) next = { ...next, [option]: list.map((each: unknown) => (each === old ? id : each)) };
  }
  return rule["stage"] === old ? { ...next, stage: id } : next;
}

function present<T extends object>(parts: T): Partial<{ [K in keyof T]: NonNullable<T[K]> }> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as Partial<{ [K in keyof T]: NonNullable<T[K]> }>;
}
