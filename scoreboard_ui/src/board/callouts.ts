/** What the hall should hear, derived from row differences: each clear, first clear and lead change exactly once. */

import { hasRank, type Placed } from "./order.ts";
import type { ContestantId, Row, StageId } from "./types.ts";

interface ClearAs<Kind extends string> {
  readonly kind: Kind;
  readonly contestant: ContestantId;
  readonly stage: StageId;
  readonly ms: number | null;
  readonly points: string | null;
}

export type Clear = ClearAs<"clear"> | ClearAs<"first">;

export type Callout =
  | Clear
  | { readonly kind: "lead"; readonly contestant: ContestantId; readonly before: ContestantId | null };

/**
 * Remembers what was announced.
 *
 * A full frame tells where things stand, not that they happened just now: it is learnt in silence, and so is what a
 * contestant had done who comes into a limited view. A clear that is annulled and cleared again is no second call-out.
 */
export class Announcer {
  readonly #cleared = new Set<string>();
  readonly #firsts = new Set<string>();
  readonly #known = new Set<ContestantId>();
  #leader: ContestantId | null = null;

  /** Learn a whole board in silence. */
  learn(placed: readonly Placed[]): void {
    for (const { row } of placed) this.#meet(row);
    this.#leader = soleLeader(placed);
  }

  /** What the changed rows bring that was not announced before. `placed` is the ranking after the change. */
  hear(changed: Iterable<Row>, placed: readonly Placed[]): Callout[] {
    const heard: Callout[] = [];
    for (const row of changed) {
      if (this.#known.has(row.id)) this.#hearRow(row, heard);
      else this.#meet(row);
    }
    const leader = soleLeader(placed);
    if (leader !== null && leader !== this.#leader) {
      heard.push({ kind: "lead", contestant: leader, before: this.#leader });
      this.#leader = leader;
    }
    return heard;
  }

  #meet(row: Row): void {
    this.#known.add(row.id);
    this.#hearRow(row, []);
  }

  #hearRow(row: Row, heard: Callout[]): void {
    for (const clear of clearsOf(row)) {
      const mark = `${clear.stage}\u0000${row.id}`;
      const isNewFirst = clear.kind === "first" && !this.#firsts.has(mark);
      const isNewClear = !this.#cleared.has(mark);
      this.#cleared.add(mark);
      if (clear.kind === "first") this.#firsts.add(mark);
      if (isNewFirst || isNewClear) heard.push(isNewFirst ? clear : { ...clear, kind: "clear" });
    }
  }
}

/** What stands cleared in a row. */
export function clearsOf(row: Row): Clear[] {
  const clears: Clear[] = [];
  for (const stage in row.stages) {
    const { state, first, ms, points } = row.stages[stage]!;
    if (state === "cleared") clears.push({ kind: first ? "first" : "clear", contestant: row.id, stage, ms: ms ?? null, points: points ?? null });
  }
  return clears;
}

/** The one contestant in front, once there is something to lead by; a tie leaves the lead where it was. */
export function soleLeader(placed: readonly Placed[]): ContestantId | null {
  const first = placed.find(({ row }) => hasRank(row));
  if (first === undefined || first.tied > 1) return null;
  return hasScored(first.row) ? first.row.id : null;
}

/** The rank to say aloud: whoever is "first" with nothing cleared and no points shares that with everybody, and it is none. */
export function saidRank(rank: number | null, row: Row | null): number | null {
  return rank === 1 && row !== null && !hasScored(row) ? null : rank;
}

export function hasScored(row: Row): boolean {
  return (row.cleared ?? 0) > 0 || Number(row.points ?? 0) !== 0;
}
