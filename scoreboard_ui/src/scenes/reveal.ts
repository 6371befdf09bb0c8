/**
 * The reveal (滚榜): what the server has revealed already, told slowly. It reckons no score: a row is shown as it was frozen, then cell by cell,
 * then as it is, at its new place. Whatever else changes is shown at once, and a thaw ends the telling.
 */

import { type Collation, type Placed, ranked, sorted } from "../board/order.ts";
import type { ContestantId, Row, StageId } from "../board/types.ts";
import { lookOf } from "../screen/cells.ts";

export const CALL_MS = 1_400;
export const CELL_MS = 900;
export const CLIMB_MS = 2_000;
/** So many people wait to be told at most; beyond it they are shown at once. */
export const WAITING_LIMIT = 200;

type Part = "call" | "cells" | "climb";

interface Act {
  readonly id: ContestantId;
  readonly cells: readonly StageId[];
}

export interface Telling {
  readonly id: ContestantId;
  readonly part: Part;
  /** The cell that was just opened. */
  readonly stage: StageId | null;
  readonly from: number | null;
  readonly to: number | null;
}

export class RevealShow {
  placed: readonly Placed[] = [];
  telling: Telling | null = null;
  #target = new Map<ContestantId, Row>();
  #shown = new Map<ContestantId, Row>();
  #waiting: Act[] = [];
  #opened = 0;
  #until_ms = 0;
  #revealed: ReadonlySet<ContestantId> = new Set();
  #collation: Collation = new Map();

  /** The board as it is now, and who was revealed. True when anything that is shown changed at once. */
  see(rows: Iterable<Row>, isFrozen: boolean, collation: Collation, revealed: readonly ContestantId[] = []): boolean {
    this.#collation = collation;
    let isChanged = revealed.length !== this.#revealed.size;
    this.#revealed = new Set(revealed);
    const fresh = new Map<ContestantId, Row>();
    for (const row of rows) {
      fresh.set(row.id, row);
      if (this.#target.get(row.id) !== row) isChanged = this.#meet(row, isFrozen) || isChanged;
    }
    for (const id of this.#shown.keys()) if (!fresh.has(id)) isChanged = this.#forget(id) || isChanged;
    this.#target = fresh;
    if (isChanged) this.#rank();
    return isChanged;
  }

  /** Go on where it is time. True when anything changed. */
  tick(at_ms: number): boolean {
    if (this.telling !== null && at_ms < this.#until_ms) return false;
    if (this.telling === null) return this.#begin(at_ms);
    const act = this.#waiting[0];
    if (act === undefined || act.id !== this.telling.id) return this.#end();
    if (this.telling.part === "climb") {
      this.#waiting.shift();
      return this.#end();
    }
    return this.#opened < act.cells.length ? this.#open(act, at_ms) : this.#climb(act, at_ms);
  }

  /** Whoever is next: the last one on the board who still has something to be opened. */
  get next(): ContestantId | null {
    return this.placed.findLast(({ row, rank }) => rank !== null && this.#isToCome(row))?.row.id ?? null;
  }

  /** How many still have something to be opened. */
  get left(): number {
    return this.placed.filter(({ row }) => this.#isToCome(row)).length;
  }

  /** Work that nobody has judged yet stays pending also of whoever is revealed: there is nothing more to be told of them. */
  #isToCome(row: Row): boolean {
    return isPending(row) && !(this.#revealed.has(row.id) && !this.#waiting.some(({ id }) => id === row.id));
  }

  /** Whose places cannot move any more: nobody at or below them has anything to be opened. */
  get settled(): ReadonlySet<ContestantId> {
    const settled = new Set<ContestantId>();
    for (const { row } of this.placed.toReversed()) {
      if (this.#isToCome(row) || row.id === this.telling?.id) break;
      settled.add(row.id);
    }
    return settled;
  }

  /** Whoever waits already keeps their turn. */
  #meet(row: Row, isFrozen: boolean): boolean {
    const before = this.#shown.get(row.id);
    const cells = before === undefined || !isFrozen ? [] : opened(before, row);
    const turn = this.#waiting.findIndex(({ id }) => id === row.id);
    if (this.telling?.id === row.id) this.telling = null;
    if (cells.length === 0 || (turn < 0 && this.#waiting.length >= WAITING_LIMIT)) {
      this.#forgetAct(row.id);
      this.#shown.set(row.id, row);
      return true;
    }
    if (turn < 0) this.#waiting.push({ id: row.id, cells });
    else this.#waiting[turn] = { id: row.id, cells };
    return false;
  }

  #forgetAct(id: ContestantId): void {
    this.#waiting = this.#waiting.filter((act) => act.id !== id);
  }

  #forget(id: ContestantId): boolean {
    this.#forgetAct(id);
    return this.#shown.delete(id);
  }

  #begin(at_ms: number): boolean {
    const act = this.#waiting[0];
    if (act === undefined) return false;
    this.#opened = 0;
    this.telling = { id: act.id, part: "call", stage: null, from: this.#rankOf(act.id), to: null };
    this.#until_ms = at_ms + CALL_MS;
    return true;
  }

  #open(act: Act, at_ms: number): boolean {
    const stage = act.cells[this.#opened++]!;
    const shown = this.#shown.get(act.id)!;
    const cell = this.#target.get(act.id)!.stages?.[stage];
    const stages = { ...shown.stages };
    if (cell === undefined) delete stages[stage];
    else stages[stage] = cell;
    this.#shown.set(act.id, { ...shown, stages });
    this.telling = { ...this.telling!, part: "cells", stage };
    this.#until_ms = at_ms + CELL_MS;
    this.#rank();
    return true;
  }

  #climb(act: Act, at_ms: number): boolean {
    this.#shown.set(act.id, this.#target.get(act.id)!);
    this.#rank();
    this.telling = { ...this.telling!, part: "climb", stage: null, to: this.#rankOf(act.id) };
    this.#until_ms = at_ms + CLIMB_MS;
    return true;
  }

  #end(): boolean {
    this.telling = null;
    return true;
  }

  #rankOf(id: ContestantId): number | null {
    return this.placed.find(({ row }) => row.id === id)?.rank ?? null;
  }

  #rank(): void {
    this.placed = ranked(sorted(this.#shown.values(), this.#collation));
  }
}

export function isPending(row: Row): boolean {
  return Object.values(row.stages ?? {}).some((cell) => lookOf(cell) === "pending");
}

/** The stages that were pending and are no longer. */
function opened(before: Row, now: Row): StageId[] {
  return Object.keys(before.stages ?? {}).filter((stage) => lookOf(before.stages![stage]) === "pending" && lookOf(now.stages?.[stage]) !== "pending");
}
