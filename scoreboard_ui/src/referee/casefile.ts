/**
 * The case in hand: as it was looked at, and, when it changes under a form that is being filled in, what changed. It never exchanges
 * what somebody is deciding on without being told to.
 */

import { type Answer, path, type Refused } from "../room/api.ts";
import type { Case } from "../room/types.ts";
import { Model } from "../room/watching.ts";
import { type Change, changesBetween } from "./changes.ts";

export type FileState =
  | { readonly kind: "closed" }
  | { readonly kind: "opening" }
  | { readonly kind: "refused"; readonly refusal: Refused }
  | { readonly kind: "unreachable" }
  | { readonly kind: "open"; readonly case: Case };

export interface Subject {
  readonly contestant: string;
  readonly stage: string;
}

export class CaseFile extends Model {
  subject: Subject | null = null;
  state: FileState = { kind: "closed" };
  /** The case as it is now, where that is not what is being looked at. */
  newer: Case | null = null;
  /** Whether the server refused a decision because of it, or the page noticed by itself. */
  wasRefused = false;
  #round = 0;
  readonly #get: (path: string) => Promise<Answer<Case>>;

  constructor(get: (path: string) => Promise<Answer<Case>>) {
    super();
    this.#get = get;
  }

  get case(): Case | null {
    return this.state.kind === "open" ? this.state.case : null;
  }

  get changes(): readonly Change[] {
    const seen = this.case;
    return seen === null || this.newer === null ? [] : changesBetween(seen, this.newer);
  }

  async open(subject: Subject): Promise<void> {
    this.subject = subject;
    this.newer = null;
    this.wasRefused = false;
    this.#set({ kind: "opening" });
    const answer = await this.#ask();
    if (answer === null) return;
    if (answer.kind === "given") this.#set({ kind: "open", case: answer.value });
    else this.#set(answer.kind === "refused" ? { kind: "refused", refusal: answer } : { kind: "unreachable" });
  }

  close(): void {
    this.#round += 1;
    this.subject = this.newer = null;
    this.#set({ kind: "closed" });
  }

  /** Look whether it changed. Where somebody is filling in a form (`isBusy`), the new one waits beside the old one. */
  async refresh(isBusy: () => boolean): Promise<void> {
    if (this.state.kind === "unreachable" && this.subject !== null) return this.open(this.subject);
    if (this.state.kind !== "open") return;
    const answer = await this.#ask();
    if (answer?.kind !== "given") return;
    const isSame = answer.value.basis === this.state.case.basis;
    if (isSame) this.newer = null;
    if (isBusy() && !isSame) this.differ(answer.value, false);
    else if (this.newer === null) this.#set({ kind: "open", case: answer.value });
  }

  /** It is different now; it is shown beside what was looked at. */
  differ(now: Case, wasRefused: boolean): void {
    this.newer = now;
    this.wasRefused = this.wasRefused || wasRefused;
    this.told();
  }

  /** Somebody has seen what changed and goes on from there. */
  acceptNewer(): void {
    if (this.newer === null) return;
    const now = this.newer;
    this.newer = null;
    this.wasRefused = false;
    this.#set({ kind: "open", case: now });
  }

  async #ask(): Promise<Answer<Case> | null> {
    const round = ++this.#round;
    const answer = await this.#get(`/cases${path(this.subject!.contestant, this.subject!.stage)}`);
    return round === this.#round ? answer : null;
  }

  #set(state: FileState): void {
    this.state = state;
    this.told();
  }
}
