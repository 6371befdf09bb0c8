/** Both pages start here: a contest's big screen, or the lobby that leads to one. */

import "@fontsource-variable/noto-sans-sc/index.css";
import "@fontsource-variable/saira/wdth.css";
import "./styles/tokens.css";
import "./styles/opening.css";
import "./styles/base.css";
import "./styles/cells.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { awaitLetters } from "./letters.ts";
import { wishOf } from "./place.ts";

const wish = wishOf(location.search);
document.documentElement.dataset["theme"] = wish.theme;
awaitLetters();
mount(App, { target: document.getElementById("app")!, props: { wish, isScreen: document.documentElement.dataset["page"] === "screen" } });
