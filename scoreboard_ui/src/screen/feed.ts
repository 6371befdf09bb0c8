/** The latest call-outs, for reading: the list moves on no more often than every 1.2 s, whatever happens in between. A whole board brings what came before it. */

import { type Callout, clearsOf } from "../board/callouts.ts";
import type { Row } from "../board/types.ts";

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

  /** Put in what a whole board says was cleared last, at its time: whoever comes late, or was cut off, reads what they missed. */
  learn(rows: Iterable<Row>): void {
    const known = new Set(this.#items.map(({ callout }) => markOf(callout)));
    const missed = [...rows].flatMap(clearsOf).filter((callout) => callout.ms !== null && !known.has(markOf(callout)));
    if (missed.length === 0) return;
    const items = missed.map((callout) => ({ callout, at_ms: callout.ms! })).sort((a, b) => a.at_ms - b.at_ms).slice(-LIMIT);
    const numbered = items.map((item) => ({ serial: ++this.#serial, ...item }));
    this.#items = [...numbered, ...this.#items].sort((a, b) => b.at_ms - a.at_ms || b.serial - a.serial).slice(0, LIMIT);
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

/** What makes two of them the same: whoever leads may take the lead again. */
function markOf(callout: Callout): string {
  return callout.kind === "lead" ? "" : `${callout.contestant}\u0000${callout.stage}`;
}
