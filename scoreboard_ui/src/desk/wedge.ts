/** A scanner that types: it is told from fingers by its speed, and ends with Enter or Tab. It refuses what a person could have typed. */

const BETWEEN_KEYS_MS = 40;
const LEAST_KEYS = 3;
const MOST_KEYS = 400;

export class Wedge {
  #text = "";
  #last_ms = 0;
  #typed = 0;

  /** How many keys of the burst so far may have gone into a field. */
  get typed(): number {
    return this.#typed;
  }

  /** A key went down at this moment. What was scanned, once it is whole; else null. */
  press(key: string, at_ms: number): string | null {
    const isBurst = at_ms - this.#last_ms <= BETWEEN_KEYS_MS;
    this.#last_ms = at_ms;
    if (!isBurst) this.#text = "";
    if (key === "Enter" || key === "Tab") {
      const whole = this.#text.length >= LEAST_KEYS ? this.#text : null;
      this.#text = "";
      return whole;
    }
    if (key.length !== 1) return null; // Shift, which a scanner presses for capitals
    this.#text = this.#text.length < MOST_KEYS ? this.#text + key : key;
    this.#typed = this.#text.length;
    return null;
  }
}
