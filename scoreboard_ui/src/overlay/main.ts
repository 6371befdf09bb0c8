/** A part of the board over somebody else's picture: transparent, and nothing but that part. */

import "@fontsource-variable/noto-sans-sc/index.css";
import "@fontsource-variable/saira/wdth.css";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/cells.css";
import "./overlay.css";
import { mount } from "svelte";
import { awaitLetters } from "../letters.ts";
import Overlay from "./Overlay.svelte";
import { overlayWish } from "./wish.ts";

awaitLetters();
mount(Overlay, { target: document.getElementById("app")!, props: { wish: overlayWish(location.search) } });
