/**
 * From a form to a ruling. It is sent by one press of one button, once, under one id; never by a key in a field, a timer, a reload or a
 * connection that comes back. What stands against pressing is always known, in a word that can be shown beside the button.
 */

import type { Surroundings } from "../board/line.ts";
import { type Answer, mayComeBack } from "../room/api.ts";
import { newId } from "../room/ids.ts";
import type { NewLetter } from "../room/outbox.ts";
import type { Case } from "../room/types.ts";
import { Model } from "../room/watching.ts";
import type { Fill } from "../say.ts";
import type { Word } from "../words.ts";
import type { Deed } from "./deeds.ts";
import { type About, bodyOf, type Draft, type Drafts, emptyDraft, turned } from "./draft.ts";
import { type Fault, faultsOf } from "./faults.ts";
import { type Ask, Previewer } from "./preview.ts";

export interface Ports {
  readonly ask: Ask;
  send(letter: NewLetter): Promise<Answer<unknown> | { readonly kind: "kept" }>;
  isConnected(): boolean;
  /** A decision about this waits to be sent. */
  hasUnsent(name: string): boolean;
  /** What is decided on has changed and nobody has looked at it yet. */
  hasChanged(): boolean;
  /** The server says that it is different now. */
  differs(now: Case): void;
}

export type Verdict = "acknowledged" | "kept" | "refused" | "changed" | "password" | "hindered";

export class Deciding extends Model {
  /** What the form is about, under the name that its draft is kept by; null: nothing. */
  name: string | null = null;
  about: About | null = null;
  draft: Draft | null = null;
  isOpen = false;
  isSending = false;
  refusal: Answer<unknown> | null = null;
  readonly preview: Previewer;
  readonly #drafts: Drafts;
  readonly #ports: Ports;
  readonly #newId: () => string;

  constructor(drafts: Drafts, ports: Ports, world: Pick<Surroundings, "after">, id: () => string = () => newId("ruling")) {
    super();
    this.#drafts = drafts;
    this.#ports = ports;
    this.#newId = id;
    this.preview = new Previewer(ports.ask, world);
    this.preview.listen(() => this.told());
  }

  /** Another case in hand, or the same one as it is now. A form that was begun for it comes back, closed. */
  hold(name: string | null, about: About | null): void {
    const isSame = name === this.name;
    this.name = name;
    this.about = about;
    if (!isSame) {
      this.draft = name === null ? null : this.#drafts.of(name);
      this.isOpen = false;
      this.refusal = null;
    }
    this.#look();
  }

  /** Open the form of a verb, with what was written for another one. */
  begin(deed: Deed, with_: Partial<Draft> = {}): void {
    if (this.name === null) return;
    const base = this.draft === null ? emptyDraft(deed) : turned(this.draft, deed);
    this.#put({ ...base, ...with_ });
    this.isOpen = true;
    this.refusal = null;
    this.#look();
  }

  /** A form as it was, for example from a decision that was not taken. */
  restore(draft: Draft): void {
    this.#put(draft);
    this.isOpen = true;
    this.#look();
  }

  edit(change: Partial<Draft>): void {
    if (this.draft === null) return;
    this.#put({ ...this.draft, ...change });
    this.refusal = null;
    this.#look();
  }

  /** Put the form away; what was typed is kept. */
  shut(): void {
    this.isOpen = false;
    this.#look();
  }

  /** Throw away what was typed. */
  clear(): void {
    if (this.name !== null) this.#drafts.drop(this.name);
    this.draft = null;
    this.isOpen = false;
    this.refusal = null;
    this.#look();
  }

  /** Whether somebody is in the middle of something here. */
  get isBusy(): boolean {
    return this.isOpen && this.draft !== null;
  }

  get faults(): readonly Fault[] {
    return this.draft === null || this.about === null ? [] : faultsOf(this.draft, this.about);
  }

  /** Why it cannot be decided just now; null: it can. */
  get hindrance(): { readonly word: Word; readonly fill?: Fill; readonly faults?: readonly Fault[] } | null {
    if (this.isSending) return { word: "whySending" };
    if (this.name !== null && this.#ports.hasUnsent(this.name)) return { word: "whyWaitsInOutbox" };
    if (this.#ports.hasChanged()) return { word: "whyChanged" };
    const faults = this.faults;
    if (faults.length > 0) return { word: "whyIncomplete", faults };
    if (!this.#ports.isConnected()) return null;
    const { kind } = this.preview.now;
    if (kind === "refused") return { word: "whyPreviewFailed" };
    if (kind === "unreachable") return { word: "whyPreviewAway" };
    return kind === "here" ? null : { word: "whyPreviewAsked" };
  }

  async decide(): Promise<Verdict> {
    if (!this.isOpen || this.draft === null || this.about === null || this.hindrance !== null) return "hindered";
    const { draft, name } = this;
    const body = bodyOf(draft, this.about, this.#newId());
    this.isSending = true;
    this.refusal = null;
    this.told();
    const word = `deed_${draft.deed}` as Word;
    const answer = await this.#ports.send({ id: body.id, path: "/rulings", body: { ...body }, word, about: name ?? "" });
    this.isSending = false;
    return this.#heard(answer, draft, name);
  }

  #heard(answer: Answer<unknown> | { readonly kind: "kept" }, draft: Draft, name: string | null): Verdict {
    if (answer.kind === "given" || answer.kind === "kept" || mayComeBack(answer)) {
      // It is on record, or it lies in the outbox with everything that was typed.
      if (name !== null) this.#drafts.drop(name);
      if (name === this.name && this.draft === draft) this.draft = null;
      this.isOpen = this.draft !== null && this.isOpen;
      this.#look();
      return answer.kind === "given" ? "acknowledged" : "kept";
    }
    if (answer.kind !== "refused") return "kept";
    this.refusal = answer.code === "not_fresh" || answer.code === "changed" ? null : answer;
    if (answer.code === "changed" && answer.body["case"]) this.#ports.differs(answer.body["case"] as Case);
    this.told();
    return answer.code === "not_fresh" ? "password" : answer.code === "changed" ? "changed" : "refused";
  }

  #put(draft: Draft): void {
    this.draft = draft;
    if (this.name !== null) this.#drafts.keep(this.name, draft);
  }

  /** Ask for the effect of what the form says, if it says something whole. */
  #look(): void {
    const isWhole = this.isOpen && this.draft !== null && this.about !== null && this.faults.length === 0;
    this.preview.want(isWhole ? bodyOf(this.draft!, this.about!, "preview") : null);
    this.told();
  }
}
