/** Where the server is and what the address of this page asks for. */

import type { ContestInfo, ContestListing, Roster } from "./board/types.ts";
import type { Corrections } from "./chief/types.ts";
import { isLang, type Lang } from "./say.ts";
import { StillReading } from "./scenes/replay.ts";

export const THEMES = ["arena", "contrast", "daylight"] as const;
export type Theme = (typeof THEMES)[number];

export interface Wish {
  readonly contest: string | null;
  /** null: as the contest itself speaks. */
  readonly lang: Lang | null;
  readonly view: string;
  readonly theme: Theme;
  /** The screen asks to be paired, and shows the contest that it is told. */
  readonly pair: boolean;
}

export function wishOf(search: string): Wish {
  const query = new URLSearchParams(search);
  const lang = query.get("lang");
  const theme = query.get("theme");
  return {
    contest: query.get("contest") || null,
    lang: isLang(lang) ? lang : null,
    view: query.get("view") || "all",
    theme: THEMES.find((known) => known === theme) ?? "arena",
    pair: query.get("pair") === "1",
  };
}

/** The language of a screen: as wished, else the contest's own; in two languages it is shown in both. */
export function langOf(wish: Wish, info: ContestInfo | null): Lang {
  const spoken = info?.languages ?? [];
  return wish.lang ?? (spoken.length === 1 && isLang(spoken[0]!) ? spoken[0]! : "both");
}

/** The address of a contest's big screen, keeping what else was wished. */
export function screenAddress(contest: string, search: string): string {
  const query = new URLSearchParams(search);
  query.set("contest", contest);
  return `./screen?${query}`;
}

/** The page that walks a figure back to its raw events: of a contestant, or of a contestant at a stage. */
export function whyAddress(contest: string, contestant: string | null, stage: string | null, lang: Lang): string {
  const query = new URLSearchParams({ contest });
  if (contestant !== null) query.set("contestant", contestant);
  if (stage !== null) query.set("stage", stage);
  if (lang !== "both") query.set("lang", lang);
  return `./why?${query}`;
}

export class NotFound extends Error {}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(new URL(path, document.baseURI), { headers: { accept: "application/json" }, signal: AbortSignal.timeout(10_000) });
  if (response.status === 404) throw new NotFound(path);
  if (response.status === 503) await readingOf(response);
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
  return (await response.json()) as T;
}

/** Raises StillReading where that is what the answer says. */
async function readingOf(response: Response): Promise<void> {
  const said = (await response.json().catch(() => ({}))) as { code?: string; told?: number; of?: number };
  if (said.code === "still_reading" && said.told !== undefined && said.of) throw new StillReading(said.told, said.of);
}

export async function contests(): Promise<readonly ContestListing[]> {
  return (await get<{ contests: readonly ContestListing[] }>("api/contests")).contests;
}

export function contestInfo(contest: string): Promise<ContestInfo> {
  return get(`api/contests/${encodeURIComponent(contest)}`);
}

/** What was corrected about one contestant since the result was published. */
export function correctedOf(contest: string, contestant: string): Promise<Corrections> {
  return get(`api/contests/${encodeURIComponent(contest)}/corrections?${new URLSearchParams({ contestant })}`);
}

export function rosterOf(contest: string): Promise<Roster> {
  return get(`api/contests/${encodeURIComponent(contest)}/roster`);
}

export function timelineOf<T>(contest: string): Promise<T> {
  return get(`api/contests/${encodeURIComponent(contest)}/timeline`);
}

/** The public board as it was at a time; with `after`, only what differs from that position on. */
export function historyOf<T>(contest: string, at: string, after: number | null): Promise<T> {
  const query = new URLSearchParams(after === null ? { at } : { at, after: String(after) });
  return get(`api/contests/${encodeURIComponent(contest)}/history?${query}`);
}

export function themeOf<T>(contest: string): Promise<T> {
  return get(`api/contests/${encodeURIComponent(contest)}/theme`);
}

/** Rows of these contestants with their ranks, as the public sees them. */
export function rowsOf<T>(contest: string, ids: readonly string[]): Promise<T> {
  return get(`api/contests/${encodeURIComponent(contest)}/board?${new URLSearchParams({ view: `contestants:${ids.join(",")}` })}`);
}

export function statisticsOf<T>(contest: string): Promise<T> {
  return get(`api/contests/${encodeURIComponent(contest)}/statistics`);
}

/** The page for spectators, of this contest or to choose one. */
export function liveAddress(contest: string | null, search: string): string {
  const asked = new URLSearchParams(search).get("lang");
  const query = new URLSearchParams(contest === null ? {} : { contest });
  if (asked === "zh" || asked === "en") query.set("lang", asked);
  return query.size === 0 ? "./live" : `./live?${query}`;
}

/** A picture of the contest's theme, by its name there. */
export function themeImage(contest: string, name: string): string {
  return new URL(`api/contests/${encodeURIComponent(contest)}/theme/${encodeURIComponent(name)}`, document.baseURI).href;
}

/** Where a paired screen is told what to show. */
export function directionAddress(contest: string): string {
  const address = new URL(`api/contests/${encodeURIComponent(contest)}/screens/me`, document.baseURI);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}

/** The board's socket, resumed after a cursor. */
export function boardAddress(contest: string, view: string, after: string | null): string {
  const address = new URL(`api/contests/${encodeURIComponent(contest)}/board`, document.baseURI);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.searchParams.set("audience", "public");
  if (view !== "all") address.searchParams.set("view", view);
  if (after !== null) address.searchParams.set("after", after);
  return address.href;
}
