/** A part of a font that fails is asked for again, a few times, with growing pauses. */

import { expect, test } from "vitest";
import { AGAIN_S, askAgain } from "../../src/letters.ts";

const part = (unicodeRange: string, family = "Noto"): FontFace => ({ family, unicodeRange, load: () => Promise.reject(new Error("no network")) }) as unknown as FontFace;

/** A document's fonts where whatever is asked for fails as soon as it is said to. */
class Fonts {
  readonly added: FontFace[] = [];
  #heard: (event: Event) => void = () => {};

  addEventListener = (_: string, heard: unknown): void => void (this.#heard = heard as (event: Event) => void);

  add(face: FontFace): FontFaceSet {
    this.added.push(face);
    return this as unknown as FontFaceSet;
  }

  fail(...fontfaces: FontFace[]): void {
    this.#heard({ fontfaces } as unknown as Event);
  }
}

test("each part has its own tries, each a new face after a longer pause; then it is let be", () => {
  const [fonts, pauses] = [new Fonts(), [] as number[]];
  askAgain(fonts as unknown as FontFaceSet, (face) => part(face.unicodeRange, `"${face.family}"`), (deed, ms) => (pauses.push(ms), deed()));
  fonts.fail(part("U+4E00"), part("U+4E01"));
  expect(fonts.added.map((face) => face.unicodeRange)).toEqual(["U+4E00", "U+4E01"]);
  for (let n = 0; n < 10; n += 1) fonts.fail(fonts.added.at(-1)!);
  expect(pauses).toEqual([AGAIN_S[0], ...AGAIN_S].map((each) => each! * 1000));
  expect([...AGAIN_S].sort((a, b) => a - b)).toEqual(AGAIN_S);
  expect(new Set(fonts.added).size).toBe(AGAIN_S.length + 1);
});

test("a font that no style sheet knows is not asked for again", () => {
  const [fonts, pauses] = [new Fonts(), [] as number[]];
  askAgain(fonts as unknown as FontFaceSet, () => null, (_, ms) => pauses.push(ms));
  fonts.fail(part("U+4E00"));
  expect([fonts.added, pauses]).toEqual([[], []]);
});
