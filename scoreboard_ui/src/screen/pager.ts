/** Which rows of a long ranking are on the screen: the top stays, the rest goes by page. The last page is always full. */

export interface Window {
  /** The first so many places are always shown. */
  readonly pinned: number;
  /** Index of the first row below the pinned ones. */
  readonly start: number;
  readonly size: number;
  readonly page: number;
  readonly pages: number;
}

export function windowOf(rows: number, capacity: number, page: number): Window {
  const room = Math.max(1, capacity);
  if (rows <= room) return { pinned: rows, start: rows, size: 0, page: 0, pages: 1 };
  const pinned = room >= 7 ? 3 : room >= 4 ? 1 : 0;
  const size = room - pinned;
  const pages = Math.ceil((rows - pinned) / size);
  const shown = ((page % pages) + pages) % pages;
  return { pinned, start: Math.min(pinned + shown * size, rows - size), size, page: shown, pages };
}

/** Turns pages by itself until somebody takes hold of it. */
export class Pager {
  page = 0;
  isHeld = false;
  #turnedAt_ms = 0;
  readonly dwell_ms: number;

  constructor(dwell_ms = 9_000) {
    this.dwell_ms = dwell_ms;
  }

  /** True when the page was turned. */
  tick(at_ms: number, pages: number): boolean {
    if (this.isHeld || pages < 2 || at_ms - this.#turnedAt_ms < this.dwell_ms) return false;
    this.turn(1, at_ms, pages);
    return true;
  }

  turn(by: number, at_ms: number, pages: number): void {
    this.page = (((this.page + by) % pages) + pages) % pages;
    this.#turnedAt_ms = at_ms;
  }

  hold(isHeld: boolean, at_ms: number): void {
    this.isHeld = isHeld;
    this.#turnedAt_ms = at_ms;
  }
}
