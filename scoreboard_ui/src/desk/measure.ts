/** What an operator typed, held against what the stage wants: numbers as text, never through a float. It judges nothing. */

import type { Name } from "../board/types.ts";
import type { Fill } from "../say.ts";
import type { Word } from "../words.ts";
import { compare } from "../room/decimals.ts";

export interface FormLine {
  readonly field: string;
  readonly kind: "number" | "yes_no" | "choice" | "date" | "text";
  readonly name: Name | null;
  readonly aspect: string | null;
  readonly unit: string | null;
  readonly min: string | null;
  readonly max: string | null;
  readonly places: number | null;
  readonly choices: readonly string[];
}

export interface StageForm {
  readonly stage: string;
  readonly name: Name | null;
  readonly fields: readonly FormLine[];
  readonly devices: readonly string[];
  readonly marked: readonly string[];
  readonly violations: readonly string[];
  readonly violation_names?: Readonly<Record<string, Name>>;
  /** What aspects are called, and fields that are no line of the form. */
  readonly names?: Readonly<Record<string, Name>>;
}

export interface Fault {
  readonly word: Word;
  readonly fill: Fill;
}

/** What is typed into the lines, by field; nothing typed is left out. */
export type Typed = Readonly<Record<string, string>>;

const TEXT_MAX = 400;
const NUMBER = /^-?\d{1,18}(\.\d{1,9})?$/;

/** A number as it is sent: １２．５ → 12.5, .5 → 0.5. A comma is no number, because it means two things. */
export function plainNumber(text: string): string {
  const plain = text.normalize("NFKC").replace(/[。]/g, ".").replace(/−/g, "-").trim();
  return plain.replace(/^(-?)\./, "$10.").replace(/\.$/, "");
}

/** Why this cannot be entered; null: it can, or nothing is typed. */
export function faultOf(line: FormLine, typed: string): Fault | null {
  if (typed.trim() === "") return null;
  if (line.kind === "number") return numberFault(line, plainNumber(typed));
  return typed.length > TEXT_MAX ? { word: "deskTooLong", fill: { n: TEXT_MAX } } : null;
}

function numberFault(line: FormLine, text: string): Fault | null {
  if (!NUMBER.test(text)) return { word: "deskNoNumber", fill: {} };
  const places = text.split(".")[1]?.length ?? 0;
  if (line.places !== null && places > line.places) return line.places === 0 ? { word: "deskWholeNumber", fill: {} } : { word: "deskPlaces", fill: { n: line.places } };
  if (line.min !== null && compare(text, line.min) < 0) return { word: "deskTooLow", fill: { limit: withUnit(line.min, line.unit) } };
  if (line.max !== null && compare(text, line.max) > 0) return { word: "deskTooHigh", fill: { limit: withUnit(line.max, line.unit) } };
  return null;
}

export function withUnit(number: string, unit: string | null): string {
  return unit === null ? number : `${number} ${unit}`;
}

/** The evidence of what was typed, and the lines where nothing was. Call it only where no line has a fault. */
export function evidenceOf(form: StageForm, typed: Typed): { readonly data: Readonly<Record<string, unknown>>; readonly missing: readonly FormLine[] } {
  const data: Record<string, unknown> = {};
  const missing: FormLine[] = [];
  for (const line of form.fields) {
    const text = (typed[line.field] ?? "").trim();
    if (text === "") missing.push(line);
    else if (line.kind === "number") data[line.field] = plainNumber(text);
    else data[line.field] = line.kind === "yes_no" ? text === "yes" : text;
  }
  return { data, missing };
}
