/** Ids that nobody has to invent: out of the English name, else a number. Where an id changes, whoever refers to it is told. */

import { quoted } from "../room/fitting.ts";
import { Names } from "../room/names.ts";
import type { Voice } from "../room/saying.ts";
import type { Form } from "./answers.ts";
import { at, put } from "./paths.ts";
import type { Both, Draft, Link, RuleUse, Stage, Text } from "./types.ts";

const ID_MAX = 64;

export function both(text: Text | undefined): Both {
  return text === undefined ? {} : typeof text === "string" ? { zh: text, en: text } : text;
}

/** What the server says of a draft, in which it names what somebody called so in one language only. */
export function faultText(t: Voice, sentence: Text): string {
  const said = t.name(both(sentence));
  return t.tongue === "en" ? quoted(said) : said;
}

/** What the ids of a draft are called, for the sentences that rules say of it. `people` are those who played it through. */
export function namesOf(draft: Draft, forms: readonly Form[], people: readonly { readonly contestant: string; readonly name: Both | null; readonly venue: string | null }[] = []): Names {
  const named = <T extends { readonly id: string; readonly name?: Text }>(list: readonly T[]): { id: string; name: Both }[] => list.map(({ id, name }) => ({ id, name: both(name) }));
  const info = { id: draft.contest.id, name: both(draft.contest.name), venues: named(draft.venues), stages: named(draft.stages) };
  const contestants = people.map(({ contestant, name, venue }) => ({ id: contestant, name: name ?? {}, venue: venue ?? "" }));
  return new Names(info, { version: 0, contestants }, [], forms.map((each) => ({ ...each, fields: each.fields.map(({ field, name }) => ({ field, name: name ?? null })) })));
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
  const named = new Map(["stage", "stage_ms"].map((kind) => [`${kind}:${old}`, `${kind}:${id}`]));
  const ranking = draft.ranking?.map((link): Link => ({ ...link, by: named.get(link.by) ?? link.by }));
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
