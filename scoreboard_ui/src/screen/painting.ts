/** When to paint, and when pixels are on the screen. */

export interface Painting {
  /** Call this in the next animation frame. */
  readonly before: (paint: () => void) => void;
  /** Call this once what was painted is on the screen. */
  readonly after: (act: () => void) => void;
}

/** A message posted inside an animation frame is heard after that frame was painted. */
export function afterPaint(act: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    act();
  };
  port2.postMessage(null);
}

/** One picture an animation frame at the most, however often it is asked for, and credit for what came once it is on the screen. */
export class Frames {
  #isPlanned = false;
  #owesCredit = false;
  readonly #painting: Painting;
  /** Returns whether there was anything to paint. */
  readonly #paint: () => boolean;
  readonly #painted: () => void;

  constructor(painting: Painting, paint: () => boolean, painted: () => void) {
    this.#painting = painting;
    this.#paint = paint;
    this.#painted = painted;
  }

  /** A frame of the board came: it is to be painted, and acknowledged. */
  came(): void {
    this.#owesCredit = true;
    this.plan();
  }

  plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#painting.before(() => this.#now());
  }

  #now(): void {
    this.#isPlanned = false;
    if (!this.#paint() || !this.#owesCredit) return;
    this.#owesCredit = false;
    this.#painting.after(this.#painted);
  }
}
