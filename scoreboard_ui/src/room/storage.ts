/** What has to outlive a reload, in the browser's own store for this tab. A store that is full or forbidden loses nothing but the reload. */

export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A part of a store, as JSON under names that begin alike. */
export class Shelf {
  readonly #store: Store;
  readonly #name: string;

  constructor(store: Store, name: string) {
    this.#store = store;
    this.#name = name;
  }

  take<T>(key: string): T | null {
    try {
      const text = this.#store.getItem(`${this.#name}/${key}`);
      return text === null ? null : (JSON.parse(text) as T);
    } catch {
      return null;
    }
  }

  /** False: the store takes no more, and what was there before stays. */
  put(key: string, value: unknown): boolean {
    try {
      this.#store.setItem(`${this.#name}/${key}`, JSON.stringify(value));
      return true;
    } catch {
      // It is kept in memory anyhow; what is lost is only the reload.
      return false;
    }
  }

  /** As `put`, where nothing is better than what was there before. */
  replace(key: string, value: unknown): boolean {
    const isKept = this.put(key, value);
    if (!isKept) this.drop(key);
    return isKept;
  }

  drop(key: string): void {
    try {
      this.#store.removeItem(`${this.#name}/${key}`);
    } catch {
      // As above.
    }
  }
}

/** For pages whose browser has no store at all. */
export class Memory implements Store {
  readonly #kept = new Map<string, string>();

  getItem(key: string): string | null {
    return this.#kept.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#kept.set(key, value);
  }

  removeItem(key: string): void {
    this.#kept.delete(key);
  }
}

export function browserStore(which: "sessionStorage" | "localStorage"): Store {
  try {
    return globalThis[which];
  } catch {
    return new Memory();
  }
}
