/** A component reads something from the server, and again when the contest went on; or all the time, where it changes with the clock alone; or only until it is given. */

import { onMount } from "svelte";
import type { Room } from "../room/room.ts";
import { watching } from "../room/watching.ts";
import { Looking } from "./looking.ts";

const LOOK_AGAIN_MS = 2_000;

export interface Reading<T> extends Pick<Looking<T>, "value" | "trouble"> {
  look(): Promise<void>;
}

interface How {
  /** What it is changes although nothing is entered: a window that ends, a clock that runs out. */
  readonly always?: boolean;
  /** It is long: once it was given it is read again only where somebody says `look`. */
  readonly once?: boolean;
}

/** To be called while a component is made; it stops with the component. */
export function reading<T>(room: Room, path: () => string, { always = false, once = false }: How = {}): Reading<T> {
  const plain = new Looking<T>(() => room.get<T>(path()));
  const seen = watching(plain);
  let seenAt = -1;

  async function look(): Promise<void> {
    seenAt = room.position;
    await plain.look();
  }

  onMount(() => {
    void look();
    const timer = setInterval(() => {
      const isNew = plain.trouble !== null || (!once && (always || room.position !== seenAt));
      if (room.isConnected && room.door === "in" && isNew) void look();
    }, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  });

  return {
    get value() { return seen().value; },
    get trouble() { return seen().trouble; },
    look,
  };
}
