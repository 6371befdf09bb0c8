/** The page /desk starts here. */

import { mount } from "svelte";
import { wished } from "../room/looks.ts";
import { keepOffer, keepShell } from "./shell.ts";
import DeskPage from "./DeskPage.svelte";

mount(DeskPage, { target: document.getElementById("app")!, props: { wishes: wished(), venue: new URLSearchParams(location.search).get("venue") || null } });
keepOffer();
keepShell();
