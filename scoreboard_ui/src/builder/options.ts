/** A rule's options as a form: what an option holds, what a new item of a list begins with, and a rule as it begins in a draft. */

import { plain } from "../room/decimals.ts";
import type { Item, Option, Place, Rule } from "./answers.ts";
import { idFor } from "./naming.ts";
import type { Aspect, RuleUse, Stage } from "./types.ts";

/** As it is typed → as it travels: whole numbers as numbers, decimals as their own text. What is none stays as typed, and the server names it. */
export function typedAs(type: string, typed: string): unknown {
  if (typed.trim() === "") return undefined;
  if (type === "integer") return /^[+-]?\d{1,9}$/.test(typed.normalize("NFKC").trim()) ? Number(typed.normalize("NFKC")) : typed;
  if (type === "number") return plain(typed) ?? typed;
  return typed;
}

/** A value as a field shows it. */
export function shownAs(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What a new item of a list begins with: what has to be said, empty. */
export function emptyItem(item: Item | undefined): unknown {
  if (item?.type !== "object") return item?.type === "boolean" ? false : "";
  return Object.fromEntries((item.options ?? []).filter((each) => each.required).map((each) => [each.name, each.type === "list" ? [] : each.type === "boolean" ? false : ""]));
}

/** The options that an example gives, which a rule begins with, so that it does something at once. */
function begun(rule: Rule): Record<string, unknown> {
  const own = new Set(rule.options.map((each) => each.name));
  return Object.fromEntries(Object.entries(rule.examples[0]?.options ?? {}).filter(([name]) => own.has(name) && name !== "max"));
}

/** A rule as it begins where it is put. */
export function newUse(rule: Rule): RuleUse {
  return { rule: rule.name, ...begun(rule) };
}

/** An aspect as it begins in a stage: named after its rule, worth what the example is, reading a field of its own. */
export function newAspect(rule: Rule, stage: Stage): Aspect {
  const aspects = stage.aspects ?? [];
  const options = begun(rule);
  const taken = aspects.map((each) => each["field"]);
  const field = options["field"];
  if (typeof field === "string" && taken.includes(field)) options["field"] = idFor({ en: field }, "value", taken.filter((each): each is string => typeof each === "string"));
  const id = idFor({ en: rule.title.en ?? rule.name }, "aspect", aspects.map((each) => each.id));
  return { id, name: { ...rule.title }, rule: rule.name, ...(rule.kind === "judgement" ? { kind: "judgement" } : {}), max: rule.examples[0]?.max ?? "10", ...options };
}

/** What may be put at a place and answers to these words. */
export function found(rules: readonly Rule[], place: Place, group: string, words: string): readonly Rule[] {
  const wanted = words.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  const isFound = (rule: Rule): boolean => {
    const text = [rule.name, rule.title.zh, rule.title.en, rule.purpose.zh, rule.purpose.en].join(" ").toLowerCase();
    return wanted.every((word) => text.includes(word));
  };
  return rules.filter((rule) => rule.places.includes(place) && (group === "" || rule.group === group) && isFound(rule));
}

/** A label or a hint begins with a capital, as sentences do. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function isRequired(option: Option): boolean {
  return option.required && option.optional !== true;
}
