/** Which rows of a long ranking are seen while it is revealed: whoever is told stands low on the screen, so that there is room to climb. */

export function windowStart(rows: number, capacity: number, focus: number): number {
  if (rows <= capacity) return 0;
  const wanted = focus < 0 ? 0 : focus - capacity + 2;
  return Math.min(rows - capacity, Math.max(0, wanted));
}
