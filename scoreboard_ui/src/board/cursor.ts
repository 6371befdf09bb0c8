/** A place in the log of one epoch. It refuses to be compared across epochs: there "after" means nothing. */

export interface Cursor {
  readonly epoch: string;
  readonly position: number;
}

/** As it travels in `after=`. */
export function written(cursor: Cursor): string {
  return `${cursor.epoch}:${cursor.position}`;
}

export type Place = "replaces" | "follows" | "repeats" | "gap" | "stranger";

/**
 * Where a frame stands to a cursor. `from: 0` replaces whatever was there; a frame that begins after the cursor leaves
 * a gap; one that ends before it repeats what is known; one of another epoch is a stranger unless it replaces.
 */
export function place(cursor: Cursor | null, frame: { epoch: string; from: number; to: number }): Place {
  if (frame.from === 0) return "replaces";
  if (cursor === null || cursor.epoch !== frame.epoch) return "stranger";
  if (frame.from > cursor.position) return "gap";
  if (frame.to < cursor.position) return "repeats";
  return "follows";
}
