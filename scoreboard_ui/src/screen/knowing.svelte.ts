/**
 * What a screen knows beside the board: the contest's definition and who takes part. Both come by REST, whenever the board speaks of newer
 * ones: one question at a time, and not again at once when it fails or the answer is still old. Until names have come, or it is plain that
 * they do not, nobody is called anything.
 */

import type { Surroundings } from "../board/line.ts";
import type { ContestInfo, Roster } from "../board/types.ts";

export type What = "roster" | "definition";

export interface Sources {
  roster(): Promise<Roster>;
  definition(): Promise<ContestInfo>;
}

export interface Learner {
  know(roster: Roster): void;
  /** There are no names to be had for now: ids stand for themselves. */
  knowNobody(): void;
  define(info: ContestInfo): void;
}

export const ASK_AGAIN_MS = 5_000;
/** So long a place is kept for names that are on their way. */
export const NAMES_WAIT_MS = 15_000;

export class Knowing {
  info: ContestInfo = $state.raw()!;
  /** How many take part; 0 as long as nobody is known, -1 when it was given up to wait for their names. */
  people = $state(0);
  readonly #asked = new Set<What>();
  #isOver = false;
  readonly #sources: Sources;
  readonly #learner: Learner;
  readonly #world: Surroundings;

  constructor(info: ContestInfo, sources: Sources, learner: Learner, world: Surroundings) {
    this.info = info;
    this.#sources = sources;
    this.#learner = learner;
    this.#world = world;
  }

  ask(what: What): void {
    if (this.#isOver || this.#asked.has(what)) return;
    this.#asked.add(what);
    const answered = what === "roster" ? this.#sources.roster().then((roster) => this.#meet(roster)) : this.#sources.definition().then((info) => this.#define(info));
    if (what === "roster") this.#world.after(NAMES_WAIT_MS, () => this.#giveUp());
    void answered.catch(() => what === "roster" && this.#giveUp()).finally(() => this.#world.after(ASK_AGAIN_MS, () => this.#rested(what)));
  }

  /** Ask for nothing any more: the screen is another one now. */
  stop(): void {
    this.#isOver = true;
  }

  #rested(what: What): void {
    this.#asked.delete(what);
    if (what === "roster" && this.people <= 0) this.ask(what);
  }

  #giveUp(): void {
    if (this.#isOver || this.people !== 0) return;
    this.people = -1;
    this.#learner.knowNobody();
  }

  #meet(roster: Roster): void {
    this.#learner.know(roster);
    this.people = roster.contestants.length;
  }

  #define(info: ContestInfo): void {
    this.info = info;
    this.#learner.define(info);
  }
}
