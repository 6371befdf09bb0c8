import fc from "fast-check";
import { expect, test } from "vitest";
import { isSame, type Program, programOf, RANKING, SCENES, understood } from "../../src/scenes/program.ts";

const id = fc.stringMatching(/^[A-Z]\d{1,3}$/);
const lang = fc.constantFrom("zh", "en", "both", null);
const program: fc.Arbitrary<Program> = fc.oneof(
  fc.record({ scene: fc.constant("ranking" as const), view: fc.constantFrom("all", "top:10", "venue:yueqing"), lang }),
  fc.record({ scene: fc.constantFrom("lanes" as const, "ticker" as const, "reveal" as const, "auto" as const), lang }),
  fc.record({ scene: fc.constantFrom("duel" as const, "head_to_head" as const), left: fc.option(id), right: fc.option(id), lang }),
  fc.record({ scene: fc.constant("spotlight" as const), contestant: fc.option(id), lang }),
  fc.record({ scene: fc.constant("countdown" as const), to: fc.constantFrom("start", "end", "2026-11-22T09:00:00Z", null), lang }),
  fc.record({ scene: fc.constant("notice" as const), zh: fc.constantFrom("", "欢迎 & 谢谢"), en: fc.constantFrom("", "a=b&c"), image: fc.constantFrom("card.png", null), lang }),
  fc.record({ scene: fc.constant("ceremony" as const), places: fc.integer({ min: 1, max: 8 }), medals: fc.boolean(), step: fc.option(fc.integer({ min: 0, max: 8 })), lang }),
  fc.record({ scene: fc.constant("replay" as const), from: fc.constantFrom("17", null), to: fc.constantFrom("2026-11-22T09:00:00+08:00", null), speed: fc.integer({ min: 1, max: 600 }), lang }),
);

test("an address asks for exactly the program whose options it names", () => {
  const options = (one: Program): [string, string][] => Object.entries(one).filter(([, value]) => value !== null && value !== "").map(([name, value]) => [name, String(value)]);
  fc.assert(fc.property(program, (one) => void expect(programOf(`?${new URLSearchParams([["contest", "cup"], ...options(one)])}`)).toEqual(one)));
});

test("a program is understood again from its own JSON", () => {
  fc.assert(fc.property(program, (one) => void expect(isSame(understood(JSON.parse(JSON.stringify(one)))!, one)).toBe(true)));
});

test("what names no scene is no program, and options that are nonsense are left out", () => {
  expect([null, 3, "lanes", {}, { scene: "strobe" }, { scene: ["lanes"] }].map(understood)).toEqual([null, null, null, null, null, null]);
  expect(understood({ scene: "replay", speed: 1e9, from: {}, lang: "fr" })).toEqual({ scene: "replay", speed: 600, from: null, to: null, lang: null });
  expect(understood({ scene: "ceremony", places: 2.5 })).toMatchObject({ places: 3, step: null, medals: true });
});

test("every scene can be asked for by its name alone", () => {
  for (const scene of SCENES) expect(programOf(`?contest=cup&scene=${scene}`)?.scene).toBe(scene);
  expect(programOf("?contest=cup")).toBeNull();
  expect(RANKING.scene).toBe("ranking");
});
