/**
 * A deed that is asked for twice. The second press counts for what the first one asked and nothing else, not as the other half of a double
 * click, and not once the question was forgotten.
 */

/** So long after the first press the button waits: whoever has not read the question cannot answer it. */
export const READ_MS = 400;
/** So long after the first press the question is open. */
export const OPEN_MS = 8000;

/** Do something later, in ms; what it returns calls that off. */
export type Later = (deed: () => void, ms: number) => () => void;

const later: Later = (deed, ms) => {
  const timer = setTimeout(deed, ms);
  return () => clearTimeout(timer);
};

export class Arming {
  #asked = $state<string | null>(null);
  #isReading = $state(false);
  readonly #later: Later;
  #callOff: readonly (() => void)[] = [];

  constructor(by: Later = later) {
    this.#later = by;
  }

  /** Whether the next press would do `what`. */
  asks(what: string): boolean {
    return this.#asked === what;
  }

  /** Whether the question about `what` is too young to be answered. */
  isReading(what: string): boolean {
    return this.asks(what) && this.#isReading;
  }

  /** Whether this press says to do `what`. `detail` is its number in a row of fast clicks, 0 for a key. */
  press(what: string, { detail }: Pick<UIEvent, "detail">): boolean {
    if (detail > 1 || this.isReading(what)) return false;
    const isSure = this.asks(what);
    this.disarm();
    if (!isSure) this.#ask(what);
    return isSure;
  }

  disarm(): void {
    for (const callOff of this.#callOff) callOff();
    this.#callOff = [];
    this.#asked = null;
  }

  #ask(what: string): void {
    this.#asked = what;
    this.#isReading = true;
    this.#callOff = [this.#later(() => (this.#isReading = false), READ_MS), this.#later(() => this.disarm(), OPEN_MS)];
  }
}

/** A key that is held down presses a button again and again: only the first counts. */
export function pressOnce(event: Pick<KeyboardEvent, "key" | "repeat" | "preventDefault">): void {
  if (event.repeat && event.key === "Enter") event.preventDefault();
}
