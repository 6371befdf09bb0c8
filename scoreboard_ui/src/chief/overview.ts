/** What the overview says, read by the page once for all of its parts: every two seconds, and after every act of one's own. */

import { getContext, setContext } from "svelte";
import type { Room } from "../room/room.ts";
import { type Reading, reading } from "./reading.ts";
import type { Overview } from "./types.ts";

const KEY = Symbol("overview");

export function setOverview(room: Room): Reading<Overview> {
  return setContext(KEY, reading<Overview>(room, () => "/chief", { always: true }));
}

export function getOverview(): Reading<Overview> {
  return getContext<Reading<Overview>>(KEY);
}
