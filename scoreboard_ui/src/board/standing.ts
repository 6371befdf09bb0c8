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
  readonly moves = new Map<ContestantId, Move>();
  #order: readonly Row[] = [];
  #ranks = new Map<ContestantId, number>();

  /** Start anew from a whole board: nobody has moved. */
  reset(board: Board, collation: Collation): void {
    this.#order = sorted(board.rows.values(), collation);
    this.moves.clear();
    this.#rank();
  }

  /** Rows changed or left: mend the order and mark whose rank moved. */
  follow(board: Board, changed: ReadonlySet<ContestantId>, collation: Collation, at_ms: number): void {
    this.#order = mended(this.#order, changed, board.rows, collation);
    const before = this.#ranks;
    this.#rank();
    for (const [id, rank] of this.#ranks) {
      const old = before.get(id);
      if (old !== undefined && old !== rank) this.#mark(id, old - rank, at_ms);
    }
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

  #rank(): void {
    this.placed = ranked(this.#order);
    this.#ranks = new Map();
    for (const { row, rank } of this.placed) if (rank !== null) this.#ranks.set(row.id, rank);
  }
}
