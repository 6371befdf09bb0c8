/** Whether the page is tall rather than wide: then it scrolls, and nothing has to fit. The same rule as in the style sheets. */

import { MediaQuery } from "svelte/reactivity";

export const narrow = new MediaQuery("(max-width: 900px), (max-aspect-ratio: 1/1)");
