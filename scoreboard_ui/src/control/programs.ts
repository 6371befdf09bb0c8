/** Programs as a director makes them: a draft of a scene with its options, what is missing in it, and what it is called. Nothing is sent here. */

import type { Names } from "../room/names.ts";
import type { Voice } from "../room/saying.ts";
import { SCENES, type SceneName } from "../scenes/program.ts";
import type { Word } from "../words.ts";
import type { Program } from "./types.ts";

/** Everything that the form may hold; each scene takes what is its own. */
export interface Draft {
  scene: SceneName;
  lang: string;
  view: string;
  left: string;
  right: string;
  contestant: string;
  to: string;
  zh: string;
  en: string;
  image: string;
  places: number;
  medals: boolean;
  from: string;
  until: string;
  speed: number;
}

export const EMPTY: Draft = {
  scene: "ranking", lang: "", view: "all", left: "", right: "", contestant: "", to: "start", zh: "", en: "", image: "", places: 3, medals: true,
  from: "", until: "", speed: 60,
};

/** How each scene is marked on its button and its card. */
export const SIGNS: Readonly<Record<SceneName, string>> = {
  ranking: "≣", lanes: "▤", duel: "⚔", head_to_head: "⇄", spotlight: "★", ticker: "➤", countdown: "◷", notice: "✉", reveal: "⇡", ceremony: "♛", replay: "↺", auto: "◉",
};

export const SEQUENCE_SECONDS = 20;

/** The program that the draft stands for, as it is sent; null while something is missing that its scene needs. */
export function programOf(draft: Draft): Program | null {
  const options = optionsOf(draft);
  if (options === null) return null;
  return { scene: draft.scene, ...options, ...(draft.lang === "" ? {} : { lang: draft.lang }) };
}

function optionsOf(draft: Draft): Record<string, unknown> | null {
  switch (draft.scene) {
    case "ranking":
      return draft.view === "all" ? {} : { view: draft.view };
    case "duel":
      return { ...given("left", draft.left), ...given("right", draft.right) };
    case "head_to_head":
      return draft.left === "" || draft.right === "" || draft.left === draft.right ? null : { left: draft.left, right: draft.right };
    case "spotlight":
      return draft.contestant === "" ? null : { contestant: draft.contestant };
    case "countdown":
      return draft.to === "" ? null : { to: draft.to };
    case "notice":
      return draft.zh.trim() === "" && draft.en.trim() === "" ? null : { zh: draft.zh.trim(), en: draft.en.trim(), ...given("image", draft.image.trim()) };
    case "ceremony":
      return { places: draft.places, medals: draft.medals };
    case "replay":
      return { ...given("from", draft.from.trim()), ...given("to", draft.until.trim()), speed: draft.speed };
    default:
      return {};
  }
}

function given(name: string, value: string): Record<string, string> {
  return value === "" ? {} : { [name]: value };
}

/** The draft for changing a program that is on air. */
export function draftOf(program: Program): Draft {
  const scene = sceneOf(program);
  const text = (name: string, instead = ""): string => (typeof program[name] === "string" ? (program[name] as string) : instead);
  const number = (name: string, instead: number): number => (typeof program[name] === "number" ? (program[name] as number) : instead);
  return {
    ...EMPTY, scene, lang: text("lang"), view: text("view", "all"), left: text("left"), right: text("right"), contestant: text("contestant"),
    to: scene === "countdown" ? text("to", "start") : "start", zh: text("zh"), en: text("en"), image: text("image"), places: number("places", 3),
    medals: program["medals"] !== false, from: text("from"), until: scene === "replay" ? text("to") : "", speed: number("speed", 60),
  };
}

export function sceneOf(program: Program): SceneName {
  return SCENES.find((known) => known === program.scene) ?? "ranking";
}

export function sceneWord(scene: string): Word {
  return `control_scene_${SCENES.find((known) => known === scene) ?? "ranking"}`;
}

/** What a program says of itself below its name: whom, until when, what words. */
export function detailOf(program: Program, t: Voice, names: Names): string {
  const text = (name: string): string | null => (typeof program[name] === "string" && program[name] !== "" ? (program[name] as string) : null);
  switch (sceneOf(program)) {
    case "ranking":
      return viewText(text("view") ?? "all", t, names);
    case "duel":
      if (text("left") === null && text("right") === null) return t("controlFirstTwo");
      return [text("left"), text("right")].map((id) => (id === null ? "…" : names.venue(t, id))).join(" : ");
    case "head_to_head":
      return [text("left"), text("right")].map((id) => (id === null ? "…" : names.contestantName(t, id))).join(" : ");
    case "spotlight":
      return names.contestant(t, text("contestant") ?? "");
    case "countdown":
      return countdownText(text("to") ?? "start", t);
    case "notice":
      return t.name({ ...(text("zh") === null ? {} : { zh: text("zh")! }), ...(text("en") === null ? {} : { en: text("en")! }) });
    case "ceremony":
      return t("controlPlaces", { n: Number(program["places"] ?? 3) });
    case "replay":
      return t("controlSpeed", { n: Number(program["speed"] ?? 60) });
    default:
      return "";
  }
}

/** Its name and what it says of itself, in one line. */
export function titleOf(program: Program, t: Voice, names: Names): string {
  return [t(sceneWord(program.scene)), detailOf(program, t, names)].filter(Boolean).join(" · ");
}

function viewText(view: string, t: Voice, names: Names): string {
  const [kind, which = ""] = view.split(":");
  if (kind === "top") return t("controlTop", { n: which });
  return kind === "venue" ? names.venue(t, which) : t("controlEverybody");
}

function countdownText(to: string, t: Voice): string {
  return to === "start" || to === "end" ? t(`controlTo_${to}`) : new Date(to).toLocaleString();
}

/** Where this program can be looked at before it is on air. */
export function previewAddress(contest: string, program: Program, lang: string): string {
  const query = new URLSearchParams({ contest, lang });
  for (const [option, value] of Object.entries(program)) if (value !== null && value !== undefined && value !== "") query.set(option, String(value));
  return `./screen?${query}`;
}

/** Whether two programs show the same. */
export function isSame(one: Program, other: Program): boolean {
  const flat = (program: Program): string => JSON.stringify(Object.entries(program).sort(([a], [b]) => (a < b ? -1 : 1)));
  return flat(one) === flat(other);
}
