/** Letters on walls. A machine there may have no Chinese font: then a letter waits for its part of ours instead of standing as a box. */

import { type Word, words } from "./words.ts";

/** What the first scene says in any case. */
const FIRST: readonly Word[] = ["ranking", "remaining", "elapsed", "running", "points", "time", "leader", "nobodyYet", "firstClears", "unclaimed", "people", "clears", "liveFeed", "feedEmpty", "connected"];

/** Let letters wait (3 s at most: after that, whatever font there is draws them), and fetch those of the first scene while the server is asked for the rest. */
export function awaitLetters(fonts: FontFaceSet = document.fonts): void {
  for (const face of fonts) face.display = "block";
  // A part that does not come is asked for again when its letters are laid out.
  fonts.load('1em "Noto Sans SC Variable"', FIRST.map((word) => words[word].zh).join("")).catch(() => []);
}
