/** One thing that is asked of the server: busy or not, and what it answered last. */

import type { Answer } from "../room/api.ts";

export class Doing<T> {
  isBusy = $state(false);
  answer = $state.raw<Answer<T> | null>(null);

  /** What was given; null where it was refused, or nobody answered, or something is still on its way. */
  async ask(asked: () => Promise<Answer<T>>): Promise<T | null> {
    if (this.isBusy) return null;
    this.isBusy = true;
    this.answer = await asked();
    this.isBusy = false;
    return this.answer.kind === "given" ? this.answer.value : null;
  }
}
