/** One press of one button enters one thing. The other half of a double click, or of a finger that trembles, is no press. */

/** So long after a press the same button hears nothing, in ms. */
export const APART_MS = 500;

export class Presses {
  #last = "";
  #at_ms = -Infinity;

  /** Whether this press counts. `what` names the button and what it is about; `at_ms` is a clock that never goes back. */
  counts(what: string, at_ms: number): boolean {
    const isEcho = what === this.#last && at_ms - this.#at_ms < APART_MS;
    this.#last = what;
    this.#at_ms = at_ms;
    return !isEcho;
  }
}
