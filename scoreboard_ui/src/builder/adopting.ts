/** Adopting a document as it is written, byte by byte what was downloaded. */

import { type Answer, type Fetch, understood } from "../room/api.ts";

const LIMIT_MS = 60_000;

export async function adoptText<T>(address: string, toml: string, fetcher: Fetch = (where, how) => fetch(where, how)): Promise<Answer<T>> {
  try {
    const headers = { accept: "application/json", "accept-language": "mul", "content-type": "application/toml" };
    return await understood<T>(await fetcher(address, { method: "POST", headers, body: toml, signal: AbortSignal.timeout(LIMIT_MS) }));
  } catch {
    return { kind: "unreachable" };
  }
}
