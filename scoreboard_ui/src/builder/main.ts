/** The page /builder starts here. */

import { mount } from "svelte";
import { wished } from "../room/looks.ts";
import Builder from "./Builder.svelte";

mount(Builder, { target: document.getElementById("app")!, props: { wishes: wished() } });
