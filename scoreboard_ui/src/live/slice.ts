/** Which rows of a long list are worth having in the document: those that are seen, and a few beyond each edge. */

export interface Slice {
  readonly from: number;
  readonly to: number;
}

/** So many rows beyond each edge, so that keys and thumbs never meet the void. */
export const BEYOND = 8;

/** `top` is where the list begins, seen from the top of the window; `height` is the window's (px). */
export function sliceOf(count: number, row: number, top: number, height: number): Slice {
  const first = Math.floor(-top / row) - BEYOND;
  const last = Math.ceil((height - top) / row) + BEYOND;
  const from = Math.max(0, Math.min(first, count));
  return { from, to: Math.max(from, Math.min(last, count)) };
}
