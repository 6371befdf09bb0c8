/** The language and the look of a page: wished by its address, kept in this browser, worn by the whole document. What changes them finds them here. */

import { getContext, setContext } from "svelte";
import type { Theme } from "../place.ts";
import type { Tongue } from "../say.ts";
import { setVoice, type Voice } from "./saying.ts";
import { spokenAddress, type Wishes } from "./settings.ts";
import { browserStore } from "./storage.ts";

export class Appearance {
  tongue = $state<Tongue>("zh");
  theme = $state<Theme>("arena");
  readonly #kept = browserStore("localStorage");

  constructor(wishes: Wishes) {
    this.tongue = wishes.tongue;
    this.theme = wishes.theme;
  }

  /** The other language, which the address says from now on; the page goes on as it stands. */
  speak(): void {
    this.tongue = this.tongue === "zh" ? "en" : "zh";
    this.#kept.setItem("tongue", this.tongue);
    history.replaceState(history.state, "", spokenAddress(location.search, this.tongue) + location.hash);
  }

  /** Light instead of dark, or dark again. */
  dress(): void {
    this.theme = this.theme === "daylight" ? "arena" : "daylight";
    this.#kept.setItem("theme", this.theme);
  }
}

const KEY = Symbol("appearance");

/** Once in each page, as it begins: the whole document wears it, and its window is called `title`. Returns the page's voice. */
export function setAppearance(wishes: Wishes, title: (t: Voice) => string): Voice {
  const worn = setContext(KEY, new Appearance(wishes));
  const t = setVoice(() => worn.tongue);
  $effect(() => {
    document.documentElement.lang = worn.tongue === "zh" ? "zh-CN" : "en";
    document.documentElement.dataset["theme"] = worn.theme;
  });
  $effect(() => {
    document.title = title(t);
  });
  return t;
}

export function getAppearance(): Appearance {
  return getContext<Appearance>(KEY);
}
