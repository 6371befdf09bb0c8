/** Counts of orders that are for this moment: only one that goes up while we look is an order to us. */

export function isNewCount(before: number | undefined, now: number): boolean {
  return before !== undefined && now > before;
}
