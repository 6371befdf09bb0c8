/**
 * What the server refused, in the reader's language. It is stored and sent in English, and read back here: which template made the text, and
 * what was filled in. The server reads in the same way (`core/rereading.py`), with the same templates. What none of them made stays as it is.
 */

import wire from "../../../contest_server/words/wire.json";
import type { Sentence } from "../board/types.ts";
import { coded } from "../room/texts.ts";
import type { Voice } from "../room/saying.ts";
import { filled, type Tongue } from "../say.ts";

const TEXT_MAX_CHARS = 1_000;
const EVIDENCE = "data.";
/** In this placeholder stands a sentence that is known, too. */
const SENTENCE = "what";
/** So many sentences stand within one another at most; a sender who writes more of them is not read back. */
const WHATS_MAX = 3;
/** How a value looks, by the name of its placeholder; any other may be any text, and three such in a row would cost too much to tell apart. */
const LOOKS: Readonly<Record<string, string>> = { field: "[\\p{L}\\p{N}_.\\[\\]-]+", line: "[^ ]+", column: "[^ ]+", char: "[^ ]+" };
const PART = /\{(\w+)\}|\{\{|\}\}|[^{}]+/g;

interface Template {
  readonly own: number;
  readonly pattern: RegExp;
  readonly told: Readonly<Record<Tongue, string>>;
}

/** What the form calls a field of the evidence; null: it has none such. */
export type Naming = (field: string) => string | null;

const templates: readonly Template[] = Object.entries(wire)
  .map(([en, zh]) => templateOf({ en, zh }))
  .sort((one, other) => other.own - one.own);

/** How such a text looks; a value that stands in it twice is the same both times. */
function templateOf(told: Template["told"]): Template {
  const seen = new Set<string>();
  let [own, pattern] = [0, ""];
  for (const [part, name] of told.en.matchAll(PART)) {
    if (name === undefined) {
      const literal = unbraced(part);
      own += literal.length;
      pattern += literal.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    } else {
      pattern += seen.has(name) ? `\\k<${name}>` : `(?<${name}>${LOOKS[name] ?? ".*?"})`;
      seen.add(name);
    }
  }
  return { own, pattern: new RegExp(`^${pattern}$`, "su"), told };
}

function unbraced(text: string): string {
  return text.replace("{{", "{").replace("}}", "}");
}

/** The text in this language; null where nobody knows what it says, or sentences stand too deep in it. */
function reread(t: Voice, text: string, named: Naming, whatsLeft = WHATS_MAX): string | null {
  if (whatsLeft < 0 || text.length > TEXT_MAX_CHARS) return null;
  for (const { pattern, told } of templates) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const values = Object.entries(found.groups ?? {}).map(([name, value]) => [name, name === SENTENCE ? reread(t, value, named, whatsLeft - 1) : valueOf(t, name, value, named)] as const);
    if (values.every(([, value]) => value !== null)) return unbraced(filled(told[t.tongue], Object.fromEntries(values) as Record<string, string>));
  }
  return null;
}

/** A code in words, or a field of the evidence as its form calls it. */
function valueOf(t: Voice, name: string, value: string, named: Naming): string {
  const own = value.startsWith(EVIDENCE) ? named(value.slice(EVIDENCE.length)) : null;
  return own === null ? coded(t, name.split("_")[0]!, value) : t("inBrackets", { a: own, b: value });
}

/** What is wrong with a refused entry, for whoever has to enter it anew. */
export function refusedFor(t: Voice, detail: Sentence, named: Naming = () => null): string {
  return typeof detail === "string" ? (reread(t, detail, named) ?? detail) : t.told(detail);
}
