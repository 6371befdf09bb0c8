/** What is typed into a rule's playground, as the evidence that a venue or a device would send. */

import type { Entered, Rule } from "./answers.ts";
import { shownAs } from "./options.ts";
import type { RuleUse } from "./types.ts";

/** Keys of an aspect that are not its rule's options. */
const OWN = new Set(["id", "rule", "max", "name", "kind", "criterion", "abilities", "panel", "double_entry", "when", "when_fields"]);

/** What a playground begins with: the first example's evidence, as text. */
export function firstData(rule: Rule): Record<string, string> {
  return Object.fromEntries(Object.entries(rule.examples[0]?.data ?? {}).map(([name, value]) => [name, shownAs(value)]));
}

/** The rule's own options beside an aspect's keys; what was left empty is not said. */
export function optionsOf(use: RuleUse, rule: Rule): Record<string, unknown> {
  const own = new Set(rule.options.map((each) => each.name));
  return Object.fromEntries(Object.entries(use).filter(([name, value]) => (own.has(name) || !OWN.has(name)) && name !== "max" && value !== undefined && value !== ""));
}

/** The evidence: numbers as text, yes and no as such, what devices send as JSON where it is JSON. What is empty was not sent. */
export function dataOf(typed: Readonly<Record<string, string>>, fields: readonly Entered[], others: readonly string[]): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const { field, kind } of fields) {
    const text = (typed[field] ?? "").normalize("NFKC").trim();
    if (text !== "") data[field] = kind === "yes_no" ? text === "true" : text;
  }
  for (const name of others) {
    const text = (typed[name] ?? "").trim();
    if (text !== "") data[name] = read(text);
  }
  return data;
}

function read(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
