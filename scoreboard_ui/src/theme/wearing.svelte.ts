/** The theme that this page wears: asked for once a contest. Without one, or without an answer, the page wears its own. */

import { themeOf } from "../place.ts";
import { PLAIN, propertiesOf, type Theme, themeOutOf } from "./theme.ts";

class Wearing {
  theme = $state.raw<Theme>(PLAIN);
}

export const wearing = new Wearing();

/** Put on what this contest wears. Only the arena is dressed: who asked for high contrast or daylight gets that. */
export async function wear(contest: string): Promise<void> {
  const root = document.documentElement;
  if ((root.dataset["theme"] ?? "arena") !== "arena") return;
  try {
    wearing.theme = themeOutOf(await themeOf(contest));
  } catch {
    return; // it keeps what it wears
  }
  for (const [property, value] of propertiesOf(wearing.theme)) root.style.setProperty(property, value);
}
