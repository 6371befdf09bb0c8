/** The page /chief starts here. */

import { mount } from "svelte";
import { wished } from "../room/looks.ts";
import Chief from "./Chief.svelte";

mount(Chief, { target: document.getElementById("app")!, props: { wishes: wished() } });
