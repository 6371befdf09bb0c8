/** How a component reads from the server, wherever it stands: pages of officials notice by it when a session is over. */

import { getContext, setContext } from "svelte";
import type { Answer } from "./api.ts";

export type Read = <T>(path: string) => Promise<Answer<T>>;

const KEY = Symbol("reader");

export function setReader(read: Read): void {
  setContext(KEY, read);
}

export function getReader(): Read {
  return getContext<Read>(KEY);
}
