import { expect, test } from "vitest";
import { caseWords } from "../../src/words/case.ts";
import { chiefWords } from "../../src/words/chief.ts";
import { codeWords } from "../../src/words/codes.ts";
import { deedWords } from "../../src/words/deeds.ts";
import { refusalWords } from "../../src/words/refusals.ts";
import { roomWords } from "../../src/words/room.ts";
import { screenWords } from "../../src/words/screen.ts";
import { whyWords } from "../../src/words/why.ts";

test("no word is in two parts of the dictionary", () => {
  const all = [screenWords, roomWords, deedWords, caseWords, codeWords, refusalWords, whyWords, chiefWords].flatMap((part) => Object.keys(part));
  expect(all.filter((word, index) => all.indexOf(word) !== index)).toEqual([]);
});
