/**
 * The draft as this browser keeps it for all its windows. What is kept says which changes of which windows it builds on, so that a window
 * sees when something was kept that does not know its own changes. Refuses to write over what it has not seen.
 */

import { newId } from "../room/ids.ts";
import { Shelf, type Store } from "../room/storage.ts";
import type { Contestant, Draft } from "./types.ts";

export const SHELF = "builder";
const DRAFT = "draft";
const PEOPLE = "people";
/** Where they were kept before they had a name, as a list alone; windows of such a page go on with it, and never see what they cannot read. */
const PEOPLE_BEFORE = "contestants";
/** Where this is kept in the browser: whose change another window hears of. */
export const KEPT_AT = `${SHELF}/${DRAFT}`;
const PEOPLE_AT = `${SHELF}/${PEOPLE}`;
/** Of so many windows it is known what they changed; who is pushed out is asked once too often. */
const WINDOWS_MAX = 8;

/** Contestants are kept beside the draft. Which ones they are, both say: another window may have written its own over them. */
interface KeptPeople {
  readonly name: string;
  readonly list: readonly Contestant[] | null;
}

/** How often each window kept something, by its name. */
type Known = Readonly<Record<string, number>>;

interface Kept {
  readonly times: number;
  readonly document: Draft;
  /** Which contestants belong to it. */
  readonly people?: string;
  readonly knows?: Known;
  /** Which draft it is: another one wherever somebody began anew. */
  readonly draft?: string;
  /** The draft that was given up for it by somebody who saw both. */
  readonly instead?: string | undefined;
}

export interface Found {
  readonly document: Draft;
  /** It builds on everything that this window kept. */
  readonly knowsMine: boolean;
  /** It is another draft, and nobody chose it instead of this window's. */
  readonly isOther: boolean;
  /** Which contestants stand in it. */
  readonly people: string;
  readonly texts: readonly [string, string | null];
  readonly kept: Kept;
}

/** behind: another window kept something that this one has not seen. full: the browser takes no more. */
export type Outcome = "kept" | "behind" | "full";

export class DraftShelf {
  readonly #store: Store;
  readonly #shelf: Shelf;
  #me: string;
  #own = 0;
  #knows: Known = {};
  #draft: string;
  #instead: string | undefined;
  #times = 0;
  #text: string | null = null;
  /** What is kept was written by this window. */
  #isMine = false;
  #peopleText: string | null = null;
  #people: readonly Contestant[] | undefined;
  #peopleName = "";
  /** The contestants have to be written, whether they changed or not. */
  #owesPeople = true;

  constructor(store: Store, me: string = newId("window")) {
    this.#store = store;
    this.#shelf = new Shelf(store, SHELF);
    this.#me = me;
    this.#draft = me;
  }

  /** What is kept and was not seen yet; null where there is nothing new, or nothing that is a draft. */
  look(): Found | null {
    const text = this.#read(KEPT_AT);
    const peopleText = this.#read(PEOPLE_AT);
    if (text === null || (text === this.#text && peopleText === this.#peopleText)) return null;
    const kept = this.#shelf.take<Kept>(DRAFT);
    const rest = kept?.document;
    if (kept == null || rest == null || typeof rest !== "object" || rest.format !== 1 || !Array.isArray(rest.venues) || !Array.isArray(rest.stages)) return null;
    const people = this.#takePeople();
    const onlyPeople = text === this.#text;
    return {
      document: Array.isArray(people.list) ? { ...rest, contestants: people.list } : rest,
      knowsMine: onlyPeople ? !this.#isMine : knownIn(kept, this.#me) >= this.#own,
      isOther: (kept.draft ?? "") !== this.#draft && kept.instead !== this.#draft,
      people: people.name,
      texts: [text, peopleText],
      kept,
    };
  }

  /** From here on this window builds on what it found. */
  follow(found: Found, asDraft: string = found.kept.draft ?? ""): void {
    [this.#text, this.#peopleText] = found.texts;
    this.#isMine = false;
    if (isWhole(found)) this.#knows = { ...without(this.#knows, found.kept.knows), ...found.kept.knows };
    this.#times = found.kept.times;
    this.#people = found.document.contestants;
    this.#peopleName = found.people;
    this.#owesPeople = false;
    if (asDraft !== found.kept.draft && asDraft === this.#draft) this.#instead = found.kept.draft;
    else [this.#draft, this.#instead] = [asDraft, undefined];
  }

  /** Somebody saw both: what this window kept before is decided. Who is not known any more goes on under another name, to be asked no more. */
  settle(found: Found, asDraft?: string): void {
    this.follow(found, asDraft);
    if (knownIn(found.kept, this.#me) >= this.#own) return;
    [this.#me, this.#own] = [newId("window"), 0];
  }

  get draft(): string {
    return this.#draft;
  }

  /** This window goes on with this draft, which it had before it was left. */
  resume(draft: string): void {
    this.#draft = draft;
  }

  /** What is kept next is another draft than what was kept before. */
  beginAnew(): void {
    [this.#draft, this.#instead] = [`${this.#me}/${this.#own}`, undefined];
  }

  keep(document: Draft): Outcome {
    const there = this.#read(KEPT_AT);
    if (there !== this.#text && there !== null) return "behind";
    const { contestants, ...rest } = document;
    const knows = lately({ ...this.#knows, [this.#me]: this.#own + 1 }, this.#me);
    try {
      if (there === null || this.#owesPeople || contestants !== this.#people) this.#keepPeople(contestants);
      const kept: Kept = { times: this.#times + 1, document: rest as Draft, people: this.#peopleName, knows, draft: this.#draft, ...(this.#instead === undefined ? {} : { instead: this.#instead }) };
      const text = JSON.stringify(kept);
      this.#store.setItem(KEPT_AT, text);
      [this.#text, this.#times, this.#knows] = [text, kept.times, knows];
      this.#isMine = true;
      this.#own += 1;
      return "kept";
    } catch {
      return "full";
    }
  }

  /** Contestants are kept apart: they are many, and seldom change. */
  #keepPeople(contestants: readonly Contestant[] | undefined): void {
    this.#owesPeople = true;
    const name = `${this.#me}/${this.#own + 1}`;
    const text = JSON.stringify({ name, list: contestants ?? null } satisfies KeptPeople);
    this.#store.setItem(PEOPLE_AT, text);
    [this.#people, this.#peopleName, this.#peopleText, this.#owesPeople] = [contestants, name, text, false];
  }

  /** Those of an older page only where this one kept none yet. */
  #takePeople(): KeptPeople {
    return peopleIn(this.#shelf.take(PEOPLE)) ?? peopleIn(this.#shelf.take(PEOPLE_BEFORE)) ?? { name: "", list: null };
  }

  #read(key: string): string | null {
    try {
      return this.#store.getItem(key);
    } catch {
      return null;
    }
  }
}

/** What is kept may be anything; null where it is no contestants. */
function peopleIn(kept: unknown): KeptPeople | null {
  if (Array.isArray(kept)) return { name: "", list: kept };
  return typeof kept === "object" && kept !== null && "name" in kept && typeof kept.name === "string" ? (kept as KeptPeople) : null;
}

/** Its own contestants stand in it: whoever goes on from it knows all that those before it changed. */
function isWhole(found: Found): boolean {
  return (found.kept.people ?? "") === found.people;
}

function knownIn(kept: Kept, window: string): number {
  return kept.knows?.[window] ?? 0;
}

function without(knows: Known, others: Known = {}): Known {
  return Object.fromEntries(Object.entries(knows).filter(([name]) => !(name in others)));
}

/** Those who kept something last, this window in any case. */
function lately(knows: Known, me: string): Known {
  const others = Object.entries(knows).filter(([name]) => name !== me);
  return Object.fromEntries([...others.slice(1 - WINDOWS_MAX), [me, knows[me]!]]);
}
