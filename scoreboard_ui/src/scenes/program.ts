/** What a screen shows, as it is ordered: by the control room, or by the address of the page. Refuses what is no scene. */

import { isLang, type Lang } from "../say.ts";

export const SCENES = [
  "ranking",
  "lanes",
  "duel",
  "head_to_head",
  "spotlight",
  "ticker",
  "countdown",
  "notice",
  "reveal",
  "ceremony",
  "replay",
  "auto",
] as const;
export type SceneName = (typeof SCENES)[number];

interface Spoken {
  /** null: as the screen speaks anyhow. */
  readonly lang: Lang | null;
}

export type Program = Spoken &
  (
    | { readonly scene: "ranking"; readonly view: string }
    | { readonly scene: "lanes" | "ticker" | "reveal" | "auto" }
    | { readonly scene: "duel" | "head_to_head"; readonly left: string | null; readonly right: string | null }
    | { readonly scene: "spotlight"; readonly contestant: string | null }
    /** `to` is "start", "end" or an ISO time. null: whatever comes next. */
    | { readonly scene: "countdown"; readonly to: string | null }
    | { readonly scene: "notice"; readonly zh: string; readonly en: string; readonly image: string | null }
    /** `step`: so many of the places are shown, by hand; null: one after the other by themselves. */
    | { readonly scene: "ceremony"; readonly places: number; readonly medals: boolean; readonly step: number | null }
    | { readonly scene: "replay"; readonly from: string | null; readonly to: string | null; readonly speed: number }
  );

export const RANKING: Program = { scene: "ranking", view: "all", lang: null };
export const PLACES_MAX = 8;
export const SPEED_MAX = 600;
const TEXT_MAX = 400;

/** A program out of JSON or an address; null where it names no scene that this page knows. Options it cannot read are left out. */
export function understood(raw: unknown): Program | null {
  if (typeof raw !== "object" || raw === null) return null;
  const told = raw as Readonly<Record<string, unknown>>;
  const scene = SCENES.find((known) => known === told["scene"]);
  return scene === undefined ? null : { ...optionsOf(scene, told), lang: langOf(told["lang"]) };
}

/** The program that the address asks for; null where it asks for none. */
export function programOf(search: string): Program | null {
  return understood(Object.fromEntries(new URLSearchParams(search)));
}

export function isSame(a: Program, b: Program): boolean {
  const options = (one: Program): string => JSON.stringify(Object.entries(one).toSorted(([x], [y]) => (x < y ? -1 : 1)));
  return options(a) === options(b);
}

type Options = Program extends infer P ? (P extends Spoken ? Omit<P, "lang"> : never) : never;

function optionsOf(scene: SceneName, told: Readonly<Record<string, unknown>>): Options {
  switch (scene) {
    case "ranking":
      return { scene, view: text(told["view"]) ?? "all" };
    case "duel":
    case "head_to_head":
      return { scene, left: text(told["left"]), right: text(told["right"]) };
    case "spotlight":
      return { scene, contestant: text(told["contestant"]) };
    case "countdown":
      return { scene, to: text(told["to"]) };
    case "notice":
      return { scene, zh: text(told["zh"]) ?? "", en: text(told["en"]) ?? "", image: text(told["image"]) };
    case "ceremony":
      return { scene, places: whole(told["places"], 1, PLACES_MAX) ?? 3, medals: String(told["medals"] ?? true) !== "false", step: whole(told["step"], 0, PLACES_MAX) };
    case "replay":
      return { scene, from: text(told["from"]), to: text(told["to"]), speed: whole(told["speed"], 1, SPEED_MAX) ?? 60 };
    default:
      return { scene };
  }
}

function langOf(told: unknown): Lang | null {
  return typeof told === "string" && isLang(told) ? told : null;
}

function text(told: unknown): string | null {
  return typeof told === "string" && told !== "" ? told.slice(0, TEXT_MAX) : typeof told === "number" ? String(told) : null;
}

function whole(told: unknown, least: number, most: number): number | null {
  const number = typeof told === "string" && told !== "" ? Number(told) : told;
  return typeof number === "number" && Number.isInteger(number) ? Math.min(most, Math.max(least, number)) : null;
}
