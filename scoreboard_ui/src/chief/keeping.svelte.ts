/** A form that is being filled in. It survives a reload and another part of the page; it never sends itself, and holds no password. */

import type { Shelf } from "../room/storage.ts";

interface Owner {
  readonly shelf: Shelf;
  readonly official: string;
}

export interface Kept<F> {
  /** What was typed, to be bound to fields. */
  readonly form: F;
  clear(): void;
}

/** The form of this official by this name, as it was left. To be called while a component is made. */
export function keeping<F extends object>(owner: Owner, name: string, empty: F): Kept<F> {
  const key = `form/${owner.official}/${name}`;
  const shelf = owner.shelf;
  const form = $state<F>({ ...structuredClone(empty), ...known(empty, shelf.take<Partial<F>>(key)) });
  $effect(() => {
    const now = $state.snapshot(form);
    if (JSON.stringify(now) === JSON.stringify(empty)) shelf.drop(key);
    else shelf.put(key, now);
  });
  return { form, clear: () => void Object.assign(form, structuredClone(empty)) };
}

/** Only fields that this form has, whatever an older page left there. */
export function known<F extends object>(empty: F, left: Partial<F> | null): Partial<F> {
  const fields = Object.entries(left ?? {}).filter(([name, value]) => typeof value === typeof (empty as Record<string, unknown>)[name]);
  return Object.fromEntries(fields) as Partial<F>;
}
