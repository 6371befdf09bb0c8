/** How somebody is called who did something: the ledger knows "official:C1", "account:mei", "token:9f0c…". */

import type { Names } from "../room/names.ts";
import type { Voice } from "../room/saying.ts";

const TOKEN_CHARS = 6;

export function personOf(author: string, t: Voice, names: Names): string {
  const [kind, who = ""] = author.split(/:(.*)/s);
  if (kind === "official") return names.official(t, who);
  return kind === "token" ? `#${who.slice(0, TOKEN_CHARS)}` : who || author;
}
