/**
 * Something that is read from the server again and again. What was read stays while the server is away, and an answer that was overtaken by a
 * later question counts no more.
 */

import type { Answer } from "../room/api.ts";
import { Model } from "../room/watching.ts";

export class Looking<T> extends Model {
  value: T | null = null;
  /** Why there is nothing newer, where that is so. */
  trouble: Answer<T> | null = null;
  #asked = 0;
  readonly #ask: () => Promise<Answer<T>>;

  constructor(ask: () => Promise<Answer<T>>) {
    super();
    this.#ask = ask;
  }

  async look(): Promise<void> {
    const mine = ++this.#asked;
    const answer = await this.#ask();
    if (mine !== this.#asked) return;
    this.trouble = answer.kind === "given" ? null : answer;
    if (answer.kind === "given") this.value = answer.value;
    this.told();
  }
}
