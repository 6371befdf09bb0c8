/** An order to rejudge, from what was typed: refuses text that is no rulebook before the server has to. */

import { utcOf } from "../room/times.ts";
import type { Fill } from "../say.ts";
import type { Word } from "../words.ts";
import { idsOf, objectOf } from "./lists.ts";

export const WAYS = ["changes", "toml", "version"] as const;
export type Way = (typeof WAYS)[number];
export const SCOPES = ["contestants", "stages", "rules", "venues", "devices", "outcomes"] as const;

/** Parts of a definition that a chief referee mends. Persons are left as they are. */
export const RULES = ["stages", "rules", "doubts", "total", "ranking", "ties", "clock", "contest", "referees", "doubts_defaults", "conversions", "criteria"] as const;

export interface Wish {
  readonly way: Way;
  readonly text: string;
  readonly version: string;
  readonly scope: Readonly<Record<string, string>>;
}

type Order = { readonly order: Record<string, unknown> } | { readonly fault: Word; readonly fill?: Fill };

export function orderOf(wish: Wish): Order {
  const scope = scopeOf(wish.scope);
  if (wish.way === "version") return wish.version === "" ? { fault: "faultChoose" } : { order: { version: Number(wish.version), scope } };
  if (wish.text.trim() === "") return { fault: "faultChoose" };
  if (wish.way === "toml") return { order: { toml: wish.text, scope } };
  const read = objectOf(wish.text);
  if ("value" in read) return { order: { changes: read.value, scope } };
  return read.fault === "json" ? { fault: "badJson", fill: { detail: read.detail } } : { fault: "badJsonShape" };
}

function scopeOf(typed: Readonly<Record<string, string>>): Record<string, unknown> {
  const lists = SCOPES.map((name) => [name, idsOf(typed[name] ?? "")] as const).filter(([, ids]) => ids.length > 0);
  const times = (["from", "to"] as const).map((name) => [name, utcOf(typed[name] ?? "")] as const).filter(([, at]) => at !== null);
  return Object.fromEntries([...lists, ...times]);
}
