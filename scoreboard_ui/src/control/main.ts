/** The page /control starts here. */

import { mount } from "svelte";
import { wished } from "../room/looks.ts";
import Control from "./Control.svelte";

mount(Control, { target: document.getElementById("app")!, props: { wishes: wished() } });
