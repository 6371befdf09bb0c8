/** Whom this phone follows, of one contest: kept in the browser, told to nobody. Refuses more than the server shows in one view. */

import type { ContestantId } from "../board/types.ts";
import { Shelf, type Store } from "../room/storage.ts";

export const FOLLOWED_MAX = 100;

export class Following {
  readonly #shelf: Shelf;
  readonly #contest: string;
  #ids: readonly ContestantId[];

  constructor(store: Store, contest: string) {
    this.#shelf = new Shelf(store, "follow");
    this.#contest = contest;
    this.#ids = kept(this.#shelf.take(contest));
  }

  /** In the order in which they were chosen. */
  get ids(): readonly ContestantId[] {
    return this.#ids;
  }

  /** Follow, or follow no more. False where there is no room for another. */
  toggle(id: ContestantId): boolean {
    const isFollowed = this.#ids.includes(id);
    if (!isFollowed && this.#ids.length >= FOLLOWED_MAX) return false;
    this.#ids = isFollowed ? this.#ids.filter((each) => each !== id) : [...this.#ids, id];
    this.#shelf.put(this.#contest, this.#ids);
    return true;
  }

  /** Another tab of this browser may have changed it. */
  look(): void {
    this.#ids = kept(this.#shelf.take(this.#contest));
  }
}

/** What stands in a browser's store may be anything. */
function kept(raw: unknown): readonly ContestantId[] {
  if (!Array.isArray(raw)) return [];
  return [...new Set(raw.filter((each): each is string => typeof each === "string" && each !== ""))].slice(0, FOLLOWED_MAX);
}
