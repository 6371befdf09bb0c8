/**
 * A line to the server: one connection after another, each of which may break at any time. It decides nothing: what a message means, how
 * long a silence is borne and whether to come back is up to whoever holds it.
 */

export const PROTOCOL = "contest.v1";
const SHORTEST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 10_000;

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

/** What is heard of one connection, until it is let go of. */
export interface Ears {
  opened?(): void;
  heard(data: unknown): void;
  closed(code: number, reason: string): void;
}

export class Line {
  /** Another one with each connection and with its end: who acts later on what was heard sees whether it still holds. */
  number = 0;
  #wire: Wire | null = null;
  #isOpen = false;
  #cancel: () => void = () => {};
  readonly #world: Surroundings;

  constructor(world: Surroundings) {
    this.#world = world;
  }

  /** Connect, in the place of what was connected before. Returns the connection's number. */
  open(address: string, ears: Ears): number {
    this.drop();
    const wire = this.#world.open(address, PROTOCOL);
    this.#wire = wire;
    wire.onopen = () => {
      this.#isOpen = true;
      ears.opened?.();
    };
    wire.onmessage = (event) => ears.heard(event.data);
    wire.onclose = (event) => ears.closed(event.code, event.reason);
    this.number += 1;
    return this.number;
  }

  /** What is said while nobody is connected goes to nobody. */
  say(message: object): void {
    if (this.#isOpen) this.#wire?.send(JSON.stringify(message));
  }

  /** Do this after a while, unless something else is waited for meanwhile: the end of a silence, or of a pause. */
  after(wait_ms: number, act: () => void): void {
    this.#cancel();
    this.#cancel = this.#world.after(wait_ms, act);
  }

  /** Let go of the connection, and do this after a pause that grows with every failure. Returns the pause in ms. */
  pause(failures: number, act: () => void): number {
    this.drop();
    const wait_ms = waitBeforeRetry(failures, this.#world.random());
    this.after(wait_ms, act);
    return wait_ms;
  }

  /** Let go of the connection without hearing from it again. */
  drop(): void {
    const wire = this.#wire;
    if (wire === null) return;
    wire.onopen = wire.onmessage = wire.onclose = wire.onerror = null;
    wire.close();
    this.#wire = null;
    this.#isOpen = false;
    this.number += 1;
  }

  /** Let go of it, and wait for nothing any more. */
  end(): void {
    this.drop();
    this.#cancel();
  }
}

/** Exponential with full jitter, never shorter than 0.3 s nor longer than 10 s. */
export function waitBeforeRetry(failures: number, chance: number): number {
  const ceiling_ms = Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** Math.min(failures + 1, 16));
  return SHORTEST_WAIT_MS + chance * (ceiling_ms - SHORTEST_WAIT_MS);
}

/** Whether the server said with this code not to come back. */
export function isFinal(code: number): boolean {
  return code >= 4500 && code <= 4999;
}

/** A message: an object that names its type; null where it is nothing of the kind. */
export function messageIn<Message extends { readonly type: string }>(data: unknown): Message | null {
  if (typeof data !== "string") return null;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === "object" && message !== null && "type" in message ? (message as Message) : null;
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
