/**
 * The display's end of the board: it keeps the board up to date over a socket that may break at any time, and resumes
 * by cursor. It refuses to queue: frames are merged as they come, and whoever draws looks at the board when it can.
 */

import { type Cursor, written } from "./cursor.ts";
import { type Board, emptyBoard, merge, type Merged } from "./merge.ts";
import type { Frame, FromServer, ToServer } from "./types.ts";

export const PROTOCOL = "contest.v1";
export const STALE_AFTER_MS = 10_000;
/** Three beats missed: the connection is dead, whatever the browser believes. */
const SILENT_AFTER_MS = 16_000;
const OPENING_LIMIT_MS = 10_000;
const SHORTEST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 10_000;
/** A connection that lived this long was a good one: the next wait is short again. */
const SETTLED_AFTER_MS = 5_000;
/** Gaps in a row after which the cursor is given up and everything is asked for anew. */
const ROUNDS_OF_RECOVERY = 3;

export type Link =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "waiting"; readonly until_ms: number; readonly offline: boolean }
  /** The server said not to come back. */
  | { readonly kind: "closed"; readonly code: number; readonly reason: string };

/** The part of a WebSocket that is used here. */
export interface Wire {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** Time, chance and the network, so that tests can bring their own. `now_ms` is monotonic. */
export interface Surroundings {
  open(address: string, protocol: string): Wire;
  now_ms(): number;
  after(wait_ms: number, act: () => void): () => void;
  random(): number;
  isOnline(): boolean;
}

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

  #wire: Wire | null = null;
  #openedAt_ms = 0;
  #isOpening = true;
  #failures = 0;
  #gaps = 0;
  #cancel: () => void = () => {};
  readonly #addressOf: (after: string | null) => string;
  readonly #listener: Listener;
  readonly #world: Surroundings;

  constructor(addressOf: (after: string | null) => string, listener: Listener, world: Surroundings) {
    this.#addressOf = addressOf;
    this.#listener = listener;
    this.#world = world;
  }

  start(): void {
    this.#connect();
  }

  stop(): void {
    this.#drop();
    this.#cancel();
  }

  /** Do not wait any longer, for example because the network is back. */
  hurry(): void {
    if (this.link.kind === "waiting") this.#connect();
  }

  /** Everything up to the cursor is on the screen now. This is our credit with the server. */
  painted(): void {
    const { cursor } = this.board;
    if (this.link.kind !== "live" || cursor === null) return;
    this.#send({ type: "painted", to: cursor.position });
  }

  #connect(): void {
    this.#drop();
    this.#setLink({ kind: "connecting" });
    this.#isOpening = true;
    this.#openedAt_ms = this.#world.now_ms();
    const wire = this.#world.open(this.#addressOf(this.#after()), PROTOCOL);
    this.#wire = wire;
    wire.onmessage = (event) => this.#hear(event.data);
    wire.onclose = (event) => this.#closed(event.code, event.reason);
    this.#watch(OPENING_LIMIT_MS);
  }

  #after(): string | null {
    const cursor: Cursor | null = this.#gaps < ROUNDS_OF_RECOVERY ? this.board.cursor : null;
    return cursor === null ? null : written(cursor);
  }

  #hear(data: unknown): void {
    const message = understood(data);
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
    if (code >= 4500 && code <= 4999) {
      this.#drop();
      this.#cancel();
      this.#setLink({ kind: "closed", code, reason });
    } else this.#retry();
  }

  #retry(): void {
    const lived_ms = this.#world.now_ms() - this.#openedAt_ms;
    const isSettled = this.link.kind === "live" && lived_ms >= SETTLED_AFTER_MS;
    this.#failures = isSettled ? 0 : this.#failures + 1;
    this.#drop();
    const wait_ms = waitBeforeRetry(this.#failures, this.#world.random());
    this.#setLink({ kind: "waiting", until_ms: this.#world.now_ms() + wait_ms, offline: !this.#world.isOnline() });
    this.#cancel();
    this.#cancel = this.#world.after(wait_ms, () => this.#connect());
  }

  #watch(limit_ms: number): void {
    this.#cancel();
    this.#cancel = this.#world.after(limit_ms, () => this.#retry());
  }

  /** Let go of the wire without hearing from it again. */
  #drop(): void {
    const wire = this.#wire;
    if (wire === null) return;
    wire.onopen = wire.onmessage = wire.onclose = wire.onerror = null;
    wire.close();
    this.#wire = null;
  }

  #send(message: ToServer): void {
    this.#wire?.send(JSON.stringify(message));
  }

  #setLink(link: Link): void {
    this.link = link;
    this.#listener.linked(link);
  }
}

/** Exponential with full jitter, never shorter than 0.3 s nor longer than 10 s. */
export function waitBeforeRetry(failures: number, chance: number): number {
  const ceiling_ms = Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** Math.min(failures + 1, 16));
  return SHORTEST_WAIT_MS + chance * (ceiling_ms - SHORTEST_WAIT_MS);
}

/** A message of a kind we know, or of one a later server may add; null when it is not of this protocol at all. */
function understood(data: unknown): FromServer | { type: "unknown" } | null {
  if (typeof data !== "string") return null;
  try {
    const message: unknown = JSON.parse(data);
    if (typeof message !== "object" || message === null || !("type" in message)) return null;
    return message.type === "frame" || message.type === "beat" || message.type === "bye" ? (message as FromServer) : { type: "unknown" };
  } catch {
    return null;
  }
}

export function browserSurroundings(): Surroundings {
  return {
    open: (address, protocol) => new WebSocket(address, protocol) as unknown as Wire,
    now_ms: () => performance.now(),
    after: (wait_ms, act) => {
      const timer = setTimeout(act, wait_ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    isOnline: () => navigator.onLine,
  };
}
