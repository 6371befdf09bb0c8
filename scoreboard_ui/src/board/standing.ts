/** Who stands where, and who just moved. It follows the board; it never changes it. */

import type { Board } from "./merge.ts";
import { type Collation, mended, type Placed, ranked, sorted } from "./order.ts";
import type { ContestantId, Row } from "./types.ts";

/** A rank that changed: places gained (or lost, below zero) since the mark appeared. */
export interface Move {
  readonly gained: number;
  readonly at_ms: number;
}

/** How long a mark of movement stands. */
export const MOVE_SHOWN_MS = 12_000;

export class Standing {
  placed: readonly Placed[] = [];
  /** All ids in order; the same list while nobody comes or goes. */
  everybody: readonly ContestantId[] = [];
  readonly moves = new Map<ContestantId, Move>();
  #order: readonly Row[] = [];
  #byId = new Map<ContestantId, Placed>();

  /** Start anew from a whole board: nobody has moved. */
  reset(board: Board, collation: Collation): void {
    this.#order = sorted(board.rows.values(), collation);
    this.moves.clear();
    this.placed = ranked(this.#order, this.#byId);
    this.#byId = new Map(this.placed.map((each) => [each.row.id, each]));
    this.everybody = [...this.#byId.keys()].sort();
  }

  /** Rows changed or left: mend the order and mark whose rank moved. Only what differs is looked at more than once. */
  follow(board: Board, changed: ReadonlySet<ContestantId>, collation: Collation, at_ms: number): void {
    this.#order = mended(this.#order, changed, board.rows, collation);
    this.placed = ranked(this.#order, this.#byId);
    let isOtherField = false;
    for (const id of changed) if (!board.rows.has(id)) isOtherField = this.#byId.delete(id) || isOtherField;
    for (const each of this.placed) {
      const { id } = each.row;
      const old = this.#byId.get(id);
      if (old === each) continue;
      this.#byId.set(id, each);
      if (old === undefined) isOtherField = true;
      else if (old.rank !== null && each.rank !== null && old.rank !== each.rank) this.#mark(id, old.rank - each.rank, at_ms);
    }
    if (isOtherField) this.everybody = [...this.#byId.keys()].sort();
  }

  of(id: ContestantId): Placed | null {
    return this.#byId.get(id) ?? null;
  }

  /** Take down the marks that stood long enough. True when any did. */
  forget(at_ms: number): boolean {
    const before = this.moves.size;
    for (const [id, move] of this.moves) if (at_ms - move.at_ms >= MOVE_SHOWN_MS) this.moves.delete(id);
    return this.moves.size !== before;
  }

  #mark(id: ContestantId, gained: number, at_ms: number): void {
    const total = (this.moves.get(id)?.gained ?? 0) + gained;
    if (total === 0) this.moves.delete(id);
    else this.moves.set(id, { gained: total, at_ms });
  }
}
