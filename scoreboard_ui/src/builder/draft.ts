/** The draft as it is, as it was, and as it is kept in this browser. Every change can be undone; typing in one field is one change. */

import { Shelf, type Store } from "../room/storage.ts";
import { Model } from "../room/watching.ts";
import { blank } from "./blank.ts";
import type { Contestant, Draft } from "./types.ts";

export const STEPS_KEPT = 200;
export const SHELF = "builder";
const DRAFT = "draft";
const PEOPLE = "contestants";

/** kept: it outlives this page. full: the browser takes no more, so that it has to be saved as a file. */
export type Keeping = "kept" | "full";

interface Kept {
  readonly times: number;
  readonly document: Draft;
}

export class DraftStore extends Model {
  keeping: Keeping = "kept";
  readonly #store: Store;
  readonly #shelf: Shelf;
  #now: Draft;
  #before: Draft[] = [];
  #after: Draft[] = [];
  /** What the last change was about: the next about the same belongs to it. */
  #topic: string | null = null;
  #keptPeople: readonly Contestant[] | undefined;
  /** How often it was kept. What is kept therefore differs every time, and other windows hear of it. */
  #times = 0;

  constructor(store: Store) {
    super();
    this.#store = store;
    this.#shelf = new Shelf(store, SHELF);
    this.#now = this.#kept() ?? blank();
    this.#keptPeople = this.#now.contestants;
  }

  get document(): Draft {
    return this.#now;
  }

  get canUndo(): boolean {
    return this.#before.length > 0;
  }

  get canRedo(): boolean {
    return this.#after.length > 0;
  }

  /** Whether nothing was drafted yet. */
  get isBlank(): boolean {
    return JSON.stringify(this.#now) === JSON.stringify(blank());
  }

  /** Let this hold. With a `topic`, changes about the same one after the other are undone together. */
  change(next: Draft, topic: string | null = null): void {
    if (next === this.#now) return;
    if (topic === null || topic !== this.#topic) this.#before = [...this.#before.slice(1 - STEPS_KEPT), this.#now];
    this.#topic = topic;
    this.#after = [];
    this.#hold(next);
  }

  /** What comes next is another change, although it is about the same. */
  seal(): void {
    this.#topic = null;
  }

  undo(): void {
    const last = this.#before.at(-1);
    if (last === undefined) return;
    this.#before = this.#before.slice(0, -1);
    this.#after = [...this.#after, this.#now];
    this.#topic = null;
    this.#hold(last);
  }

  redo(): void {
    const next = this.#after.at(-1);
    if (next === undefined) return;
    this.#after = this.#after.slice(0, -1);
    this.#before = [...this.#before, this.#now];
    this.#topic = null;
    this.#hold(next);
  }

  /** Another window of this browser kept a draft under this name: it holds here, too, and what stood here is one undo away. */
  heard(key: string | null): void {
    if (key !== null && key !== `${SHELF}/${DRAFT}`) return;
    const theirs = this.#kept();
    if (theirs === null || JSON.stringify(theirs) === JSON.stringify(this.#now)) return;
    this.#before = [...this.#before.slice(1 - STEPS_KEPT), this.#now];
    this.#after = [];
    this.#topic = null;
    this.#now = theirs;
    this.#keptPeople = theirs.contestants;
    this.told();
  }

  #hold(next: Draft): void {
    this.#now = next;
    this.keeping = this.#keep() ? "kept" : "full";
    this.told();
  }

  /** Contestants are kept apart: they are many, and seldom change. */
  #keep(): boolean {
    const { contestants, ...rest } = this.#now;
    try {
      if (contestants !== this.#keptPeople || this.keeping === "full") this.#store.setItem(`${SHELF}/${PEOPLE}`, JSON.stringify(contestants ?? null));
      this.#keptPeople = contestants;
      const kept: Kept = { times: ++this.#times, document: rest as Draft };
      this.#store.setItem(`${SHELF}/${DRAFT}`, JSON.stringify(kept));
      return true;
    } catch {
      return false;
    }
  }

  #kept(): Draft | null {
    const kept = this.#shelf.take<Kept>(DRAFT);
    const rest = kept?.document;
    if (kept == null || rest == null || typeof rest !== "object" || rest.format !== 1 || !Array.isArray(rest.venues) || !Array.isArray(rest.stages)) return null;
    this.#times = kept.times;
    const contestants = this.#shelf.take<readonly Contestant[]>(PEOPLE);
    return Array.isArray(contestants) ? { ...rest, contestants } : rest;
  }
}
