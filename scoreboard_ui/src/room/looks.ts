/** What every page of officials puts on, and what its address wishes. */

import "@fontsource-variable/noto-sans-sc/index.css";
import "@fontsource-variable/saira/wdth.css";
import "../styles/tokens.css";
import "../styles/opening.css";
import "../styles/room.css";
import { type Wishes, wishesOf } from "./settings.ts";
import { browserStore } from "./storage.ts";

export function wished(): Wishes {
  const wishes = wishesOf(location.search, browserStore("localStorage"), {
    languages: navigator.languages,
    prefersLight: matchMedia("(prefers-color-scheme: light)").matches,
  });
  document.documentElement.dataset["theme"] = wishes.theme;
  return wishes;
}
