/** Letters on walls. A machine there may have no Chinese font: then a letter waits for its part of ours instead of standing as a box. */

import { type Word, words } from "./words.ts";

/** What the first scene says in any case. */
const FIRST: readonly Word[] = ["ranking", "remaining", "elapsed", "running", "points", "time", "leader", "nobodyYet", "firstClears", "unclaimed", "people", "clears", "liveFeed", "feedEmpty", "connected"];

/** A part that failed is asked for again after so many seconds: a browser itself never does. Then only a reload helps. */
export const AGAIN_S: readonly number[] = [2, 10, 60, 300];

/** Let letters wait (3 s at most: after that, whatever font there is draws them), and fetch those of the first scene while the server is asked for the rest. */
export function awaitLetters(fonts: FontFaceSet = document.fonts): void {
  for (const face of fonts) face.display = "block";
  askAgain(fonts, anew);
  fonts.load('1em "Noto Sans SC Variable"', FIRST.map((word) => words[word].zh).join("")).catch(() => []);
}

/** For each part that fails, now or later, add it `anew` after a pause; the new one's failure is heard like the first's. */
export function askAgain(fonts: Pick<FontFaceSet, "add" | "addEventListener">, make: (face: FontFace) => FontFace | null, later: (deed: () => void, ms: number) => unknown = setTimeout): void {
  const tries = new Map<string, number>();
  fonts.addEventListener("loadingerror", (event) => {
    for (const face of (event as FontFaceSetLoadEvent).fontfaces) {
      const part = `${bare(face.family)} ${face.unicodeRange}`;
      const tried = tries.get(part) ?? 0;
      const again = tried < AGAIN_S.length ? make(face) : null;
      tries.set(part, tried + 1);
      if (again !== null) later(() => (fonts.add(again), void again.load().catch(() => again)), AGAIN_S[tried]! * 1000);
    }
  });
}

/** A family without the quotation marks that a style sheet has around it: to a new face they would be letters of its name. */
const bare = (family: string): string => family.replaceAll(/["']/g, "");

/** The same part of a font as it stands in the style sheets; null where it does not. */
function anew({ family, unicodeRange, weight, style }: FontFace): FontFace | null {
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSFontFaceRule) || rule.style.getPropertyValue("unicode-range") !== unicodeRange) continue;
      const file = /url\("?([^")]+)"?\)/.exec(rule.style.getPropertyValue("src"))?.[1];
      if (file === undefined || bare(rule.style.getPropertyValue("font-family")) !== bare(family)) continue;
      return new FontFace(bare(family), `url("${new URL(file, sheet.href ?? document.baseURI)}")`, { unicodeRange, weight, style, display: "block" });
    }
  }
  return null;
}
