/** The pages' Chinese sentences have Chinese marks. What a frozen board says is a promise, letter by letter, and stays as it is. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { words } from "../../src/words.ts";

const HALF_WIDTH = /[\u4e00-\u9fff”}][,;:!?](?![\w/.{])|[\u4e00-\u9fff][()]|[()][\u4e00-\u9fff]|[,;:!?] ?[\u4e00-\u9fff]/;

test("no mark of Latin print stands beside a Chinese character", () => {
  const told = Object.entries(words).map(([word, { zh }]) => [word, zh] as const);
  expect(told.length).toBeGreaterThan(500);
  expect(told.filter(([, zh]) => HALF_WIDTH.test(zh))).toEqual([]);
});

/** Where the block that begins here has its last brace. */
function endOf(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "{") depth += 1;
    else if (text[at] === "}" && (depth -= 1) === 0) return at;
  }
  return text.length;
}

test("no block of a page begins with a space that is to be seen: Svelte takes it away", () => {
  const src = join(import.meta.dirname, "../../src");
  const pages = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".svelte"));
  expect(pages.length).toBeGreaterThan(100);
  const found = pages.flatMap((name) => {
    const text = readFileSync(join(src, name), "utf8");
    const ends = [...text.matchAll(/\{(?:#if|#each|:else)/g)].map(({ index }) => endOf(text, index) + 1);
    return ends.map((end) => text.slice(end, end + 12)).filter((begin) => /^ \S/.test(begin)).map((begin) => `${name}: ${begin}`);
  });
  expect(found).toEqual([]);
});
