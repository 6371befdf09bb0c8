/**
 * The past, as if it were now: a tape that speaks the board's protocol, so that every scene plays it without knowing. It shows only what the
 * server's history gives, which is what the public could have seen. It asks no more often than a few times a second, whatever the speed.
 */

import type { Wire } from "../board/line.ts";
import type { Frame } from "../board/types.ts";

/** What the history answers: the board's frame with the epoch of the ledger, whole (`from: 0`) or what differs from a position on. */
export type HistoryFrame = Omit<Frame, "epoch"> & { readonly epoch?: string };

export interface Moment {
  readonly position: number;
  readonly at: string;
  readonly kind: string;
}

export interface Timeline {
  readonly from: string;
  readonly to: string;
  readonly moments: readonly Moment[];
}

/** The past of a long contest is being read: so much of it (0 to 1) has been. Ask again. */
export class StillReading extends Error {
  readonly share: number;

  constructor(told: number, of: number) {
    super(`${told} of ${of}`);
    this.share = told / of;
  }
}

/** What is asked here may raise StillReading. */
export interface Archive {
  timeline(): Promise<Timeline>;
  /** The public board at this time; with `after`, only what differs from that position on. */
  board(at: string, after: number | null): Promise<HistoryFrame>;
}

export interface Stretch {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Before the first thing that happened there is nothing to see, so a tape begins this long before it. */
const LEAD_IN_MS = 30_000;

/** The first whole millisecond at which this has happened: the server counts in microseconds, pages do not. */
export function afterwards(at: string): number {
  return Date.parse(at) + 1;
}

/** Where the tape runs: as wished, inside of what there is. A wish is an ISO time or a position. */
export function stretchOf(timeline: Timeline, from: string | null, to: string | null): Stretch {
  const [first, last] = [afterwards(timeline.from), afterwards(timeline.to)];
  const happened = timeline.moments[0] === undefined ? first : afterwards(timeline.moments[0].at) - LEAD_IN_MS;
  const begin = Math.min(last, Math.max(first, momentOf(timeline, from) ?? happened));
  const end = Math.min(last, momentOf(timeline, to) ?? last);
  return { from_ms: begin, to_ms: Math.max(begin, end) };
}

function momentOf(timeline: Timeline, wish: string | null): number | null {
  if (wish === null) return null;
  const moment = /^\d+$/.test(wish) ? timeline.moments.findLast(({ position }) => position <= Number(wish)) : undefined;
  const time = Date.parse(moment?.at ?? wish);
  return Number.isNaN(time) ? null : time;
}

export interface Playing {
  readonly at_ms: number;
  readonly isPlaying: boolean;
  readonly speed: number;
}

/** Where the tape is: contest time that runs faster than ours, between its two ends. Pure but for what it remembers. */
export class Tape {
  readonly stretch: Stretch;
  speed: number;
  isPlaying = true;
  #at_ms: number;
  #since_ms: number;

  constructor(stretch: Stretch, speed: number, now_ms: number) {
    this.stretch = stretch;
    this.speed = speed;
    this.#at_ms = stretch.from_ms;
    this.#since_ms = now_ms;
  }

  at(now_ms: number): number {
    const gone_ms = this.isPlaying ? (now_ms - this.#since_ms) * this.speed : 0;
    return Math.min(this.stretch.to_ms, this.#at_ms + gone_ms);
  }

  isOver(now_ms: number): boolean {
    return this.at(now_ms) >= this.stretch.to_ms;
  }

  play(isPlaying: boolean, now_ms: number): void {
    const isAtEnd = isPlaying && this.isOver(now_ms);
    this.seek(isAtEnd ? this.stretch.from_ms : this.at(now_ms), now_ms);
    this.isPlaying = isPlaying;
  }

  hasten(speed: number, now_ms: number): void {
    this.seek(this.at(now_ms), now_ms);
    this.speed = speed;
  }

  seek(at_ms: number, now_ms: number): void {
    this.#at_ms = Math.min(this.stretch.to_ms, Math.max(this.stretch.from_ms, at_ms));
    this.#since_ms = now_ms;
  }
}

/** A wire whose other end is the tape. A jump begins another epoch, so nobody calls out what lies between. */
export class TapeWire implements Wire {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  /** The position that the other end knows; null: nothing, so the next frame has to be whole. */
  after: number | null = null;
  #jumps = 0;

  jump(): void {
    this.after = null;
    this.#jumps += 1;
  }

  show(board: HistoryFrame): void {
    const frame: Frame = { ...board, epoch: `${board.epoch ?? "past"}~${this.#jumps}` };
    this.after = board.to;
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** Nothing new, but still here. */
  beat(now: string): void {
    this.onmessage?.({ data: JSON.stringify({ type: "beat", to: this.after ?? 0, now }) });
  }

  send(): void {}

  close(): void {}
}
