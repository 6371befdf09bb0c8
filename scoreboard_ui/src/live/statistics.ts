/** How the stages go, as the server counts them, and as bars: parts of a hundred that leave no gap. */

import type { ContestantId, StageId, VenueId } from "../board/types.ts";

export interface Count {
  readonly contestants: number;
  readonly tried: number;
  readonly cleared: number;
  readonly pending: number;
  readonly working: number;
  readonly best_ms: number | null;
  readonly median_ms: number | null;
}

export interface StageCount extends Count {
  readonly stage: StageId;
  readonly first: { readonly contestants: readonly ContestantId[]; readonly ms: number } | null;
  readonly venues: Readonly<Record<VenueId, Count>>;
}

export interface Statistics {
  readonly position: number;
  readonly frozen: boolean;
  readonly stages: readonly StageCount[];
}

export type Part = "cleared" | "pending" | "working" | "tried";

export interface Bar {
  readonly part: Part;
  readonly from: number;
  readonly size: number;
}

/** Who tried without success: neither cleared, nor waits, nor is at it. */
export function failed(count: Count): number {
  return Math.max(0, count.tried - count.cleared - count.pending - count.working);
}

export function barsOf(count: Count): readonly Bar[] {
  if (count.contestants === 0) return [];
  const sizes: readonly [Part, number][] = [["cleared", count.cleared], ["pending", count.pending], ["working", count.working], ["tried", failed(count)]];
  let from = 0;
  return sizes.flatMap(([part, people]) => {
    const size = (people / count.contestants) * 100;
    const bar = { part, from, size };
    from += size;
    return people > 0 ? [bar] : [];
  });
}

export function percent(count: Count): number {
  return count.contestants === 0 ? 0 : Math.round((count.cleared / count.contestants) * 100);
}
