/** An order to rejudge, from what was typed: refuses text that is no rulebook before the server has to. */

import { utcOf } from "../room/times.ts";
import type { Fill } from "../say.ts";
import type { Word } from "../words.ts";
import { idsOf, objectOf } from "./lists.ts";
import { patchBetween } from "./patch.ts";

export const WAYS = ["whole", "changes", "toml", "version"] as const;
export type Way = (typeof WAYS)[number];
export const SCOPES = ["contestants", "stages", "rules", "venues", "devices", "outcomes"] as const;

/** Who takes part is not mended here: it stays as it is, whatever the text says or leaves out. */
const PERSONS: readonly string[] = ["contestants", "officials"];

/** Parts of a definition that a chief referee mends. */
export const RULES = ["stages", "rules", "doubts", "total", "ranking", "ties", "clock", "contest", "referees", "doubts_defaults", "conversions", "criteria"] as const;

export type Document = Readonly<Record<string, unknown>>;

export interface Wish {
  readonly way: Way;
  /** What was typed for each way. */
  readonly texts: Readonly<Partial<Record<Way, string>>>;
  readonly version: string;
  readonly scope: Readonly<Record<string, string>>;
}

type Order = { readonly order: Record<string, unknown> } | { readonly fault: Word; readonly fill?: Fill };

/** The order, or what is wrong with it. `now` is the definition in force; null while it is not known. */
export function orderOf(wish: Wish, now: Document | null): Order {
  const scope = scopeOf(wish.scope);
  if (wish.way === "version") return wish.version === "" ? { fault: "faultChoose" } : { order: { version: Number(wish.version), scope } };
  const text = wish.texts[wish.way] ?? "";
  if (text.trim() === "") return { fault: "rejudgeNoText" };
  if (wish.way === "toml") return { order: { toml: text, scope } };
  const read = objectOf(text);
  if ("fault" in read) {
    if (read.fault === "shape") return { fault: "badJsonShape" };
    if (read.at === null) return { fault: "badJson" };
    return "sign" in read.at ? { fault: "badJsonSign", fill: read.at } : { fault: "badJsonAt", fill: read.at };
  }
  if (wish.way === "changes") return { order: { changes: read.value, scope } };
  return now === null ? { fault: "loading" } : wholeOrder(read.value, now, scope);
}

/** The text is the whole rulebook: what it leaves out is taken out. */
function wholeOrder(edited: Document, now: Document, scope: Record<string, unknown>): Order {
  const changes = patchBetween(rulebookOf(now), rulebookOf(edited));
  return Object.keys(changes).length === 0 ? { fault: "rejudgeSame" } : { order: { changes, scope } };
}

export function rulebookOf(document: Document): Document {
  return Object.fromEntries(Object.entries(document).filter(([part]) => !PERSONS.includes(part)));
}

export function textOf(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function scopeOf(typed: Readonly<Record<string, string>>): Record<string, unknown> {
  const lists = SCOPES.map((name) => [name, idsOf(typed[name] ?? "")] as const).filter(([, ids]) => ids.length > 0);
  const times = (["from", "to"] as const).map((name) => [name, utcOf(typed[name] ?? "")] as const).filter(([, at]) => at !== null);
  return Object.fromEntries([...lists, ...times]);
}
