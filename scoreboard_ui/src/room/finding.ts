/** Whoever opens a page before its contest is there, or without a network, does not have to load it again. */

import { NotFound } from "../place.ts";

export const LOOK_AGAIN_MS = 4_000;

/** Look, and look again every four seconds until it is found. `failed` hears whether the server knows no such contest. Returns what ends it. */
export function untilFound(find: () => Promise<unknown>, isFound: () => boolean, failed: (isUnknown: boolean) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const look = (): void =>
    void find()
      .catch((error: unknown) => failed(error instanceof NotFound))
      .finally(() => {
        if (!isOver && !isFound()) timer = setTimeout(look, LOOK_AGAIN_MS);
      });
  look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
