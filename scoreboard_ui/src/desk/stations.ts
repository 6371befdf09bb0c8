/** The station that this desk works at. It is held by saying so every 10 s; who else holds it is shown. Nothing is forbidden. */

import type { Answer } from "../room/api.ts";
import { Model } from "../room/watching.ts";

const RENEW_MS = 10_000;

export interface Lease {
  readonly station: string;
  readonly desk: string;
  readonly holder: string;
  readonly since: string;
  readonly until: string;
}

export interface Held {
  readonly mine: boolean;
  readonly lease: Lease | null;
}

export interface Order {
  readonly desk: string;
  readonly holder: string;
  readonly take?: boolean;
  readonly leave?: boolean;
}

export interface Reception {
  hold(station: string, order: Order): Promise<Answer<Held>>;
  all(): Promise<Answer<{ readonly stations: readonly Lease[] }>>;
}

export class Stations extends Model {
  /** Where this desk works. */
  here: string | null = null;
  /** Another desk that holds the station where this one works. */
  other: Lease | null = null;
  /** Every station of the venue that is held, as last heard. */
  held: readonly Lease[] = [];
  desk: string;
  holder: string;
  readonly #reception: Reception;
  readonly #after: (wait_ms: number, act: () => void) => () => void;
  #cancel: () => void = () => {};

  constructor(reception: Reception, desk: string, holder: string, after: (wait_ms: number, act: () => void) => () => void) {
    super();
    this.#reception = reception;
    this.desk = desk;
    this.holder = holder;
    this.#after = after;
  }

  /** Work at this station from now on; null: at none. */
  async choose(station: string | null): Promise<void> {
    const before = this.here;
    this.here = station;
    this.other = null;
    this.told();
    if (before !== null && before !== station) await this.#reception.hold(before, { ...this.#order, leave: true });
    await this.renew();
  }

  /** Take the station although another desk holds it: that one is told. */
  async take(): Promise<void> {
    if (this.here !== null) this.#hear(this.here, await this.#reception.hold(this.here, { ...this.#order, take: true }));
  }

  async renew(): Promise<void> {
    this.#cancel();
    const station = this.here;
    if (station !== null) this.#hear(station, await this.#reception.hold(station, this.#order));
    const all = await this.#reception.all();
    if (all.kind === "given") this.held = all.value.stations;
    this.told();
    this.#cancel();
    this.#cancel = this.#after(RENEW_MS, () => void this.renew());
  }

  stop(): void {
    this.#cancel();
  }

  get #order(): Order {
    return { desk: this.desk, holder: this.holder };
  }

  /** Without an answer what was heard before stands: the warning of two desks does not go away with the network. */
  #hear(station: string, answer: Answer<Held>): void {
    if (answer.kind !== "given" || station !== this.here) return;
    this.other = answer.value.mine ? null : answer.value.lease;
    this.told();
  }
}
