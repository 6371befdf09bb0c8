/** How this official wants the pages: the language, light or dark. The address wins, then what was chosen before, then the browser. */

import { THEMES, type Theme } from "../place.ts";
import type { Tongue } from "../say.ts";
import type { Store } from "./storage.ts";

export interface Wishes {
  readonly contest: string | null;
  readonly tongue: Tongue;
  readonly theme: Theme;
  readonly contestant: string | null;
  readonly stage: string | null;
}

export interface Browser {
  readonly languages: readonly string[];
  readonly prefersLight: boolean;
}

export function wishesOf(search: string, store: Store, browser: Browser): Wishes {
  const query = new URLSearchParams(search);
  return {
    contest: query.get("contest") || null,
    tongue: tongueIn(query.get("lang")) ?? tongueIn(store.getItem("tongue")) ?? spokenBy(browser.languages),
    theme: themeIn(query.get("theme")) ?? themeIn(store.getItem("theme")) ?? (browser.prefersLight ? "daylight" : "arena"),
    contestant: query.get("contestant") || null,
    stage: query.get("stage") || null,
  };
}

function spokenBy(languages: readonly string[]): Tongue {
  const known = languages.map((each) => each.slice(0, 2).toLowerCase()).find((each) => each === "zh" || each === "en");
  return known === "en" ? "en" : "zh";
}

function tongueIn(text: string | null): Tongue | null {
  return text === "zh" || text === "en" ? text : null;
}

function themeIn(text: string | null): Theme | null {
  return THEMES.find((known) => known === text) ?? null;
}

/** The same address in another language. */
export function spokenAddress(search: string, tongue: Tongue): string {
  const query = new URLSearchParams(search);
  query.set("lang", tongue);
  return `?${query}`;
}

/** The same address, of the page with this case open, or with none. */
export function caseAddress(search: string, at: { readonly contestant: string; readonly stage: string } | null): string {
  const query = new URLSearchParams(search);
  for (const name of ["contestant", "stage"] as const) {
    if (at === null) query.delete(name);
    else query.set(name, at[name]);
  }
  return `?${query}`;
}

/** The case that an address names. */
export function caseIn(search: string): { readonly contestant: string; readonly stage: string } | null {
  const query = new URLSearchParams(search);
  const [contestant, stage] = [query.get("contestant"), query.get("stage")];
  return contestant && stage ? { contestant, stage } : null;
}

/** A page of officials, or the page that explains, of the same contest in the same language. */
export function pageAddress(page: "referee" | "chief" | "why" | "screen" | "control" | "live" | "desk" | "account", contest: string, more: Readonly<Record<string, string | null>> = {}): string {
  const query = new URLSearchParams({ contest });
  for (const [name, value] of Object.entries(more)) if (value !== null) query.set(name, value);
  return `./${page}?${query}`;
}

/** Where the server says what was corrected about one contestant: of everybody it would be far more than a page needs. */
export function correctionsOf(contestant: string): string {
  return `/corrections?${new URLSearchParams({ contestant })}`;
}

/** The table of results of a contest, as a file for spreadsheets. */
export function resultsFile(contest: string, tongue: Tongue): string {
  return `./api/contests/${encodeURIComponent(contest)}/results?${new URLSearchParams({ format: "csv", lang: tongue })}`;
}
