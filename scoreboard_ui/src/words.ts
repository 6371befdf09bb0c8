/** Every word on the pages, in both languages. `{n}` and the like are filled in by `say`. Plain data: the server reads it as JSON. */

import { accountWords } from "./words/account.ts";
import { builderWords } from "./words/builder.ts";
import { buildingWords } from "./words/building.ts";
import { caseWords } from "./words/case.ts";
import { chiefWords } from "./words/chief.ts";
import { codeWords } from "./words/codes.ts";
import { deedWords } from "./words/deeds.ts";
import { controlWords } from "./words/control.ts";
import { deskWords } from "./words/desk.ts";
import { liveWords } from "./words/live.ts";
import { refusalWords } from "./words/refusals.ts";
import { roomWords } from "./words/room.ts";
import { sceneWords } from "./words/scenes.ts";
import { screenWords } from "./words/screen.ts";
import { whyWords } from "./words/why.ts";

export const words = { ...screenWords, ...sceneWords, ...roomWords, ...deedWords, ...caseWords, ...codeWords, ...refusalWords, ...whyWords, ...chiefWords, ...deskWords, ...accountWords, ...controlWords, ...liveWords, ...builderWords, ...buildingWords } as const;

export type Word = keyof typeof words;
