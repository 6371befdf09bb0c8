/** The marking scheme: criteria, what the aspects below each add up to, and where else a draft may hold them. */

import type { Rule } from "./answers.ts";
import { newUse } from "./options.ts";
import { put } from "./paths.ts";
import { sum } from "./sums.ts";
import type { Criterion, Draft } from "./types.ts";

/** The option of a rule that adds up by criteria. */
const CRITERIA = "criteria";

export function needsCriteria(rule: Rule | null): boolean {
  return rule?.options.some((each) => each.name === CRITERIA) ?? false;
}

/** The nearest criterion above: "B" of "B1" and "B.1", but "B1" not of "B10". */
export function parentOf(id: string, all: readonly string[]): string | null {
  const isAbove = (each: string): boolean => each !== "" && each !== id && id.startsWith(each) && endsPart(each.at(-1)!, id[each.length]!);
  return all.filter(isAbove).sort((one, other) => other.length - one.length)[0] ?? null;
}

function endsPart(last: string, next: string): boolean {
  const isDigit = (letter: string): boolean => /\d/.test(letter);
  return !/[\p{L}\p{N}]/u.test(next) || isDigit(last) !== isDigit(next);
}

/** What the aspects of this criterion and of those below it are worth together. */
export function worthBelow(draft: Draft, id: string): string {
  const all = (draft.criteria ?? []).map((each) => each.id);
  const isWithin = (each: string | null): boolean => each !== null && (each === id || isWithin(parentOf(each, all)));
  const aspects = draft.stages.flatMap((stage) => stage.aspects ?? []);
  return sum(aspects.filter((each) => typeof each["criterion"] === "string" && isWithin(each["criterion"])).map((each) => each.max));
}

/** "A", "B", … and then "C27". */
export function newCriterion(all: readonly Criterion[]): Criterion {
  const taken = new Set(all.map((each) => each.id));
  const letter = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((each) => !taken.has(each));
  let n = all.length + 1;
  while (taken.has(`C${n}`)) n += 1;
  return { id: letter ?? `C${n}`, name: {} };
}

/** The draft with another way to add up. Criteria stand in a table of their own, where they have names; those that are there stay. */
export function withTotal(draft: Draft, rule: Rule): Draft {
  const { [CRITERIA]: begun, ...total } = newUse(rule);
  const criteria = draft.criteria ?? (Array.isArray(begun) ? (begun as readonly Criterion[]) : undefined);
  return put(put(draft, ["total"], total), [CRITERIA], criteria);
}

/** The draft with one list of criteria: the marks that the total holds to, with the names that stand beside them. */
export function gathered(draft: Draft): Draft {
  const named = draft.criteria ?? [];
  const held = draft.total?.[CRITERIA];
  const list = Array.isArray(held) ? (held as readonly Criterion[]) : [];
  const merged = list.map((each) => ({ ...named.find(({ id }) => id === each.id), ...each }));
  const others = named.filter(({ id }) => !list.some((each) => each.id === id));
  return put(put(draft, [CRITERIA], [...merged, ...others]), ["total", CRITERIA], undefined);
}

/** The draft in which this criterion is called so, and whoever named it names it still. */
export function withCriterionId(draft: Draft, index: number, id: string): Draft {
  const old = draft.criteria?.[index]?.id ?? "";
  const renamed = put(draft, [CRITERIA, index, "id"], id);
  const isShared = draft.criteria?.some((each, nth) => nth !== index && each.id === old) ?? false;
  if (old === "" || old === id || isShared) return renamed;
  const stages = renamed.stages.map((stage) =>
    stage.aspects?.some((each) => each["criterion"] === old) ? { ...stage, aspects: stage.aspects.map((each) => (each["criterion"] === old ? { ...each, criterion: id } : each)) } : stage,
  );
  return { ...renamed, stages };
}
