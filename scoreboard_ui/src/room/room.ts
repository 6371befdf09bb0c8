/**
 * What every page of officials shares: who is logged in, whether the server can be heard, what it last said, and what was last
 * acknowledged. It sends nothing by itself but "I am looking at this".
 */

import type { Link, Surroundings } from "../board/line.ts";
import type { Fill } from "../say.ts";
import type { Word } from "../words.ts";
import { type Answer, type Api, mayComeBack } from "./api.ts";
import { type NewLetter, Outbox } from "./outbox.ts";
import { type Look, reviewsAddress, ReviewSocket } from "./reviews.ts";
import { Shelf, type Store } from "./storage.ts";
import type { Me, QueueMessage } from "./types.ts";
import { Model } from "./watching.ts";

/** asking: not known yet. away: the server does not answer. out: nobody is logged in. in: somebody is. over: the session ended meanwhile. */
export type Door = "asking" | "away" | "out" | "in" | "over";

export interface Said {
  readonly word: Word;
  readonly fill: Fill;
  readonly urgent: boolean;
  readonly serial: number;
}

const ASK_AGAIN_MS = 4_000;

export class Room extends Model {
  door: Door = "asking";
  me: Me | null = null;
  outbox: Outbox | null = null;
  link: Link = { kind: "connecting" };
  /** Since when nothing was heard, by this device's clock; null: the connection stands. */
  lostAt: string | null = null;
  heardAt: string | null = null;
  position = 0;
  queue: QueueMessage | null = null;
  said: Said | null = null;
  readonly api: Api;
  readonly shelf: Shelf;
  readonly #base: string;
  readonly #world: Surroundings;
  readonly #now: () => Date;
  #socket: ReviewSocket | null = null;
  #heard = new Set<(message: QueueMessage) => void>();
  #serial = 0;
  #look: Look | null = null;
  #cancel: () => void = () => {};

  constructor(contest: string, base: string, api: Api, store: Store, world: Surroundings, now: () => Date = () => new Date()) {
    super();
    this.api = api;
    this.shelf = new Shelf(store, `contest/${contest}`);
    this.#base = base;
    this.#world = world;
    this.#now = now;
  }

  get isConnected(): boolean {
    return this.link.kind === "live";
  }

  get isChief(): boolean {
    return this.me?.official.role === "chief";
  }

  get official(): string {
    return this.me?.official.id ?? "";
  }

  /** Look whether somebody is logged in already, and keep looking while the server is away. */
  async begin(): Promise<void> {
    this.#cancel();
    const answer = await this.api.get<Me>("/me");
    if (answer.kind === "given") return this.#enter(answer.value);
    this.door = answer.kind === "refused" && answer.status === 401 ? "out" : "away";
    if (this.door === "away") this.#cancel = this.#world.after(ASK_AGAIN_MS, () => void this.begin());
    this.told();
  }

  async logIn(official: string, password: string): Promise<Answer<Me>> {
    const answer = await this.api.post<Me>("/login", { official, password });
    if (answer.kind === "given") this.#enter(answer.value);
    return answer;
  }

  /** The password once more. It continues nothing by itself. */
  async freshen(password: string): Promise<Answer<Me>> {
    const answer = await this.api.post<Me>("/login/fresh", { password });
    if (answer.kind === "given") this.#know(answer.value);
    return answer;
  }

  async logOut(): Promise<void> {
    await this.api.post("/logout", {});
    this.stop();
    this.me = this.outbox = this.queue = null;
    this.door = "out";
    this.told();
  }

  stop(): void {
    this.#cancel();
    this.#socket?.stop();
    this.#socket = null;
    this.#look = null;
  }

  hurry(): void {
    this.#socket?.hurry();
  }

  /** Say what is being looked at; whoever logs in again goes on looking at it. */
  look(what: Look | null): void {
    this.#look = what;
    this.#socket?.look(what);
  }

  /** Be told of every queue message; returns how to stop. */
  onQueue(act: (message: QueueMessage) => void): () => void {
    this.#heard.add(act);
    if (this.queue !== null) act(this.queue);
    return () => this.#heard.delete(act);
  }

  /** Send an act under its id. Without a connection it is kept, and shown as not sent. */
  async send<T>(letter: NewLetter): Promise<Answer<T> | { readonly kind: "kept" }> {
    const outbox = this.outbox;
    if (outbox === null) return { kind: "unreachable" };
    const answer = this.#met(await outbox.send<T>(letter));
    if (answer.kind === "given" && outbox.last !== null) this.say("saidAcknowledged", { position: outbox.last.position });
    else if (answer.kind === "kept" || mayComeBack(answer)) this.say("saidKept", {}, true);
    return answer;
  }

  async sendAgain(id: string): Promise<Answer<unknown> | null> {
    const answer = (await this.outbox?.sendAgain(id)) ?? null;
    return answer === null ? null : this.#met(answer);
  }

  /** Read something; notices when the session is over. */
  async get<T>(path: string): Promise<Answer<T>> {
    return this.#met(await this.api.get<T>(path));
  }

  /** Ask or order something that has no id of its own; notices when the session is over. */
  async post<T>(path: string, body: unknown): Promise<Answer<T>> {
    return this.#met(await this.api.post<T>(path, body));
  }

  async delete<T>(path: string): Promise<Answer<T>> {
    return this.#met(await this.api.delete<T>(path));
  }

  /** Let it be read aloud. */
  say(word: Word, fill: Fill = {}, urgent = false): void {
    this.said = { word, fill, urgent, serial: ++this.#serial };
    this.told();
  }

  #enter(me: Me): void {
    if (this.me?.official.id !== me.official.id) {
      this.outbox = new Outbox(this.shelf, me.official.id, (path, body) => this.api.post(path, body), () => this.isConnected, this.#now);
      this.outbox.listen(() => this.told());
    }
    this.#know(me);
    this.#socket?.stop();
    this.#socket = new ReviewSocket(reviewsAddress(this.#base), { queue: (m) => this.#took(m), linked: (link) => this.#linked(link), beat: (p) => this.#beat(p) }, this.#world);
    this.#socket.look(this.#look);
    this.#socket.start();
  }

  #know(me: Me): void {
    this.me = me;
    this.door = "in";
    this.told();
  }

  #met<A extends Answer<unknown> | { readonly kind: "kept" }>(answer: A): A {
    if (answer.kind === "refused" && answer.status === 401 && answer.code !== "bad_login") this.#over();
    return answer;
  }

  #over(): void {
    if (this.door !== "in") return;
    this.door = "over";
    this.told();
  }

  #took(message: QueueMessage): void {
    this.queue = message;
    this.#note(message.position);
    for (const act of [...this.#heard]) act(message);
    this.told();
  }

  #beat(position: number): void {
    this.#note(position);
    this.told();
  }

  #note(position: number): void {
    this.position = Math.max(this.position, position);
    this.heardAt = this.#now().toISOString();
  }

  #linked(link: Link): void {
    const wasLost = this.lostAt !== null;
    if (link.kind === "live") this.lostAt = null;
    else if (link.kind !== "connecting" && !wasLost) this.lostAt = this.#now().toISOString();
    this.link = link;
    if (link.kind === "closed" && link.code === 4501) this.#over();
    if (link.kind === "live" && wasLost) this.say("saidBack");
    else if (this.lostAt !== null && !wasLost) this.say("saidLost", {}, true);
    this.told();
  }
}
