/** The page /live starts here. */

import { mount } from "svelte";
import { wished } from "../room/looks.ts";
import "../styles/cells.css";
import "./live.css";
import Live from "./Live.svelte";

mount(Live, { target: document.getElementById("app")!, props: { wishes: wished() } });
