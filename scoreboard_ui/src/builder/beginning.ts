/** Beginning from a file: read as text or as bytes, and opened by the server into a draft. */

import type { Answer, Api } from "../room/api.ts";
import type { Fault } from "./answers.ts";
import { FILE_MAX_BYTES } from "./sheets.ts";
import type { Draft } from "./types.ts";

export interface Opened {
  readonly draft: Draft;
  readonly faults: readonly Fault[];
}

/** The bytes of a file as base64, as they travel; null where it is too large. */
export async function contentOf(file: Blob): Promise<string | null> {
  if (file.size > FILE_MAX_BYTES) return null;
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let from = 0; from < bytes.length; from += 0x8000) text += String.fromCharCode(...bytes.subarray(from, from + 0x8000));
  return btoa(text);
}

/** The list of contestants that a TOML names, which lies beside it and has to come with it; null: none. */
export function listNamedIn(toml: string): string | null {
  return /^\s*contestants_file\s*=\s*["']([^"'\n]+)["']/m.exec(toml)?.[1] ?? null;
}

export async function open(api: Api, toml: string, people: File | null): Promise<Answer<Opened>> {
  const content = people === null ? null : await contentOf(people);
  const bundle = people === null || content === null ? {} : { contestants_file: { name: people.name, content } };
  return api.post<Opened>("/builder/open", { toml, ...bundle });
}
