import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { words } from "../../src/words.ts";
import { codeWords } from "../../src/words/codes.ts";

const HERE = join(import.meta.dirname, "../../src");
const PARTS = import.meta.glob<Record<string, Record<string, unknown>>>("../../src/words/*.ts", { eager: true });

function sources(): string {
  const files = readdirSync(HERE, { recursive: true, encoding: "utf-8" }).filter((file) => /\.(ts|svelte)$/.test(file) && !/^words\b/.test(file));
  return files.map((file) => readFileSync(join(HERE, file), "utf-8")).join("\n");
}

test("no word is in two parts of the dictionary, and none is left out", () => {
  const all = Object.values(PARTS).flatMap((part) => Object.values(part).flatMap((some) => Object.keys(some)));
  expect(all.filter((word, index) => all.indexOf(word) !== index)).toEqual([]);
  expect(all.toSorted()).toEqual(Object.keys(words).toSorted());
});

test("every word is said by a page, by its name or as that of a code of its kind; the server says those of its codes, too", () => {
  const text = sources();
  const named = new Set(text.match(/\w+/g));
  const begun = [...text.matchAll(/`([a-zA-Z]\w*)\$\{/g)].map((found) => found[1]!);
  const kinds = [...text.matchAll(/(?:coded\(t, |: )"(\w+)"/g)].map((found) => `${found[1]}_`);
  const isSaid = (word: string): boolean => named.has(word) || [...begun, ...kinds].some((begin) => word.startsWith(begin));
  expect(Object.keys(words).filter((word) => !isSaid(word) && !Object.hasOwn(codeWords, word))).toEqual([]);
});

test("no regular expression looks behind: phones of before 2023 would not read the page at all", () => {
  expect(sources().match(/\(\?<[=!]/g)).toBeNull();
});
