/** The page /referee starts here. */

import { mount } from "svelte";
import { wished } from "../room/looks.ts";
import Referee from "./Referee.svelte";

mount(Referee, { target: document.getElementById("app")!, props: { wishes: wished() } });
