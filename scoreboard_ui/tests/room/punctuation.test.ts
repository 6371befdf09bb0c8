/** The pages' Chinese sentences have Chinese marks. What a frozen board says is a promise, letter by letter, and stays as it is. */

import { expect, test } from "vitest";
import { words } from "../../src/words.ts";

const HALF_WIDTH = /[\u4e00-\u9fff”}][,;:!?](?![\w/.{])|[\u4e00-\u9fff][()]|[()][\u4e00-\u9fff]|[,;:!?] ?[\u4e00-\u9fff]/;

test("no mark of Latin print stands beside a Chinese character", () => {
  const told = Object.entries(words).map(([word, { zh }]) => [word, zh] as const);
  expect(told.length).toBeGreaterThan(500);
  expect(told.filter(([, zh]) => HALF_WIDTH.test(zh))).toEqual([]);
});
