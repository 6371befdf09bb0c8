/** Whoever opens a page before its contest is there, or without a network, does not have to load it again. */

import { NotFound } from "../place.ts";

export const LOOK_AGAIN_MS = 4_000;

/** What came of a look: the server answered, it knows no such contest, or nobody answered. */
export type Met = "heard" | "unknown" | "away";

/** Look, and look again every four seconds until it is found. `met` hears what came of each look. Returns what ends it. */
export function untilFound(find: () => Promise<unknown>, isFound: () => boolean, met: (met: Met) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const look = (): void =>
    void find()
      .then(() => met("heard"), (error: unknown) => met(error instanceof NotFound ? "unknown" : "away"))
      .finally(() => {
        if (!isOver && !isFound()) timer = setTimeout(look, LOOK_AGAIN_MS);
      });
  look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
