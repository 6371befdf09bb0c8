/** The page /why starts here. */

import { mount } from "svelte";
import { wished } from "../room/looks.ts";
import Why from "./Why.svelte";

mount(Why, { target: document.getElementById("app")!, props: { wishes: wished() } });
