/**
 * The display's end of the board: it keeps the board up to date over a socket that may break at any time, and resumes
 * by cursor. It refuses to queue: frames are merged as they come, and whoever draws looks at the board when it can.
 */

import { type Cursor, written } from "./cursor.ts";
import { isFinal, Line, type Link, messageIn, type Surroundings } from "./line.ts";
import { type Board, emptyBoard, merge, type Merged } from "./merge.ts";
import type { Frame, FromServer, ToServer } from "./types.ts";

export const STALE_AFTER_MS = 10_000;
/** Three beats missed: the connection is dead, whatever the browser believes. */
const SILENT_AFTER_MS = 16_000;
const OPENING_LIMIT_MS = 10_000;
/** From the handshake to the first frame, which may be all of a large contest over a thin line: asking anew would begin it anew. */
const FIRST_FRAME_LIMIT_MS = 45_000;
/** A connection that lived this long was a good one: the next wait is short again. */
const SETTLED_AFTER_MS = 5_000;
/** Gaps in a row after which the cursor is given up and everything is asked for anew. */
const ROUNDS_OF_RECOVERY = 3;

export interface Listener {
  /** The board changed by this. Called once a frame; drawing is up to the listener. */
  merged(merged: Merged): void;
  linked(link: Link): void;
  /** The server said what time it is. */
  told(now: string): void;
}

export class BoardSocket {
  readonly board: Board = emptyBoard();
  link: Link = { kind: "connecting" };
  /** When the last frame or beat arrived, monotonic; null before the first. */
  heardAt_ms: number | null = null;

  #openedAt_ms = 0;
  #isOpening = true;
  #failures = 0;
  #gaps = 0;
  readonly #addressOf: (after: string | null) => string;
  readonly #listener: Listener;
  readonly #world: Surroundings;
  readonly #line: Line;

  constructor(addressOf: (after: string | null) => string, listener: Listener, world: Surroundings) {
    this.#addressOf = addressOf;
    this.#listener = listener;
    this.#world = world;
    this.#line = new Line(world);
  }

  start(): void {
    this.#connect();
  }

  stop(): void {
    this.#line.end();
  }

  /** Do not wait any longer, for example because the network is back. */
  hurry(): void {
    if (this.link.kind === "waiting") this.#connect();
  }

  /** Everything up to the cursor is on the screen now. This is our credit with the server. */
  painted(): void {
    const { cursor } = this.board;
    if (this.link.kind !== "live" || cursor === null) return;
    this.#line.say({ type: "painted", to: cursor.position } satisfies ToServer);
  }

  #connect(): void {
    this.#setLink({ kind: "connecting" });
    this.#isOpening = true;
    this.#openedAt_ms = this.#world.now_ms();
    this.#line.open(this.#addressOf(this.#after()), {
      opened: () => this.#watch(FIRST_FRAME_LIMIT_MS),
      heard: (data) => this.#hear(data),
      closed: (code, reason) => this.#closed(code, reason),
    });
    this.#watch(OPENING_LIMIT_MS);
  }

  #after(): string | null {
    const cursor: Cursor | null = this.#gaps < ROUNDS_OF_RECOVERY ? this.board.cursor : null;
    return cursor === null ? null : written(cursor);
  }

  #hear(data: unknown): void {
    const message = messageIn<FromServer>(data);
    if (message === null) return this.#retry();
    if (message.type === "frame") this.#take(message);
    else if (message.type === "beat") this.#heard(message.now);
  }

  #take(frame: Frame): void {
    const merged = merge(this.board, frame, this.#isOpening);
    this.#isOpening = false;
    if (merged.kind === "gap") {
      this.#gaps += 1;
      return this.#retry();
    }
    this.#gaps = 0;
    this.#heard(frame.state.now);
    if (this.link.kind !== "live") this.#setLink({ kind: "live" });
    this.#listener.merged(merged);
  }

  #heard(now: string): void {
    this.heardAt_ms = this.#world.now_ms();
    // An open connection that only beats has nothing newer than our cursor: it is as live as one that sends frames.
    if (this.link.kind === "connecting" && this.board.cursor !== null) this.#setLink({ kind: "live" });
    this.#watch(SILENT_AFTER_MS);
    this.#listener.told(now);
  }

  #closed(code: number, reason: string): void {
    if (!isFinal(code)) return this.#retry();
    this.stop();
    this.#setLink({ kind: "closed", code, reason });
  }

  #retry(): void {
    const lived_ms = this.#world.now_ms() - this.#openedAt_ms;
    const isSettled = this.link.kind === "live" && lived_ms >= SETTLED_AFTER_MS;
    this.#failures = isSettled ? 0 : this.#failures + 1;
    const wait_ms = this.#line.pause(this.#failures, () => this.#connect());
    this.#setLink({ kind: "waiting", until_ms: this.#world.now_ms() + wait_ms, offline: !this.#world.isOnline() });
  }

  #watch(limit_ms: number): void {
    this.#line.after(limit_ms, () => this.#retry());
  }

  #setLink(link: Link): void {
    this.link = link;
    this.#listener.linked(link);
  }
}
