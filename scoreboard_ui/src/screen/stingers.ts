/** The big call-outs, one at a time. Bounded: when too much happens at once, the oldest that nobody saw yet is let go. */

import type { Callout } from "../board/callouts.ts";

export type Sting = Extract<Callout, { kind: "first" | "lead" }> & { readonly serial: number };

const WAITING_LIMIT = 5;
const SHOWN_MS = 5_000;
const SHOWN_WHEN_BUSY_MS = 3_000;

export class Stingers {
  shown: Sting | null = null;
  #waiting: Sting[] = [];
  #until_ms = 0;
  #serial = 0;

  add(callouts: readonly Callout[]): void {
    for (const callout of callouts) {
      if (callout.kind !== "clear") this.#waiting.push({ ...callout, serial: ++this.#serial });
    }
    this.#waiting = this.#waiting.slice(-WAITING_LIMIT);
  }

  /** Nothing of what waits is true any more. */
  clear(): void {
    this.shown = null;
    this.#waiting = [];
  }

  /** True when what is shown changed. */
  tick(at_ms: number): boolean {
    if (this.shown !== null && at_ms < this.#until_ms) return false;
    const before = this.shown;
    this.shown = this.#waiting.shift() ?? null;
    this.#until_ms = at_ms + (this.#waiting.length > 0 ? SHOWN_WHEN_BUSY_MS : SHOWN_MS);
    return before !== this.shown;
  }
}
