/** The desk of one venue on this device: who it is, what it knows, its outbox and its courier. It enters nothing by itself. */

import type { Surroundings } from "../board/line.ts";
import type { ContestInfo, Roster } from "../board/types.ts";
import { type Answer, Api, type Fetch, path } from "../room/api.ts";
import { newId } from "../room/ids.ts";
import { Model } from "../room/watching.ts";
import { Courier, type Options } from "./courier.ts";
import { type Doing, eventOf } from "./deeds.ts";
import { type Floor, floorOf } from "./floor.ts";
import type { StageForm } from "./measure.ts";
import { type Entry, freshHead, Outbox } from "./outbox.ts";
import type { Posted } from "./posting.ts";
import { Stations } from "./stations.ts";
import type { DeskStore } from "./store.ts";

/** A token was pasted or scanned once; or a session's cookie speaks, which no script can read. */
export type Credential = { readonly kind: "token"; readonly secret: string } | { readonly kind: "session"; readonly account: string };

export interface Settings {
  readonly holder: string;
  readonly hold_s: number;
  readonly stations: readonly string[];
  readonly station: string | null;
}

export const HOLDS_S = [0, 3, 10] as const;
const USUAL: Settings = { holder: "", hold_s: 3, stations: ["S1", "S2", "S3", "S4"], station: null };
const LEARN_EVERY_MS = 60_000;
const AGAIN_MS = 5_000;

/** What has to be known to work without a network. */
export interface Known {
  readonly info: ContestInfo;
  readonly roster: Roster;
  readonly forms: readonly StageForm[];
  readonly learned_ms: number;
}

export interface Site {
  readonly contest: string;
  readonly venue: string;
  /** Where the page is, for addresses. */
  readonly base: string;
}

/** out: nobody's token is here. in: there is one, whatever the network. over: the server does not take it any more. */
export type Door = "out" | "in" | "over";

export class Desk extends Model {
  door: Door = "out";
  known: Known | null = null;
  /** The server knows no such contest, and this device has kept nothing of one: there is nothing to log in to. */
  isUnknown = false;
  settings: Settings = USUAL;
  courier: Courier | null = null;
  stations: Stations | null = null;
  /** The disk is full, or the database is gone: what was not kept. */
  fault: string | null = null;
  readonly outbox: Outbox;
  readonly site: Site;
  readonly store: DeskStore;
  readonly #world: Surroundings;
  readonly #fetch: Fetch;
  #credential: Credential | null = null;
  #floor: { readonly entries: readonly Entry[]; readonly floor: Floor } | null = null;
  #cancel: () => void = () => {};

  constructor(site: Site, store: DeskStore, outbox: Outbox, world: Surroundings, fetcher: Fetch = (address, how) => fetch(address, how)) {
    super();
    this.site = site;
    this.store = store;
    this.outbox = outbox;
    this.#world = world;
    this.#fetch = fetcher;
    outbox.listen(() => {
      this.courier?.nudge();
      this.told();
    });
  }

  /** Everything that this device has kept, before anybody is asked. */
  static async open(site: Site, store: DeskStore, world: Surroundings, fetcher?: Fetch): Promise<Desk> {
    const kept = await store.load();
    const outbox = new Outbox(store, kept.entries, kept.head ?? freshHead(newSource()));
    if (kept.head === null) await store.put([], outbox.head);
    const desk = new Desk(site, store, outbox, world, fetcher);
    desk.settings = { ...USUAL, ...(await store.take<Settings>("settings")) };
    desk.known = await store.take<Known>("known");
    const credential = await store.take<Credential>("credential");
    if (credential !== null) desk.#enter(credential);
    return desk;
  }

  get floor(): Floor {
    if (this.#floor?.entries !== this.outbox.entries) this.#floor = { entries: this.outbox.entries, floor: floorOf(this.outbox.entries, this.outbox.head.source) };
    return this.#floor.floor;
  }

  /** Try a token of this venue; it is kept if the server knows it, and never shown again. */
  async useToken(secret: string): Promise<Answer<unknown>> {
    return this.#admit({ kind: "token", secret: secret.trim() });
  }

  async logIn(account: string, password: string): Promise<Answer<unknown>> {
    const answer = await new Api(new URL("api", this.site.base).href, this.#fetch).post("/login", { account, password });
    return answer.kind === "given" ? this.#admit({ kind: "session", account }) : answer;
  }

  /** Forget who this is. Entries stay: whoever comes next sends them. */
  async leave(): Promise<void> {
    this.#stop();
    if (this.#credential?.kind === "session") await new Api(new URL("api", this.site.base).href, this.#fetch).post("/logout", {});
    this.#credential = null;
    this.door = "out";
    await this.store.forget("credential");
    this.told();
  }

  async set(changed: Partial<Settings>): Promise<void> {
    this.settings = { ...this.settings, ...changed };
    if (this.courier !== null) this.courier.options.hold_ms = this.settings.hold_s * 1_000;
    if (this.stations !== null) this.stations.holder = this.settings.holder;
    this.told();
    await this.store.keep("settings", this.settings);
    if ("station" in changed) await this.stations?.choose(this.settings.station);
  }

  /** Enter what the operator did. It is kept before this returns; null: it could not be kept, and `fault` says why. */
  async enter(doing: Doing, at: Date = new Date()): Promise<Entry | null> {
    try {
      const entry = await this.outbox.enter(eventOf(doing, this.floor.attempts, at));
      this.fault = null;
      return entry;
    } catch (fault) {
      this.fault = fault instanceof Error ? fault.message : String(fault);
      this.told();
      return null;
    }
  }

  /** The server knows more of this source than this device: go on under another name. */
  async startOver(): Promise<void> {
    await this.outbox.startOver(newSource());
    if (this.#credential !== null) this.#enter(this.#credential);
  }

  hurry(): void {
    this.courier?.hurry();
    void this.stations?.renew();
  }

  stop(): void {
    this.#stop();
  }

  /** Ask for names and forms, and keep what was heard for when nobody answers. */
  async learn(): Promise<void> {
    this.#cancel();
    const api = this.#api();
    const [info, roster, forms] = await Promise.all([api.get<ContestInfo>(""), api.get<Roster>("/roster"), api.get<{ stages: readonly StageForm[] }>("/forms")]);
    const isWhole = info.kind === "given" && roster.kind === "given" && forms.kind === "given";
    if (isWhole) {
      this.known = { info: info.value, roster: roster.value, forms: forms.value.stages, learned_ms: Date.now() };
      await this.store.keep("known", this.known).catch(() => undefined);
    }
    const isUnknown = info.kind === "refused" && info.status === 404 && this.known === null && this.outbox.unsynced === 0;
    if (isWhole || isUnknown !== this.isUnknown) {
      this.isUnknown = isUnknown;
      this.told();
    }
    if (this.door === "in" || isUnknown) this.#cancel = this.#world.after(isWhole ? LEARN_EVERY_MS : AGAIN_MS, () => void this.learn());
  }

  async #admit(credential: Credential): Promise<Answer<unknown>> {
    const answer = await this.#api(credential).get(`${this.#events}?source=${encodeURIComponent(this.outbox.head.source)}`);
    if (answer.kind !== "given") return answer;
    await this.store.keep("credential", credential);
    this.#enter(credential);
    return answer;
  }

  #enter(credential: Credential): void {
    this.#stop();
    this.#credential = credential;
    this.door = "in";
    const api = this.#api();
    const options: Options = { hold_ms: this.settings.hold_s * 1_000 };
    const token = credential.kind === "token" ? credential.secret : null;
    this.courier = new Courier(this.outbox, { address: this.#socket(), token }, this.#post(api), this.#world, options);
    this.courier.listen(() => this.#linked());
    this.stations = new Stations(this.#reception(api), this.outbox.head.source, this.settings.holder, this.#world.after);
    this.stations.listen(() => this.told());
    this.courier.start();
    void this.stations.choose(this.settings.station);
    void this.learn();
    this.told();
  }

  #linked(): void {
    const link = this.courier?.link;
    this.door = link?.kind === "closed" && link.why === "not_allowed" ? "over" : this.door === "over" && link?.kind === "live" ? "in" : this.door;
    this.told();
  }

  #stop(): void {
    this.#cancel();
    this.courier?.stop();
    this.stations?.stop();
  }

  get #venue(): string {
    return path("venues", this.site.venue);
  }

  get #events(): string {
    return `${this.#venue}/events`;
  }

  #post(api: Api): { standing: () => Promise<Answer<{ after: number }>>; send: (events: readonly unknown[]) => Promise<Answer<Posted>> } {
    const asked = (): string => `${this.#events}?source=${encodeURIComponent(this.outbox.head.source)}`;
    return { standing: () => api.get(asked()), send: (events) => api.post(asked(), { type: "events", events }) };
  }

  #reception(api: Api): ConstructorParameters<typeof Stations>[0] {
    const stations = `${this.#venue}/stations`;
    return { hold: (station, order) => api.post(`${stations}${path(station, "lease")}`, order), all: () => api.get(stations) };
  }

  #socket(): string {
    const address = new URL(`api/contests${path(this.site.contest)}${this.#events}`, this.site.base);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    return address.href;
  }

  #api(credential: Credential | null = this.#credential): Api {
    const base = new URL(`api/contests${path(this.site.contest)}`, this.site.base).href;
    if (credential?.kind !== "token") return new Api(base, this.#fetch);
    const authorization = `Bearer ${credential.secret}`;
    return new Api(base, (address, how) => this.#fetch(address, { ...how, headers: { ...(how.headers as Record<string, string>), authorization } }));
  }
}

/** The name of this device, new to everybody. */
export function newSource(): string {
  return `desk-${newId("", 0).slice(-8)}`;
}
