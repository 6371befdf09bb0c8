/** A screen that asks to be let in: it shows a code, asks what became of it, and keeps the token that it is given. Shows nothing itself. */

import type { Api } from "../room/api.ts";
import type { Shelf } from "../room/storage.ts";

export interface Paired {
  readonly contest: string;
  readonly name: string;
}

interface Opened {
  readonly code: string;
  readonly secret: string;
  readonly poll_every_s: number;
}

type Polled = { readonly state: "waiting" } | ({ readonly state: "paired"; readonly token: string } & Paired);

export interface Told {
  code(code: string | null, isSilent: boolean): void;
  paired(paired: Paired): void;
}

const KEY = "display";
const AGAIN_MS = 4_000;

/** `authorized` asks with the screen's own token. `wait` resolves after so many milliseconds; false ends it all. */
export class Pairing {
  readonly #api: Api;
  readonly #shelf: Shelf;
  readonly #told: Told;
  readonly #authorized: (token: string) => Api;
  readonly #wait: (ms: number) => Promise<boolean>;

  constructor(api: Api, shelf: Shelf, told: Told, authorized: (token: string) => Api, wait: (ms: number) => Promise<boolean>) {
    this.#api = api;
    this.#shelf = shelf;
    this.#told = told;
    this.#authorized = authorized;
    this.#wait = wait;
  }

  /** Returns once the screen is paired, now or from before, or the wait was ended. */
  async run(): Promise<void> {
    do {
      if ((await this.#known()) || (await this.#once())) return;
    } while (await this.#wait(AGAIN_MS));
  }

  /** Whether a token from before is still good. One that is not is forgotten; whether it is may be unknown for now. */
  async #known(): Promise<boolean> {
    const kept = this.#shelf.take<Paired & { token: string }>(KEY);
    if (kept === null) return false;
    const answer = await this.#authorized(kept.token).get(`/contests/${encodeURIComponent(kept.contest)}/displays/me`);
    if (answer.kind === "refused" && answer.status < 500) {
      this.#shelf.drop(KEY);
      return false;
    }
    this.#told.paired({ contest: kept.contest, name: kept.name });
    return true;
  }

  /** One code, until it is over. */
  async #once(): Promise<boolean> {
    const opened = await this.#api.post<Opened>("/displays/pairings", {});
    if (opened.kind !== "given") {
      this.#told.code(null, true);
      return false;
    }
    const { code, secret, poll_every_s } = opened.value;
    this.#told.code(code, false);
    while (await this.#wait(poll_every_s * 1_000)) {
      const polled = await this.#api.post<Polled>("/displays/pairings/poll", { secret });
      if (polled.kind === "refused" && polled.status === 404) return false;
      this.#told.code(code, polled.kind !== "given");
      if (polled.kind === "given" && polled.value.state === "paired") {
        const { contest, name, token } = polled.value;
        this.#shelf.put(KEY, { contest, name, token });
        this.#told.paired({ contest, name });
        return true;
      }
    }
    return true;
  }
}
