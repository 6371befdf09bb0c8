/** Every word on the pages, in both languages. `{n}` and the like are filled in by `say`. Plain data: the server reads it as JSON. */

import { caseWords } from "./words/case.ts";
import { chiefWords } from "./words/chief.ts";
import { codeWords } from "./words/codes.ts";
import { deedWords } from "./words/deeds.ts";
import { refusalWords } from "./words/refusals.ts";
import { roomWords } from "./words/room.ts";
import { screenWords } from "./words/screen.ts";
import { whyWords } from "./words/why.ts";

export const words = { ...screenWords, ...roomWords, ...deedWords, ...caseWords, ...codeWords, ...refusalWords, ...whyWords, ...chiefWords } as const;

export type Word = keyof typeof words;
