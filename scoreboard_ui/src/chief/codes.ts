/** Which draw or reveal of blind codes is on its way. Its id is kept until it was answered: the same act sent again is told the same codes. */

import { newId } from "../room/ids.ts";
import type { Shelf } from "../room/storage.ts";

export class OnTheWay {
  readonly #shelf: Shelf;
  readonly #name: string;
  readonly #newId: (what: string) => string;

  constructor(shelf: Shelf, official: string, id: (what: string) => string = newId) {
    this.#shelf = shelf;
    this.#name = `blind/${official}`;
    this.#newId = id;
  }

  /** What an act of this kind said that nobody has answered yet; null: there is none. */
  left(what: string): string | null {
    const left = this.#shelf.take<{ what: string; says: string }>(this.#name);
    return left?.what === what ? left.says : null;
  }

  /** The id for this act: that of last time, if it said the same and was not answered. `says` holds no secret. */
  id(what: string, says: string): string {
    const left = this.#shelf.take<{ what: string; says: string; id: string }>(this.#name);
    if (left?.what === what && left.says === says) return left.id;
    const id = this.#newId(what);
    this.#shelf.put(this.#name, { what, says, id });
    return id;
  }

  answered(): void {
    this.#shelf.drop(this.#name);
  }
}
