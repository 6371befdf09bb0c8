/** The latest call-outs, for reading: the list moves on no more often than every 1.2 s, whatever happens in between. */

import type { Callout } from "../board/callouts.ts";

export interface FeedItem {
  readonly serial: number;
  readonly callout: Callout;
  /** Contest time when it was heard. */
  readonly at_ms: number;
}

const LIMIT = 12;
const STEP_MS = 1_200;

export class Feed {
  #items: readonly FeedItem[] = [];
  #shown = this.#items;
  #shownAt_ms = -STEP_MS;
  #serial = 0;

  /** There is something that has not been shown yet. */
  get isBehind(): boolean {
    return this.#shown !== this.#items;
  }

  add(callouts: readonly Callout[], heard_ms: number): void {
    const items = callouts.map((callout) => ({ serial: ++this.#serial, callout, at_ms: callout.kind === "lead" ? heard_ms : (callout.ms ?? heard_ms) }));
    this.#items = [...items.reverse(), ...this.#items].slice(0, LIMIT);
  }

  clear(): void {
    this.#items = this.#shown = [];
  }

  /** What stands there now. */
  at(now_ms: number): readonly FeedItem[] {
    if (!this.isBehind || now_ms - this.#shownAt_ms < STEP_MS) return this.#shown;
    this.#shownAt_ms = now_ms;
    return (this.#shown = this.#items);
  }
}
