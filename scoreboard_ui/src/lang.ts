/** The page's language, handed down to every component. */

import { getContext, setContext } from "svelte";
import type { Lang } from "./say.ts";

const KEY = Symbol("lang");

export function setLang(lang: () => Lang): void {
  setContext(KEY, lang);
}

export function getLang(): Lang {
  return getContext<() => Lang>(KEY)();
}
