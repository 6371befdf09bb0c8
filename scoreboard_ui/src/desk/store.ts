/** The browser's own database, where a desk's entries survive a reload, a kill and a flat battery. One database a venue. */

import { type Entry, type EntryStore, type Head } from "./outbox.ts";

const VERSION = 1;

export interface Kept {
  readonly entries: readonly Entry[];
  readonly head: Head | null;
}

export interface DeskStore extends EntryStore {
  /** Whether what is put here outlives this page. */
  readonly isLasting: boolean;
  load(): Promise<Kept>;
  take<T>(name: string): Promise<T | null>;
  keep(name: string, value: unknown): Promise<void>;
  forget(name: string): Promise<void>;
}

export class BrowserStore implements DeskStore {
  readonly isLasting = true;
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
  }

  static async open(name: string): Promise<BrowserStore> {
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("entries", { keyPath: "id" });
      request.result.createObjectStore("kept");
    };
    return new BrowserStore(await answered(request));
  }

  async load(): Promise<Kept> {
    const all = this.#database.transaction(["entries", "kept"], "readonly");
    const [entries, head] = await Promise.all([answered(all.objectStore("entries").getAll()), answered(all.objectStore("kept").get("head"))]);
    return { entries: entries as readonly Entry[], head: (head as Head | undefined) ?? null };
  }

  put(entries: readonly Entry[], head: Head): Promise<void> {
    return this.#write((shelf, kept) => {
      for (const entry of entries) shelf.put(entry);
      kept.put(head, "head");
    });
  }

  remove(ids: readonly number[], head: Head): Promise<void> {
    return this.#write((shelf, kept) => {
      for (const id of ids) shelf.delete(id);
      kept.put(head, "head");
    });
  }

  async take<T>(name: string): Promise<T | null> {
    const found: unknown = await answered(this.#database.transaction("kept", "readonly").objectStore("kept").get(name));
    return (found as T | undefined) ?? null;
  }

  keep(name: string, value: unknown): Promise<void> {
    return this.#write((_, kept) => void kept.put(value, name));
  }

  forget(name: string): Promise<void> {
    return this.#write((_, kept) => void kept.delete(name));
  }

  /** Returns once it is on the disk, as far as the browser can say. */
  #write(act: (entries: IDBObjectStore, kept: IDBObjectStore) => void): Promise<void> {
    const all = this.#database.transaction(["entries", "kept"], "readwrite", { durability: "strict" });
    act(all.objectStore("entries"), all.objectStore("kept"));
    return new Promise((done, failed) => {
      all.oncomplete = () => done();
      all.onerror = all.onabort = () => failed(all.error ?? new Error("the browser's database refused"));
    });
  }
}

/** For a browser without a database. The page says loudly that a reload loses everything. */
export class FleetingStore implements DeskStore {
  readonly isLasting = false;
  readonly #kept = new Map<string, unknown>();
  readonly #entries = new Map<number, Entry>();
  #head: Head | null = null;

  async load(): Promise<Kept> {
    return { entries: [...this.#entries.values()], head: this.#head };
  }

  async put(entries: readonly Entry[], head: Head): Promise<void> {
    for (const entry of entries) this.#entries.set(entry.id, entry);
    this.#head = head;
  }

  async remove(ids: readonly number[], head: Head): Promise<void> {
    for (const id of ids) this.#entries.delete(id);
    this.#head = head;
  }

  async take<T>(name: string): Promise<T | null> {
    return (this.#kept.get(name) as T | undefined) ?? null;
  }

  async keep(name: string, value: unknown): Promise<void> {
    this.#kept.set(name, value);
  }

  async forget(name: string): Promise<void> {
    this.#kept.delete(name);
  }
}

export async function openStore(contest: string, venue: string): Promise<DeskStore> {
  try {
    return await BrowserStore.open(`desk/${contest}/${venue}`);
  } catch {
    return new FleetingStore();
  }
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error ?? new Error("the browser's database refused"));
  });
}
