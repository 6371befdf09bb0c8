/** Asking the server. An answer is always one of three: it was given, it was refused with a code, or nobody answered. It never throws. */

export interface Refused {
  readonly kind: "refused";
  readonly status: number;
  /** A stable word. */
  readonly code: string;
  /** The server's own sentence. */
  readonly detail: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export type Answer<T> = { readonly kind: "given"; readonly value: T } | Refused | { readonly kind: "unreachable" };

export type Fetch = (address: string, how: RequestInit) => Promise<Response>;

const LIMIT_MS = 20_000;

export class Api {
  readonly #base: string;
  readonly #fetch: Fetch;

  /** `base` is the address of the contest's part of the API, without a slash at its end. */
  constructor(base: string, fetcher: Fetch = (address, how) => fetch(address, how)) {
    this.#base = base;
    this.#fetch = fetcher;
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
        headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(LIMIT_MS),
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

async function understood<T>(response: Response): Promise<Answer<T>> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return { kind: "given", value: body as T };
  const said = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const code = typeof said["code"] === "string" ? said["code"] : `http_${response.status}`;
  const detail = typeof said["detail"] === "string" ? said["detail"] : "";
  return { kind: "refused", status: response.status, code, detail, body: said };
}

/** The address of a contest's part of the API, as this page reaches it. */
export function apiBase(contest: string, page: string = document.baseURI): string {
  return new URL(`api/contests/${encodeURIComponent(contest)}`, page).href;
}

/** The parts of a path, each written so that it stays one part. */
export function path(...parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join("");
}
