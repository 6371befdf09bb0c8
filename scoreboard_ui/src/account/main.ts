/** The page /account starts here. */

import { mount } from "svelte";
import { wished } from "../room/looks.ts";
import Account from "./Account.svelte";

mount(Account, { target: document.getElementById("app")!, props: { wishes: wished() } });
