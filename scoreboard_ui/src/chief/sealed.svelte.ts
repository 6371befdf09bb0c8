/** Blind codes while they are shown, in the memory of this page only: another part of it does not lose them, and nothing stores them. */

import { getContext, setContext } from "svelte";

/** Whose a code is, and the code. */
export type Code = readonly [string, string];

export class Sealed {
  codes = $state.raw<readonly Code[]>([]);
  layer = $state(0);

  show(layer: number, codes: readonly Code[]): void {
    this.layer = layer;
    this.codes = codes;
  }

  hide(): void {
    this.codes = [];
  }
}

const KEY = Symbol("sealed");

export function setSealed(): Sealed {
  return setContext(KEY, new Sealed());
}

export function getSealed(): Sealed {
  return getContext<Sealed>(KEY);
}
