/** The contest's time between frames: the server's clock, carried on by a monotonic one. It never asks the wall clock. */

import type { BoardState } from "./types.ts";

/** Enough to outlive a slow message or two, few enough to follow a server whose clock was set back. */
const SAMPLES = 8;

export class ContestClock {
  #offsets_ms: number[] = [];

  /** A message said that the server's clock was `now` when it was written; it arrived at `at_ms` (monotonic). */
  hear(now: string, at_ms: number): void {
    const sample = Date.parse(now) - at_ms;
    if (Number.isNaN(sample)) return;
    this.#offsets_ms.push(sample);
    if (this.#offsets_ms.length > SAMPLES) this.#offsets_ms.shift();
  }

  /** Another time is told from now on: what was heard before says nothing about it. */
  forget(): void {
    this.#offsets_ms = [];
  }

  /** A delay only makes a sample smaller, so the largest is the nearest to the truth. */
  serverNow(at_ms: number): number | null {
    return this.#offsets_ms.length === 0 ? null : Math.max(...this.#offsets_ms) + at_ms;
  }

  elapsed(state: BoardState, at_ms: number): number {
    const now = this.serverNow(at_ms);
    if (state.phase !== "running" || now === null) return state.elapsed_ms;
    return state.elapsed_ms + Math.max(0, now - Date.parse(state.now));
  }
}

/** The time left, or null without a duration. Never below zero. */
export function remaining(elapsed_ms: number, duration_ms: number | null | undefined): number | null {
  return duration_ms === null || duration_ms === undefined ? null : Math.max(0, duration_ms - elapsed_ms);
}
