/**
 * The socket of a paired screen: what it is ordered to show comes in, what it shows goes out. It may break at any time; until it is back
 * the screen goes on with what it was ordered last. It decides nothing.
 */

import { isFinal, Line, messageIn, type Surroundings } from "../board/line.ts";
import type { Phrase } from "../board/types.ts";
import { type Program, understood } from "../scenes/program.ts";

export interface Message extends Phrase {
  /** Another id is another message, even in the same words. */
  readonly id: number;
  /** How long it stands, in seconds. */
  readonly seconds: number;
}

/** What a screen is told to do. */
export interface Direction {
  readonly program: Program | null;
  readonly isHidden: boolean;
  readonly message: Message | null;
  /** Counts that go up whenever the screen is to show who it is, or to load itself anew. */
  readonly identify: number;
  readonly reload: number;
}

export interface Shown {
  readonly scene: string;
  readonly position: number;
  readonly width: number;
  readonly height: number;
}

export interface DirectionListener {
  directed(direction: Direction): void;
  /** The token is not valid any more: the screen has to be paired anew. */
  refused(): void;
  shown(): Shown;
}

type Told = { readonly type: string } & Record<string, unknown>;

const REPORT_MS = 5_000;
const SILENT_AFTER_MS = 16_000;
const MESSAGE_S_MAX = 3_600;

export class DirectionSocket {
  #failures = 0;
  #cancelReport: () => void = () => {};
  readonly #address: string;
  readonly #token: string;
  readonly #listener: DirectionListener;
  readonly #world: Surroundings;
  readonly #line: Line;

  constructor(address: string, token: string, listener: DirectionListener, world: Surroundings) {
    this.#address = address;
    this.#token = token;
    this.#listener = listener;
    this.#world = world;
    this.#line = new Line(world);
  }

  start(): void {
    this.#line.open(this.#address, {
      opened: () => this.#line.say({ type: "hello", token: this.#token }),
      heard: (data) => this.#hear(data),
      closed: (code) => (isFinal(code) ? this.#refused() : this.#retry()),
    });
    this.#watch();
  }

  stop(): void {
    this.#line.end();
    this.#cancelReport();
  }

  /** Say now what is shown, because it changed. */
  report(): void {
    this.#line.say({ type: "shown", ...this.#listener.shown() });
    this.#cancelReport();
    this.#cancelReport = this.#world.after(REPORT_MS, () => this.report());
  }

  #hear(data: unknown): void {
    this.#watch();
    const told = messageIn<Told>(data);
    if (told?.type !== "program") return;
    this.#failures = 0;
    this.#listener.directed(directionOf(told));
    this.report();
  }

  #refused(): void {
    this.stop();
    this.#listener.refused();
  }

  #retry(): void {
    this.#cancelReport();
    this.#failures += 1;
    this.#line.pause(this.#failures, () => this.start());
  }

  #watch(): void {
    this.#line.after(SILENT_AFTER_MS, () => this.#retry());
  }
}

function directionOf(told: Told): Direction {
  return {
    program: understood(told["program"]),
    isHidden: told["hidden"] === true,
    message: messageOf(told["message"]),
    identify: Number(told["identify"]) || 0,
    reload: Number(told["reload"]) || 0,
  };
}

function messageOf(told: unknown): Message | null {
  if (typeof told !== "object" || told === null) return null;
  const { id, zh, en, seconds } = told as Record<string, unknown>;
  return { id: Number(id) || 0, zh: String(zh ?? en ?? ""), en: String(en ?? zh ?? ""), seconds: Math.min(MESSAGE_S_MAX, Math.max(1, Number(seconds) || 15)) };
}
