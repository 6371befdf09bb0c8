/** Asking the server, for sentences in both languages. An answer is always one of three: it was given, it was refused with a code, or nobody answered. It never throws. */

import type { Sentence } from "../board/types.ts";

export interface Refused {
  readonly kind: "refused";
  readonly status: number;
  /** A stable word. */
  readonly code: string;
  /** The server's own sentence. */
  readonly detail: Sentence;
  readonly body: Readonly<Record<string, unknown>>;
}

export type Answer<T> = { readonly kind: "given"; readonly value: T } | Refused | { readonly kind: "unreachable" };

export type Fetch = (address: string, how: RequestInit) => Promise<Response>;

const LIMIT_MS = 20_000;

export class Api {
  readonly #base: string;
  readonly #fetch: Fetch;
  readonly #limit_ms: number;

  /** `base` is the address of the contest's part of the API, without a slash at its end. */
  constructor(base: string, fetcher: Fetch = (address, how) => fetch(address, how), limit_ms: number = LIMIT_MS) {
    this.#base = base;
    this.#fetch = fetcher;
    this.#limit_ms = limit_ms;
  }

  get<T>(path: string): Promise<Answer<T>> {
    return this.#ask("GET", path, undefined);
  }

  post<T>(path: string, body: unknown): Promise<Answer<T>> {
    return this.#ask("POST", path, body);
  }

  delete<T>(path: string): Promise<Answer<T>> {
    return this.#ask("DELETE", path, undefined);
  }

  async #ask<T>(method: string, path: string, body: unknown): Promise<Answer<T>> {
    try {
      const response = await this.#fetch(`${this.#base}${path}`, {
        method,
        headers: { accept: "application/json", "accept-language": "mul", ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(this.#limit_ms),
      });
      return await understood<T>(response);
    } catch {
      return { kind: "unreachable" };
    }
  }
}

/** Whether nobody said no: it is worth asking again later, without changing anything. What a broken server did is not known either. */
export function mayComeBack(answer: Answer<unknown>): boolean {
  return answer.kind === "unreachable" || (answer.kind === "refused" && answer.status >= 500);
}

/** What an answer of the server says. */
export async function understood<T>(response: Response): Promise<Answer<T>> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return { kind: "given", value: body as T };
  const said = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const code = typeof said["code"] === "string" ? said["code"] : `http_${response.status}`;
  const detail = isSentence(said["detail"]) ? said["detail"] : "";
  return { kind: "refused", status: response.status, code, detail, body: said };
}

function isSentence(said: unknown): said is Sentence {
  return typeof said === "string" || (typeof said === "object" && said !== null && "zh" in said && "en" in said);
}

/** The address of a contest's part of the API, as this page reaches it. */
export function apiBase(contest: string, page: string = document.baseURI): string {
  return new URL(`api/contests/${encodeURIComponent(contest)}`, page).href;
}

/** The parts of a path, each written so that it stays one part. */
export function path(...parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join("");
}
