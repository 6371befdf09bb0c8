/** Two drafts beside each other, part by part: where they differ, in names that people gave, and what comes of choosing a side for each part. */

import { both } from "./naming.ts";
import { stepOf, type Step } from "./steps.ts";
import type { Draft, Text } from "./types.ts";

export type Side = "mine" | "theirs";

/** A place that differs: the names and fields that lead to it, and what stands there on each side (undefined: nothing). */
export interface Difference {
  readonly where: readonly Label[];
  readonly mine: unknown;
  readonly theirs: unknown;
}

/** A name that somebody gave, or the word for a field. */
export type Label = { readonly name: Text; readonly id: string } | { readonly field: string };

export interface Part {
  readonly step: Step;
  readonly differences: readonly Difference[];
  /** The side that changed since both were the same; this window's where both did. */
  readonly changed: Side;
}

type Table = Readonly<Record<string, unknown>>;

/** The parts in which they differ, in the order of the steps. */
export function partsOf(mine: Draft, theirs: Draft, base: Draft): readonly Part[] {
  const found = new Map<Step, { differences: Difference[]; changed: Side }>();
  for (const key of keysOf(mine, theirs)) {
    const differences = [...differing(mine[key], theirs[key], [{ field: key }])];
    if (differences.length === 0) continue;
    const step = stepOf(key);
    const part = found.get(step) ?? { differences: [], changed: "theirs" };
    part.differences.push(...differences);
    if ([...differing(base[key], mine[key], [])].length > 0) part.changed = "mine";
    found.set(step, part);
  }
  return [...found].map(([step, part]) => ({ step, ...part }));
}

/** One draft out of both. What no side was chosen for is as in this window. */
export function merged(mine: Draft, theirs: Draft, chosen: Readonly<Partial<Record<Step, Side>>>): Draft {
  const result: Record<string, unknown> = {};
  for (const key of keysOf(mine, theirs)) {
    const value = (chosen[stepOf(key)] === "theirs" ? theirs : mine)[key];
    if (value !== undefined) result[key] = value;
  }
  return result as unknown as Draft;
}

function keysOf(...tables: readonly (Table | Draft)[]): readonly string[] {
  return [...new Set(tables.flatMap((each) => Object.keys(each)))];
}

function* differing(mine: unknown, theirs: unknown, where: readonly Label[]): Generator<Difference> {
  if (mine === theirs) return;
  if (isNamedList(mine) && isNamedList(theirs)) yield* listsDiffering(mine, theirs, where);
  else if (isTable(mine) && isTable(theirs)) for (const key of keysOf(mine, theirs)) yield* differing(mine[key], theirs[key], [...where, { field: key }]);
  else if (JSON.stringify(mine) !== JSON.stringify(theirs)) yield { where, mine, theirs };
}

/** Items are the same where their ids are; then what differs is one of them, or their order. */
function* listsDiffering(mine: readonly Named[], theirs: readonly Named[], where: readonly Label[]): Generator<Difference> {
  const there = new Map(theirs.map((each) => [each.id, each]));
  const here = new Map(mine.map((each) => [each.id, each]));
  for (const each of mine) yield* differing(each, there.get(each.id), [...where, labelOf(each)]);
  for (const each of theirs) if (!here.has(each.id)) yield { where: [...where, labelOf(each)], mine: undefined, theirs: each };
  const order = [mine.filter((each) => there.has(each.id)), theirs.filter((each) => here.has(each.id))] as const;
  if (order[0].some((each, nth) => each.id !== order[1][nth]!.id)) yield { where: [...where, { field: "order" }], mine: order[0].map(nameOf), theirs: order[1].map(nameOf) };
}

interface Named extends Table {
  readonly id: string;
  readonly name?: Text;
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNamedList(value: unknown): value is readonly Named[] {
  if (!Array.isArray(value)) return false;
  const ids = value.map((each: unknown) => (isTable(each) ? each["id"] : undefined));
  return ids.every((id) => typeof id === "string" && id !== "") && new Set(ids).size === ids.length;
}

function labelOf(each: Named): Label {
  return { name: each.name ?? {}, id: each.id };
}

function nameOf(each: Named): Text {
  const { zh, en } = both(each.name);
  return { zh: zh || en || each.id, en: en || zh || each.id };
}
