/**
 * The referees' socket: the queue as it is, after every change, and who looks at what. It may break at any time and comes back by itself;
 * it never sends a decision. What is being looked at is said again every ten seconds, because a lease lasts thirty.
 */

import { isFinal, Line, type Link, messageIn, type Surroundings } from "../board/line.ts";
import type { QueueMessage } from "./types.ts";

const SILENT_AFTER_MS = 16_000;
const OPENING_LIMIT_MS = 10_000;
/** From the handshake to the first queue, which may be a long one over a thin line: asking anew would begin it anew. */
const FIRST_QUEUE_LIMIT_MS = 45_000;
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
  #failures = 0;
  #isOpening = true;
  #look: Look | null = null;
  #cancelLook: () => void = () => {};
  readonly #address: string;
  readonly #hearer: Hearer;
  readonly #world: Surroundings;
  readonly #line: Line;

  constructor(address: string, hearer: Hearer, world: Surroundings) {
    this.#address = address;
    this.#hearer = hearer;
    this.#world = world;
    this.#line = new Line(world);
  }

  start(): void {
    this.#connect();
  }

  stop(): void {
    this.#line.end();
    this.#cancelLook();
  }

  /** Do not wait any longer, for example because the network is back. */
  hurry(): void {
    if (this.link.kind === "waiting") this.#connect();
  }

  /** Say what is being looked at; null: nothing any more. */
  look(what: Look | null): void {
    if (this.#look !== null && what === null) this.#line.say({ type: "leave" });
    this.#look = what;
    this.#sayLook();
  }

  #sayLook(): void {
    this.#cancelLook();
    if (this.#look === null) return;
    if (this.link.kind === "live") this.#line.say({ type: "look", ...this.#look });
    this.#cancelLook = this.#world.after(LOOK_EVERY_MS, () => this.#sayLook());
  }

  #connect(): void {
    this.#setLink({ kind: "connecting" });
    this.#isOpening = true;
    this.#line.open(this.#address, {
      opened: () => this.#opened(),
      heard: (data) => this.#hear(data),
      closed: (code, reason) => this.#closed(code, reason),
    });
    this.#watch(OPENING_LIMIT_MS);
  }

  #opened(): void {
    this.#line.say({ type: "hello", token: null });
    this.#watch(FIRST_QUEUE_LIMIT_MS);
  }

  #hear(data: unknown): void {
    const message = messageIn<Message>(data);
    if (message === null) return this.#retry();
    if (message.type === "queue") this.#isOpening = false;
    this.#watch(this.#isOpening ? FIRST_QUEUE_LIMIT_MS : SILENT_AFTER_MS);
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
    if (!isFinal(code)) return this.#retry();
    this.stop();
    this.#setLink({ kind: "closed", code, reason });
  }

  #retry(): void {
    this.#failures += 1;
    const wait_ms = this.#line.pause(this.#failures, () => this.#connect());
    this.#setLink({ kind: "waiting", until_ms: this.#world.now_ms() + wait_ms, offline: !this.#world.isOnline() });
  }

  #watch(limit_ms: number): void {
    this.#line.after(limit_ms, () => this.#retry());
  }

  #setLink(link: Link): void {
    this.link = link;
    this.#hearer.linked(link);
  }
}

export function reviewsAddress(base: string): string {
  return `${base.replace(/^http/, "ws")}/reviews`;
}
