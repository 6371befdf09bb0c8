/** What an overlay's address asks for: which part, where, how wide, in which language. Places are percent of the picture, so they hold at any resolution. */

import { isLang, type Lang } from "../say.ts";

export const PARTS = ["lower_third", "ticker", "ranking", "clock", "head_to_head"] as const;
export type Part = (typeof PARTS)[number];

export interface OverlayWish {
  readonly contest: string | null;
  /** null: none that there is. */
  readonly part: Part | null;
  /** As the address has it, to say what is wrong. */
  readonly asked: string;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly lang: Lang | null;
  /** Of the ranking. */
  readonly rows: number;
  /** Of the lower third: an id, "leader", or null for whoever is called out. */
  readonly contestant: string | null;
  readonly left: string | null;
  readonly right: string | null;
}

const PLACES: Readonly<Record<Part, readonly [number, number, number]>> = {
  lower_third: [5, 76, 52],
  ticker: [0, 92, 100],
  ranking: [70, 14, 27],
  clock: [81, 4, 16],
  head_to_head: [18, 78, 64],
};

export const ROWS_MAX = 12;

export function overlayWish(search: string): OverlayWish {
  const query = new URLSearchParams(search);
  const asked = query.get("part") ?? "";
  const part = PARTS.find((known) => known === asked) ?? null;
  const [x, y, w] = PLACES[part ?? "lower_third"];
  const lang = query.get("lang");
  return {
    contest: query.get("contest") || null,
    part,
    asked,
    x: within(query.get("x"), 0, 100, x),
    y: within(query.get("y"), 0, 100, y),
    w: within(query.get("w"), 5, 100, w),
    lang: isLang(lang) ? lang : null,
    rows: Math.round(within(query.get("rows"), 1, ROWS_MAX, 5)),
    contestant: query.get("contestant") || null,
    left: query.get("left") || null,
    right: query.get("right") || null,
  };
}

function within(text: string | null, least: number, most: number, instead: number): number {
  const number = text === null || text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(number) ? Math.min(most, Math.max(least, number)) : instead;
}
