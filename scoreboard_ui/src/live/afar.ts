/**
 * Rows of people who are wanted but stand outside the view: those followed, and those found. Asked for as one view with the
 * ranks that the server reckons, when the board has moved since, and no more often than every few seconds.
 */

import { MOVE_SHOWN_MS, type Move } from "../board/standing.ts";
import type { ContestantId, Row } from "../board/types.ts";

export interface FarRow {
  readonly row: Row;
  readonly rank: number | null;
  readonly move: Move | null;
}

export type Ranked = Row & { readonly rank: number | null };
export type Ask = (ids: readonly ContestantId[]) => Promise<{ readonly to: number; readonly rows: readonly Ranked[] }>;

/** How long to wait before asking again about the same people. */
export const PAUSE_MS = 5_000;
/** As many as one question may name. */
export const ASKED_MAX = 200;

export class Afar {
  rows: ReadonlyMap<ContestantId, FarRow> = new Map();
  readonly #ask: Ask;
  readonly #now_ms: () => number;
  #asked: ReadonlySet<ContestantId> = new Set();
  #position = -1;
  #askedAt_ms = -PAUSE_MS;
  #isAsking = false;

  constructor(ask: Ask, now_ms: () => number) {
    this.#ask = ask;
    this.#now_ms = now_ms;
  }

  /** Call it as often as you like: it asks when there is a reason to. True when rows came. */
  async want(ids: readonly ContestantId[], position: number): Promise<boolean> {
    const wanted = ids.slice(0, ASKED_MAX);
    if (wanted.length === 0 || this.#isAsking || !this.#isDue(wanted, position)) return false;
    this.#isAsking = true;
    this.#askedAt_ms = this.#now_ms();
    try {
      const answer = await this.#ask(wanted);
      this.#take(answer.rows);
      this.#asked = new Set(wanted);
      this.#position = Math.max(position, answer.to);
      return true;
    } catch {
      return false; // what was known stands; it asks again after the pause
    } finally {
      this.#isAsking = false;
    }
  }

  #isDue(wanted: readonly ContestantId[], position: number): boolean {
    const waited_ms = this.#now_ms() - this.#askedAt_ms;
    const isNew = wanted.some((id) => !this.#asked.has(id));
    return isNew ? waited_ms >= PAUSE_MS / 10 : position > this.#position && waited_ms >= PAUSE_MS;
  }

  #take(rows: readonly Ranked[]): void {
    const before = this.rows;
    this.rows = new Map(rows.map(({ rank, ...row }) => [row.id, { row, rank, move: this.#moveOf(before.get(row.id), rank) }]));
  }

  #moveOf(before: FarRow | undefined, rank: number | null): Move | null {
    const at_ms = this.#now_ms();
    if (before === undefined || before.rank === null || rank === null) return null;
    if (before.rank !== rank) return { gained: before.rank - rank, at_ms };
    return before.move !== null && at_ms - before.move.at_ms < MOVE_SHOWN_MS ? before.move : null;
  }
}
