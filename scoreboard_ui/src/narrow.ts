/** Whether the page is tall rather than wide: then it scrolls, and nothing has to fit. The same rule as in the style sheets. */

import { MediaQuery } from "svelte/reactivity";

export const narrow = new MediaQuery("(max-width: 900px), (max-aspect-ratio: 1/1)");

/** Whether a form has room beside what it is about. */
export const roomy = new MediaQuery("(min-width: 1180px)");

/** Whether a queue and a case have room beside each other. The same rule as in the style sheets. */
export const slim = new MediaQuery("(max-width: 820px)");
