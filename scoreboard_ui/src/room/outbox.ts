/**
 * What an official decided and the server has not acknowledged yet. A letter keeps its id, so that sending it again is harmless.
 * It refuses to send anything by itself: every sending is somebody's press of a button. It survives a reload.
 */

import type { Sentence } from "../board/types.ts";
import { type Answer, mayComeBack } from "./api.ts";
import type { Shelf } from "./storage.ts";
import { Model } from "./watching.ts";

/** kept: never sent, there was no connection. unanswered: sent, it may have arrived. refused: the server said no. */
export type LetterState = "sending" | "kept" | "unanswered" | "refused";

export interface Letter {
  readonly id: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** What it does, as a word of the dictionary, and about what. */
  readonly word: string;
  readonly about: string;
  readonly made: string;
  readonly state: LetterState;
  readonly refusal: { readonly code: string; readonly detail: Sentence } | null;
}

export type NewLetter = Omit<Letter, "state" | "made" | "refusal">;

export interface Acknowledged {
  readonly id: string;
  readonly word: string;
  readonly about: string;
  readonly position: number;
  /** When the answer arrived, by this device's clock. */
  readonly at: string;
}

interface Kept {
  readonly letters: readonly Letter[];
  readonly last: Acknowledged | null;
}

export type Post = (path: string, body: unknown) => Promise<Answer<{ readonly position?: number }>>;

export class Outbox extends Model {
  letters: readonly Letter[];
  last: Acknowledged | null;
  readonly #shelf: Shelf;
  readonly #name: string;
  readonly #post: Post;
  readonly #isConnected: () => boolean;
  readonly #now: () => Date;

  constructor(shelf: Shelf, official: string, post: Post, isConnected: () => boolean, now: () => Date = () => new Date()) {
    super();
    this.#shelf = shelf;
    this.#name = `outbox/${official}`;
    this.#post = post;
    this.#isConnected = isConnected;
    this.#now = now;
    const kept = shelf.take<Kept>(this.#name);
    this.letters = (kept?.letters ?? []).map((each) => (each.state === "sending" ? { ...each, state: "unanswered" } : each));
    this.last = kept?.last ?? null;
  }

  /** Send what was just decided. Without a connection it is kept. A refusal is the caller's to show, and leaves nothing behind. */
  async send<T>(fresh: NewLetter): Promise<Answer<T> | { readonly kind: "kept" }> {
    const letter: Letter = { ...fresh, made: this.#now().toISOString(), state: "sending", refusal: null };
    if (!this.#isConnected()) {
      this.#put({ ...letter, state: "kept" });
      return { kind: "kept" };
    }
    this.#put(letter);
    const answer = await this.#try(letter);
    if (answer.kind === "refused" && !mayComeBack(answer)) this.#drop(letter.id);
    return answer as Answer<T>;
  }

  /** Send the same letter under the same id once more, whatever the connection is believed to be. */
  async sendAgain(id: string): Promise<Answer<unknown> | null> {
    const letter = this.letters.find((each) => each.id === id);
    if (letter === undefined || letter.state === "sending") return null;
    this.#put({ ...letter, state: "sending", refusal: null });
    const answer = await this.#try(letter);
    if (answer.kind === "refused" && !mayComeBack(answer)) {
      this.#put({ ...letter, state: "refused", refusal: { code: answer.code, detail: answer.detail } });
    }
    return answer;
  }

  /** Let go of a letter. What has arrived meanwhile is not taken back by this. */
  discard(id: string): Letter | null {
    const letter = this.letters.find((each) => each.id === id) ?? null;
    if (letter !== null) this.#drop(id);
    return letter;
  }

  async #try(letter: Letter): Promise<Answer<{ readonly position?: number }>> {
    const answer = await this.#post(letter.path, letter.body);
    if (answer.kind === "given") this.#acknowledge(letter, answer.value.position ?? 0);
    else if (mayComeBack(answer)) this.#put({ ...letter, state: "unanswered", refusal: null });
    return answer;
  }

  #acknowledge(letter: Letter, position: number): void {
    this.last = { id: letter.id, word: letter.word, about: letter.about, position, at: this.#now().toISOString() };
    this.#drop(letter.id);
  }

  #put(letter: Letter): void {
    const isKnown = this.letters.some((each) => each.id === letter.id);
    this.letters = isKnown ? this.letters.map((each) => (each.id === letter.id ? letter : each)) : [...this.letters, letter];
    this.#keep();
  }

  #drop(id: string): void {
    this.letters = this.letters.filter((each) => each.id !== id);
    this.#keep();
  }

  #keep(): void {
    this.#shelf.put(this.#name, { letters: this.letters, last: this.last } satisfies Kept);
    this.told();
  }
}
