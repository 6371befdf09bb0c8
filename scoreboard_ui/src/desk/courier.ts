/**
 * Carries the outbox to the server: by socket, or by POST where no socket comes to stand. It resumes by number, answers clock
 * exchanges, and gives up only where the server says that trying again does not help.
 */

import { isFinal, Line, messageIn, type Surroundings } from "../board/line.ts";
import type { Sentence } from "../board/types.ts";
import { Model } from "../room/watching.ts";
import { type Outbox, travelling } from "./outbox.ts";
import { BATCH_MAX, BATCH_MAX_BYTES, type Post, postAll } from "./posting.ts";

const OPENING_LIMIT_MS = 10_000;
/** From the handshake to the server's welcome: over a thin line other things may come first, and asking anew would begin anew. */
const WELCOME_LIMIT_MS = 45_000;
const ACK_LIMIT_MS = 10_000;
/** 8 kbit/s: a batch has the time besides that it takes on the thinnest line that is put up with. Cut short, it would begin anew for ever. */
const BYTES_PER_MS = 1;
/** The server asks for the time at least every 10 s. */
const SILENT_AFTER_MS = 35_000;
const SETTLED_AFTER_MS = 5_000;
/** Sockets that failed in a row, after which events go by POST meanwhile. */
const FAILURES_BEFORE_POST = 3;

export type Why = "not_allowed" | "replaced" | "ahead" | "no_contest" | "refused";

export type Link =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "waiting"; readonly until_ms: number; readonly byPost: boolean }
  | { readonly kind: "closed"; readonly why: Why; readonly code: number };

export interface DeviceClock {
  readonly offset_us: number;
  readonly error_us: number;
  readonly at_ms: number;
}

interface Limits {
  readonly batch: number;
  readonly message_bytes: number;
}

interface Told {
  readonly type: string;
  readonly after?: number;
  readonly limits?: Limits;
  readonly seq?: number | null;
  readonly position?: number;
  readonly code?: string;
  readonly detail?: Sentence;
  readonly expected?: number | null;
  readonly t?: number;
  readonly offset_us?: number;
  readonly error_us?: number;
}

export interface Address {
  /** Where the socket is. */
  readonly address: string;
  /** What a page says that has a token; null: the session's cookie speaks. */
  readonly token: string | null;
}

export interface Options {
  /** How long an entry can be undone before it leaves. */
  hold_ms: number;
}

export class Courier extends Model {
  link: Link = { kind: "connecting" };
  clock: DeviceClock | null = null;
  heardAt_ms: number | null = null;
  /** Since when the server cannot be heard, by this device's clock. */
  lostAt_ms: number | null = null;
  readonly options: Options;
  readonly #outbox: Outbox;
  readonly #where: Address;
  readonly #post: Post;
  readonly #world: Surroundings;
  readonly #line: Line;
  readonly #now_ms: () => number;
  #openedAt_ms = 0;
  #failures = 0;
  #limits: Limits = { batch: BATCH_MAX, message_bytes: BATCH_MAX_BYTES };
  #inFlight: number | null = null;
  #isPumping = false;
  #asked = 0;
  #queue: Promise<void> = Promise.resolve();
  #cancelHold: () => void = () => {};
  #isStopped = true;
  #goesByPost = false;

  constructor(outbox: Outbox, where: Address, post: Post, world: Surroundings, options: Options, now_ms: () => number = Date.now) {
    super();
    this.#outbox = outbox;
    this.#where = where;
    this.#post = post;
    this.#world = world;
    this.#line = new Line(world);
    this.#now_ms = now_ms;
    this.options = options;
  }

  start(): void {
    this.#isStopped = false;
    this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    this.#inFlight = null;
    this.#line.end();
    this.#cancelHold();
  }

  /** Do not wait any longer: the network is back, or somebody pressed a button. */
  hurry(): void {
    if (this.link.kind === "waiting" && !this.#isStopped) this.#connect();
  }

  /** The browser says that the network is gone: believe it at once. */
  cut(): void {
    if (!this.#isStopped && this.link.kind !== "closed" && this.link.kind !== "waiting") this.#retry();
  }

  /** Look whether there is something to send. */
  nudge(): void {
    void this.#pump();
  }

  #connect(): void {
    this.#inFlight = null;
    this.#set({ kind: "connecting" });
    this.#openedAt_ms = this.#world.now_ms();
    const { token } = this.#where;
    const number = this.#line.open(this.#where.address, {
      opened: () => {
        this.#line.say({ type: "hello", source: this.#outbox.head.source, ...(token === null ? {} : { token }) });
        this.#watch(WELCOME_LIMIT_MS);
      },
      heard: (data) => this.#inOrder(number, () => this.#hear(data)),
      closed: (code) => this.#inOrder(number, () => this.#closed(code)),
    });
    this.#watch(OPENING_LIMIT_MS);
  }

  /** One message after the other, because answers are stored before the next is read. */
  #inOrder(number: number, act: () => void | Promise<void>): void {
    const next = async (): Promise<void> => {
      if (this.#line.number === number) await act();
    };
    this.#queue = this.#queue.then(next, next);
  }

  async #hear(data: unknown): Promise<void> {
    const message = messageIn<Told>(data);
    if (message === null) return this.#retry();
    this.heardAt_ms = this.#now_ms();
    if (this.#inFlight === null) this.#watch(SILENT_AFTER_MS);
    switch (message.type) {
      case "welcome":
        return this.#welcome(message);
      case "ack":
        return this.#acknowledged(message);
      case "refused":
        return this.#refused(message);
      case "time":
        return this.#line.say({ type: "time", t: message.t, at: this.#now_ms() * 1_000, waiting: this.#outbox.unsynced });
      case "clock":
        this.clock = { offset_us: message.offset_us ?? 0, error_us: message.error_us ?? 0, at_ms: this.#now_ms() };
        return this.told();
    }
  }

  async #welcome(message: Told): Promise<void> {
    if ((await this.#outbox.resume(message.after ?? 0)) === "ahead") return this.#end("ahead", 0);
    if (message.limits !== undefined) this.#limits = message.limits;
    this.#inFlight = null;
    this.#goesByPost = false;
    this.#set({ kind: "live" });
    await this.#pump();
  }

  async #acknowledged(message: Told): Promise<void> {
    await this.#outbox.acknowledge(message.seq ?? 0, message.position ?? 0);
    if (this.#inFlight !== null && (message.seq ?? 0) >= this.#inFlight) this.#inFlight = null;
    this.#watch(this.#inFlight === null ? SILENT_AFTER_MS : ACK_LIMIT_MS);
    await this.#pump();
  }

  async #refused(message: Told): Promise<void> {
    if (message.seq != null && message.code !== "gap") return this.#outbox.refuse(message.seq, message.code ?? "refused", message.detail ?? "");
    this.#retry(); // a gap, or a message that could not be read as a whole: say hello again, and go on by number
  }

  async #pump(): Promise<void> {
    this.#asked += 1;
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (let seen = 0; seen !== this.#asked; ) {
        seen = this.#asked;
        if (this.link.kind === "live" && this.#inFlight === null) await this.#sendNext();
      }
    } finally {
      this.#isPumping = false;
    }
    this.#holdOn();
  }

  async #sendNext(): Promise<void> {
    await this.#outbox.number(this.#now_ms() - this.options.hold_ms);
    const batch = this.#outbox.toSend(Math.min(this.#limits.batch, BATCH_MAX), Math.min(this.#limits.message_bytes, BATCH_MAX_BYTES));
    const last = batch.at(-1);
    if (last === undefined || this.link.kind !== "live" || this.#inFlight !== null) return;
    this.#inFlight = last.seq;
    const events = batch.map(travelling);
    this.#line.say({ type: "events", events });
    this.#watch(ACK_LIMIT_MS + JSON.stringify(events).length / BYTES_PER_MS);
  }

  /** Come back when the next entry can be undone no more. */
  #holdOn(): void {
    this.#cancelHold();
    const oldest_ms = this.#outbox.oldestHeld_ms;
    if (oldest_ms === null || this.link.kind !== "live" || this.#inFlight !== null) return;
    const wait_ms = Math.max(10, oldest_ms + this.options.hold_ms - this.#now_ms());
    this.#cancelHold = this.#world.after(wait_ms, () => this.nudge());
  }

  #closed(code: number): void {
    if (!isFinal(code)) return this.#retry();
    this.#end(code === 4501 ? "not_allowed" : code === 4502 ? "replaced" : "refused", code);
  }

  #end(why: Why, code: number): void {
    this.#inFlight = null;
    this.#line.end();
    this.#set({ kind: "closed", why, code });
  }

  #retry(): void {
    if (this.#isStopped) return;
    const isSettled = this.link.kind === "live" && this.#world.now_ms() - this.#openedAt_ms >= SETTLED_AFTER_MS;
    this.#failures = this.link.kind === "live" ? (isSettled ? 1 : this.#failures) : this.#failures + 1;
    this.#inFlight = null;
    const wait_ms = this.#line.pause(this.#failures, () => this.#connect());
    this.#set({ kind: "waiting", until_ms: this.#world.now_ms() + wait_ms, byPost: this.#goesByPost });
    if (this.#failures >= FAILURES_BEFORE_POST && this.#world.isOnline()) void this.#byPost();
  }

  /** A socket does not come to stand, maybe because of a proxy: the same events the other way. */
  async #byPost(): Promise<void> {
    const standing = await this.#post.standing();
    if (standing.kind === "refused" && (standing.status === 401 || standing.status === 403)) return this.#end("not_allowed", 0);
    this.#goesByPost = standing.kind === "given";
    if (standing.kind !== "given") return;
    if ((await this.#outbox.resume(standing.value.after)) === "ahead") return this.#end("ahead", 0);
    await this.#outbox.number(this.#now_ms() - this.options.hold_ms);
    if (!(await postAll(this.#outbox, this.#post))) return;
    this.heardAt_ms = this.#now_ms();
    if (this.link.kind === "waiting") this.#set({ ...this.link, byPost: true });
  }

  #watch(limit_ms: number): void {
    this.#line.after(limit_ms, () => this.#retry());
  }

  #set(link: Link): void {
    if (link.kind === "live") this.lostAt_ms = null;
    else if (link.kind !== "connecting") this.lostAt_ms ??= this.#now_ms();
    this.link = link;
    this.told();
  }
}
