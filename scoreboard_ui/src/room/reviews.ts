/**
 * The referees' socket: the queue as it is, after every change, and who looks at what. It may break at any time and comes back by itself;
 * it never sends a decision. What is being looked at is said again every ten seconds, because a lease lasts thirty.
 */

import { type Link, PROTOCOL, type Surroundings, waitBeforeRetry, type Wire } from "../board/socket.ts";
import type { QueueMessage } from "./types.ts";

const SILENT_AFTER_MS = 16_000;
const OPENING_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 10_000;

export interface Look {
  readonly contestant: string;
  readonly stage: string;
}

export interface Hearer {
  queue(message: QueueMessage): void;
  linked(link: Link): void;
  /** The server is there, and has folded everything up to this position. */
  beat(position: number): void;
}

type Message = { readonly type: string } & Record<string, unknown>;

export class ReviewSocket {
  link: Link = { kind: "connecting" };
  #wire: Wire | null = null;
  #failures = 0;
  #look: Look | null = null;
  #cancel: () => void = () => {};
  #cancelLook: () => void = () => {};
  readonly #address: string;
  readonly #hearer: Hearer;
  readonly #world: Surroundings;

  constructor(address: string, hearer: Hearer, world: Surroundings) {
    this.#address = address;
    this.#hearer = hearer;
    this.#world = world;
  }

  start(): void {
    this.#connect();
  }

  stop(): void {
    this.#drop();
    this.#cancel();
    this.#cancelLook();
  }

  /** Do not wait any longer, for example because the network is back. */
  hurry(): void {
    if (this.link.kind === "waiting") this.#connect();
  }

  /** Say what is being looked at; null: nothing any more. */
  look(what: Look | null): void {
    if (this.#look !== null && what === null) this.#send({ type: "leave" });
    this.#look = what;
    this.#sayLook();
  }

  #sayLook(): void {
    this.#cancelLook();
    if (this.#look === null) return;
    if (this.link.kind === "live") this.#send({ type: "look", ...this.#look });
    this.#cancelLook = this.#world.after(LOOK_EVERY_MS, () => this.#sayLook());
  }

  #connect(): void {
    this.#drop();
    this.#setLink({ kind: "connecting" });
    const wire = this.#world.open(this.#address, PROTOCOL);
    this.#wire = wire;
    wire.onopen = () => this.#send({ type: "hello", token: null });
    wire.onmessage = (event) => this.#hear(event.data);
    wire.onclose = (event) => this.#closed(event.code, event.reason);
    this.#watch(OPENING_LIMIT_MS);
  }

  #hear(data: unknown): void {
    const message = understood(data);
    if (message === null) return this.#retry();
    this.#watch(SILENT_AFTER_MS);
    if (message.type === "welcome") this.#welcomed();
    else if (message.type === "queue") this.#hearer.queue(message as unknown as QueueMessage);
    else if (message.type === "beat") this.#hearer.beat(Number(message["position"]) || 0);
  }

  #welcomed(): void {
    this.#failures = 0;
    this.#setLink({ kind: "live" });
    this.#sayLook();
  }

  #closed(code: number, reason: string): void {
    if (code < 4500 || code > 4999) return this.#retry();
    this.stop();
    this.#setLink({ kind: "closed", code, reason });
  }

  #retry(): void {
    this.#failures += 1;
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

  #drop(): void {
    const wire = this.#wire;
    if (wire === null) return;
    wire.onopen = wire.onmessage = wire.onclose = wire.onerror = null;
    wire.close();
    this.#wire = null;
  }

  #send(message: object): void {
    this.#wire?.send(JSON.stringify(message));
  }

  #setLink(link: Link): void {
    this.link = link;
    this.#hearer.linked(link);
  }
}

function understood(data: unknown): Message | null {
  if (typeof data !== "string") return null;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === "object" && message !== null && "type" in message ? (message as Message) : null;
  } catch {
    return null;
  }
}

export function reviewsAddress(base: string): string {
  return `${base.replace(/^http/, "ws")}/reviews`;
}
