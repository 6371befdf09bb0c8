/**
 * What an operator entered, until the server has answered it, and afterwards. One law: a number is given once, kept for ever, and sent
 * until it is answered. A number is given only on the way to the wire, so that what has none can be undone. Numbers have no gaps.
 * Everything is stored before it counts: an entry before it is shown, a number before it is sent, an answer before it is believed.
 */

import type { Sentence } from "../board/types.ts";
import { Model } from "../room/watching.ts";

export type Kind = "start" | "clear" | "attempt" | "evidence" | "violation" | "withdraw" | "note";

/** An event as it travels, without its number. */
export interface VenueEvent {
  readonly kind: Kind;
  readonly at: string;
  readonly contestant?: string;
  readonly stage?: string;
  readonly attempt?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface Refusal {
  readonly code: string;
  readonly detail: Sentence;
}

/** `id` is the order in which it was entered here. `seq`: the number it was given for the wire. `position`: where the server has it. */
export interface Entry {
  readonly id: number;
  readonly seq: number | null;
  readonly made_ms: number;
  readonly event: VenueEvent;
  readonly position: number | null;
  readonly refusal: Refusal | null;
  /** Somebody has dealt with the refusal. */
  readonly settled: boolean;
}

export type EntryState = "waiting" | "sent" | "acknowledged" | "refused" | "settled";

export interface Acknowledged {
  readonly seq: number;
  readonly position: number;
  /** When the answer came, by this device's clock. */
  readonly at: string;
}

/** What stands beside the entries: as which source, and how far its numbers go. */
export interface Head {
  readonly source: string;
  readonly lastSeq: number;
  readonly nextId: number;
  readonly last: Acknowledged | null;
}

/** Where entries survive. A put is whole or not at all, and durable when it returns. */
export interface EntryStore {
  put(entries: readonly Entry[], head: Head): Promise<void>;
  remove(ids: readonly number[], head: Head): Promise<void>;
}

export interface Numbered {
  readonly seq: number;
  readonly event: VenueEvent;
}

export const ENTRIES_MAX = 20_000;

export function stateOf(entry: Entry): EntryState {
  if (entry.refusal !== null) return entry.settled ? "settled" : "refused";
  if (entry.position !== null) return "acknowledged";
  return entry.seq === null ? "waiting" : "sent";
}

export function isAnswered(entry: Entry): boolean {
  return entry.position !== null || entry.refusal !== null;
}

/** It has no number yet, so nobody else knows of it. */
export function isHeld(entry: Entry): boolean {
  return entry.seq === null && !isAnswered(entry);
}

export function freshHead(source: string): Head {
  return { source, lastSeq: 0, nextId: 1, last: null };
}

export class Full extends Error {}

export class Outbox extends Model {
  entries: readonly Entry[];
  head: Head;
  /** How many answered entries the server wanted once more: it came back from a backup. */
  wantedAgain = 0;
  readonly #store: EntryStore;
  readonly #now: () => number;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: EntryStore, entries: readonly Entry[], head: Head, now: () => number = Date.now) {
    super();
    this.#store = store;
    this.#now = now;
    this.entries = [...entries].sort((one, other) => one.id - other.id);
    this.head = head;
  }

  get unsynced(): number {
    return this.entries.reduce((count, entry) => count + (isAnswered(entry) ? 0 : 1), 0);
  }

  /** Refused, and nobody has dealt with it. */
  get refused(): readonly Entry[] {
    return this.entries.filter((entry) => stateOf(entry) === "refused");
  }

  /** Keep an event. Raises Full. */
  enter(event: VenueEvent): Promise<Entry> {
    return this.#inTurn(async () => {
      if (this.entries.length >= ENTRIES_MAX) throw new Full(`${ENTRIES_MAX} entries on this device; begin anew as another device`);
      const entry: Entry = { id: this.head.nextId, seq: null, made_ms: this.#now(), event, position: null, refusal: null, settled: false };
      await this.#keep([entry], { ...this.head, nextId: entry.id + 1 });
      return entry;
    });
  }

  /** Take back what has no number yet; false: it has one by now, and may have arrived. */
  undo(id: number): Promise<boolean> {
    return this.#inTurn(async () => {
      const entry = this.entries.find((each) => each.id === id);
      if (entry === undefined || !isHeld(entry)) return false;
      await this.#store.remove([id], this.head);
      this.entries = this.entries.filter((each) => each.id !== id);
      this.told();
      return true;
    });
  }

  /** Give numbers to all that was made no later than this, in the order in which it was entered. */
  number(until_ms: number): Promise<void> {
    return this.#inTurn(async () => {
      const firstHeld = this.entries.findIndex((entry) => isHeld(entry) && entry.made_ms > until_ms);
      const due = this.entries.slice(0, firstHeld === -1 ? undefined : firstHeld).filter(isHeld);
      if (due.length === 0) return;
      const numbered = due.map((entry, nth) => ({ ...entry, seq: this.head.lastSeq + 1 + nth }));
      await this.#keep(numbered, { ...this.head, lastSeq: this.head.lastSeq + due.length });
    });
  }

  /** When the next entry that has no number was made; null: there is none. */
  get oldestHeld_ms(): number | null {
    return this.entries.find(isHeld)?.made_ms ?? null;
  }

  /** The server says up to where it has this source. "ahead": it has more than this device ever numbered, so another one speaks under its name. */
  resume(after: number): Promise<"same" | "ahead"> {
    return this.#inTurn(async () => {
      if (after > this.head.lastSeq) return "ahead";
      const lost = this.entries.filter((entry) => entry.seq !== null && entry.seq > after && isAnswered(entry));
      if (lost.length > 0) {
        this.wantedAgain += lost.length;
        await this.#keep(lost.map((entry) => ({ ...entry, position: null, refusal: null, settled: false })), this.head);
      }
      return "same";
    });
  }

  /** What the wire has to carry next, in order: whatever has a number and no answer. An answer that was lost is asked for again. */
  toSend(most: number, most_bytes: number): readonly Numbered[] {
    const batch: Numbered[] = [];
    let bytes = 64;
    for (const entry of this.entries) {
      if (entry.seq === null || isAnswered(entry)) continue;
      const next = { seq: entry.seq, event: entry.event };
      bytes += new TextEncoder().encode(JSON.stringify(next.event)).length + 24;
      if (batch.length > 0 && (batch.length >= most || bytes > most_bytes)) break;
      batch.push(next);
    }
    return batch.sort((one, other) => one.seq - other.seq);
  }

  /** Everything up to `seq` that was not refused is durable over there. */
  acknowledge(seq: number, position: number): Promise<void> {
    return this.#inTurn(async () => {
      const answered = this.entries.filter((entry) => entry.seq !== null && entry.seq <= seq && !isAnswered(entry)).map((entry) => ({ ...entry, position }));
      if (answered.length === 0) return;
      const last: Acknowledged = { seq, position, at: new Date(this.#now()).toISOString() };
      await this.#keep(answered, { ...this.head, last });
    });
  }

  refuse(seq: number, code: string, detail: Sentence): Promise<void> {
    return this.#inTurn(async () => {
      const entry = this.entries.find((each) => each.seq === seq && !isAnswered(each));
      if (entry !== undefined) await this.#keep([{ ...entry, refusal: { code, detail } }], this.head);
    });
  }

  /** Somebody has dealt with a refused entry; it stays in the list. */
  settle(id: number): Promise<void> {
    return this.#inTurn(async () => {
      const entry = this.entries.find((each) => each.id === id && each.refusal !== null);
      if (entry !== undefined) await this.#keep([{ ...entry, settled: true }], this.head);
    });
  }

  /** Go on as another device: what is answered stays answered, all else waits for a number of the new source. */
  startOver(source: string): Promise<void> {
    return this.#inTurn(async () => {
      const again = this.entries.map((entry) => (isAnswered(entry) ? { ...entry, seq: null } : { ...entry, seq: null, made_ms: this.#now() }));
      await this.#keep(again, { ...this.head, source, lastSeq: 0, last: null });
    });
  }

  async #keep(changed: readonly Entry[], head: Head): Promise<void> {
    await this.#store.put(changed, head);
    const byId = new Map(changed.map((entry) => [entry.id, entry]));
    const ids = new Set(this.entries.map((entry) => entry.id));
    const known = this.entries.map((entry) => byId.get(entry.id) ?? entry);
    const fresh = changed.filter((entry) => !ids.has(entry.id));
    this.entries = fresh.length === 0 ? known : [...known, ...fresh];
    this.head = head;
    this.told();
  }

  /** One change after the other, whatever happened to the one before. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act, act);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

/** An event as it goes over the wire. */
export function travelling(numbered: Numbered): Readonly<Record<string, unknown>> {
  return { seq: numbered.seq, ...numbered.event };
}
