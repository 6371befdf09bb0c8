/** A page that nobody sees lets go of its socket after a minute, and takes it up again where it left off once it is looked at. */

import type { Surroundings } from "../board/line.ts";

export const AWAKE_MS = 60_000;

export class Sleep {
  isAsleep = false;
  readonly #wake: () => void;
  readonly #fall: () => void;
  readonly #world: Pick<Surroundings, "after">;
  #cancel: () => void = () => {};

  constructor(told: { fall: () => void; wake: () => void }, world: Pick<Surroundings, "after">) {
    this.#fall = told.fall;
    this.#wake = told.wake;
    this.#world = world;
  }

  /** The page was hidden. */
  hidden(): void {
    this.#cancel();
    if (!this.isAsleep) this.#cancel = this.#world.after(AWAKE_MS, () => this.#sleep());
  }

  /** The page is seen. */
  shown(): void {
    this.#cancel();
    if (!this.isAsleep) return;
    this.isAsleep = false;
    this.#wake();
  }

  stop(): void {
    this.#cancel();
  }

  #sleep(): void {
    this.isAsleep = true;
    this.#fall();
  }
}
