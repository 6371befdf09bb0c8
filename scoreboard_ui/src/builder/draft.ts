/**
 * The draft as it is, as it was, and as it is kept in this browser. Every change can be undone; typing in one field is one change. What
 * another window changed is taken over where nothing of this one is lost by it; else somebody has to choose.
 */

import { Memory, Shelf, type Store } from "../room/storage.ts";
import { Model } from "../room/watching.ts";
import { blank } from "./blank.ts";
import { DraftShelf, type Found, KEPT_AT, SHELF } from "./shelf.ts";
import type { Draft } from "./types.ts";

export const STEPS_KEPT = 200;
/** Where a tab keeps what is not chosen yet. */
const ASIDE = "aside";
/** The topic of whatever comes from another window: all of it one after the other is one change. */
const FROM_ELSEWHERE = "\u0000from another window";

/** kept: it outlives this page. full: the browser takes no more, so that it has to be saved as a file. */
export type Keeping = "kept" | "full";

/** Two windows went on from the same draft, or one of them began another. */
export interface Conflict {
  readonly mine: Draft;
  readonly theirs: Draft;
  /** What both began with, as far as this window knows. */
  readonly base: Draft;
  /** The other is another draft altogether. */
  readonly isOther: boolean;
}

interface Aside {
  readonly mine: Draft;
  /** Without it, where the tab takes no more: then all that differs is taken for a change of this window. */
  readonly base?: Draft;
  readonly draft: string;
}

export class DraftStore extends Model {
  keeping: Keeping = "kept";
  conflict: Conflict | null = null;
  /** The last change was made in another window. */
  isFollowing = false;
  readonly #shelf: DraftShelf;
  readonly #tab: Shelf;
  #now: Draft = blank();
  /** What this window and the others agreed on last. */
  #base: Draft = this.#now;
  #found: Found | null = null;
  /** What stands here is kept nowhere but in this tab. */
  #isUnkept = false;
  #before: Draft[] = [];
  #after: Draft[] = [];
  /** What the last change was about: the next about the same belongs to it. */
  #topic: string | null = null;

  /** `tab` outlives a reload, and is no other window's. */
  constructor(store: Store, tab: Store = new Memory()) {
    super();
    this.#shelf = new DraftShelf(store);
    this.#tab = new Shelf(tab, SHELF);
    const aside = this.#tab.take<Aside>(ASIDE);
    const found = this.#shelf.look();
    if (found !== null) this.#agree(found);
    if (aside !== null) this.#takeUp(aside, found);
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
    return (this.#now.contestants ?? []).length === 0 && same(this.#now, blank());
  }

  /** Let this hold. With a `topic`, changes about the same one after the other are undone together. */
  change(next: Draft, topic: string | null = null): void {
    if (next === this.#now) return;
    if (topic === null || topic !== this.#topic) this.#remember();
    this.#topic = topic;
    this.#after = [];
    this.#hold(next);
  }

  /** Another draft in the place of this one: other windows are asked whether they want it, too. */
  begin(next: Draft): void {
    if (!this.isBlank) this.#shelf.beginAnew();
    this.change(next);
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
    this.#remember();
    this.#topic = null;
    this.#hold(next);
  }

  /** Another window of this browser kept a draft under this name (null: look whether one did). */
  heard(key: string | null): void {
    if (key !== null && key !== KEPT_AT) return;
    const found = this.#shelf.look();
    if (found === null) return;
    if (same(found.document, this.#now)) this.#agree(found);
    else if (!this.#isUnkept && (this.isBlank || (found.knowsMine && !found.isOther))) this.#go(found);
    else this.#part(found);
    this.told();
  }

  /** Somebody saw both, and wants this. What was given up is one undo away. */
  decide(chosen: Draft): void {
    const { conflict } = this;
    const found = this.#found;
    if (conflict === null || found === null) return;
    this.#before = [...this.#before, ...[conflict.theirs, conflict.mine].filter((each) => !same(each, chosen))].slice(-STEPS_KEPT);
    const isTheirs = same(chosen, conflict.theirs);
    this.#shelf.settle(found, isTheirs ? found.kept.draft : this.#shelf.draft);
    this.#base = found.document;
    this.#end();
    this.#topic = null;
    this.#after = [];
    if (isTheirs) {
      this.#now = found.document;
      this.told();
    } else this.#hold(chosen);
  }

  #remember(): void {
    this.#before = [...this.#before.slice(1 - STEPS_KEPT), this.#now];
  }

  #hold(next: Draft): void {
    this.#now = next;
    this.isFollowing = false;
    const outcome = this.conflict === null ? this.#shelf.keep(next) : "behind";
    this.#isUnkept = outcome !== "kept";
    if (outcome !== "behind") this.keeping = outcome;
    else this.#fallBehind();
    this.told();
  }

  /** Nothing was kept: another window has kept something meanwhile, or what is kept there is no draft and is left alone. */
  #fallBehind(): void {
    const found = this.#shelf.look() ?? this.#found;
    if (found !== null) return this.#part(found);
    this.keeping = "full";
    this.#putAside();
  }

  /** Follow another window. */
  #go(found: Found): void {
    if (this.#topic !== FROM_ELSEWHERE) this.#remember();
    this.#topic = FROM_ELSEWHERE;
    this.#after = [];
    this.isFollowing = true;
    this.#agree(found);
  }

  #agree(found: Found): void {
    this.#shelf.follow(found);
    this.#now = this.#base = found.document;
    this.#end();
  }

  #part(found: Found): void {
    this.#found = found;
    this.conflict = { mine: this.#now, theirs: found.document, base: this.#base, isOther: found.isOther };
    this.#putAside();
  }

  /** With less, where all of it does not fit; rather nothing than what it was before. */
  #putAside(): void {
    const least: Aside = { mine: this.#now, draft: this.#shelf.draft };
    if (!this.#tab.put(ASIDE, { ...least, base: this.#base } satisfies Aside)) this.#tab.replace(ASIDE, least);
  }

  #end(): void {
    this.#found = this.conflict = null;
    this.#isUnkept = false;
    this.keeping = "kept";
    this.#tab.drop(ASIDE);
  }

  /** What nobody had chosen when this tab was left. */
  #takeUp({ mine, base, draft }: Aside, found: Found | null): void {
    if (found !== null && same(mine, found.document)) return;
    this.#shelf.resume(draft);
    if (found === null) return this.#takeBack(mine);
    this.#now = mine;
    this.#base = base ?? found.document;
    this.#isUnkept = true;
    this.#part({ ...found, isOther: (found.kept.draft ?? "") !== draft });
  }

  /** There is nothing to choose from any more. */
  #takeBack(mine: Draft): void {
    this.#hold(mine);
    if (!this.#isUnkept) this.#tab.drop(ASIDE);
  }
}

function same(one: Draft, other: Draft): boolean {
  return one === other || JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

/** With its names in one order: whichever window said them first does not matter. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, each]) => [name, sorted(each)]));
}
