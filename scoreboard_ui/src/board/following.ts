/** Who stands where and what happened, as one view's board comes in. A whole board is learnt in silence; it never changes the board. */

import { Announcer, type Callout } from "./callouts.ts";
import type { Board, Merged } from "./merge.ts";
import { type Collation, collate } from "./order.ts";
import { Standing } from "./standing.ts";
import type { ContestantId, Roster } from "./types.ts";

export class Following {
  readonly standing = new Standing();
  /** How equals stand, by their names. */
  collation: Collation;
  #announcer = new Announcer();
  #changed = new Set<ContestantId>();

  constructor(collation: Collation = new Map()) {
    this.collation = collation;
  }

  /** Equals stand as these names do. */
  know(roster: Roster, board: Board | null): void {
    this.collation = collate(roster.contestants.map(({ id, name }) => [id, name?.zh ?? name?.en ?? id]));
    if (board !== null) this.standing.reset(board, this.collation);
  }

  /** The board changed by this: a whole one begins anew, and of others it is kept who changed until it is `settle`d. */
  merged(board: Board, merged: Merged): void {
    if (merged.kind === "followed") for (const id of merged.ids) this.#changed.add(id);
    if (merged.kind !== "replaced") return;
    this.#changed = new Set();
    this.standing.reset(board, this.collation);
    this.#announcer.learn(this.standing.placed);
  }

  /** Take in all that changed. Returns what happened by it, each once. */
  settle(board: Board, at_ms: number): readonly Callout[] {
    if (this.#changed.size === 0) return [];
    const changed = this.#changed;
    this.#changed = new Set();
    this.standing.follow(board, changed, this.collation, at_ms);
    const rows = [...changed].map((id) => board.rows.get(id)).filter((row) => row !== undefined);
    return this.#announcer.hear(rows, this.standing.placed);
  }

  /** Another ledger begins: what was announced of the one before does not count. */
  forget(): void {
    this.#announcer = new Announcer();
  }
}
