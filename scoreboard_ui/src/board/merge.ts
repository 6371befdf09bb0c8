/** What a display knows: the rows by id, as of its cursor. Merging is overwriting; it never computes a score or a rank. */

import { type Cursor, place } from "./cursor.ts";
import type { BoardState, ContestantId, Frame, Row } from "./types.ts";

export interface Board {
  cursor: Cursor | null;
  state: BoardState | null;
  total: number;
  readonly rows: Map<ContestantId, Row>;
}

export type Merged =
  /** `ids` changed or left since. */
  | { readonly kind: "followed"; readonly ids: readonly ContestantId[] }
  | { readonly kind: "replaced" }
  | { readonly kind: "ignored" }
  /** Rows are missing in between, or the epoch is another: ask again from the cursor. */
  | { readonly kind: "gap" };

export function emptyBoard(): Board {
  return { cursor: null, state: null, total: 0, rows: new Map() };
}

/**
 * Merge one frame into the board, in place.
 *
 * A frame that was merged before, or is older than the board, changes nothing. A late `from: 0` of the same epoch is
 * old too, unless it opens a connection (`opening`): then the server answers our cursor and its word counts.
 */
export function merge(board: Board, frame: Frame, opening = false): Merged {
  switch (place(board.cursor, frame)) {
    case "stranger":
    case "gap":
      return { kind: "gap" };
    case "repeats":
      return { kind: "ignored" };
    case "replaces":
      return !opening && isOlder(board, frame) ? { kind: "ignored" } : replace(board, frame);
    case "follows":
      return isOlder(board, frame) ? { kind: "ignored" } : follow(board, frame);
  }
}

/** At one position the state may still move (a clock, a phase), so the server's time decides there. */
function isOlder(board: Board, frame: Frame): boolean {
  if (board.cursor === null || board.state === null || board.cursor.epoch !== frame.epoch) return false;
  if (frame.to !== board.cursor.position) return frame.to < board.cursor.position;
  return Date.parse(frame.state.now) < Date.parse(board.state.now);
}

function replace(board: Board, frame: Frame): Merged {
  board.rows.clear();
  for (const row of frame.rows) board.rows.set(row.id, row);
  advance(board, frame);
  return { kind: "replaced" };
}

function follow(board: Board, frame: Frame): Merged {
  const ids: ContestantId[] = [];
  for (const row of frame.rows) {
    board.rows.set(row.id, row);
    ids.push(row.id);
  }
  for (const id of frame.gone) if (board.rows.delete(id)) ids.push(id);
  advance(board, frame);
  return { kind: "followed", ids };
}

function advance(board: Board, frame: Frame): void {
  board.cursor = { epoch: frame.epoch, position: frame.to };
  board.state = frame.state;
  board.total = frame.total;
}
