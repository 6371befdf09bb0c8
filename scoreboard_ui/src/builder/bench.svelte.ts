/** The page that makes contests: the draft, what the server thinks of it, and where in it somebody works. The server is asked after every pause. */

import { getContext, setContext } from "svelte";
import { type Answer, type Api, mayComeBack } from "../room/api.ts";
import type { Checked, ExampleContest, Fault, Gallery, Rule, Trial } from "./answers.ts";
import type { Conflict, DraftStore } from "./draft.ts";
import { placeOf } from "./inhand.ts";
import { added, at, isWithin, moved, type Path, pathOf, pathText, put } from "./paths.ts";
import { sendable } from "./sending.ts";
import { statusOf, type Status, type Step, stepIn, stepOf } from "./steps.ts";
import type { Draft } from "./types.ts";

/** asking: not known yet. away: the server does not answer. out: nobody is logged in. refused: whoever is, makes no contests. */
export type Door = "asking" | "away" | "out" | "refused" | "in";

const PAUSE_MS = 350;
/** Where nobody answered, the same is asked again after this. */
const AGAIN_MS = 4_000;
/** A draft with so many contestants is sent less often. */
const MANY = 2_000;
const PAUSE_OF_MANY_MS = 1_500;

export class Bench {
  readonly api: Api;
  readonly store: DraftStore;
  draft: Draft = $state.raw<Draft>(null!);
  keeping = $state<DraftStore["keeping"]>("kept");
  /** Another window went on from the same draft: somebody has to choose. */
  conflict = $state.raw<Conflict | null>(null);
  /** The last change was made in another window. */
  isFollowing = $state(false);
  door = $state<Door>("asking");
  /** The form to log in stands open. */
  isAtDoor = $state(false);
  gallery = $state.raw<Gallery | null>(null);
  examples = $state.raw<readonly ExampleContest[]>([]);
  checked = $state.raw<Checked | null>(null);
  /** What was said is about a draft before this one. */
  isOld = $state(true);
  trial = $state.raw<Trial | null>(null);
  trialAnswer = $state.raw<Answer<Trial> | null>(null);
  trialWish = $state.raw<{ seed: number; contestants?: number }>({ seed: 1 });
  /** The digest of the draft that was tried. */
  triedDigest = $state<string | null>(null);
  /** The digest that was adopted from here. */
  adopted = $state<string | null>(null);
  step = $state<Step>("contest");
  #stage = $state(0);
  /** Counts the stages that were taken in hand: the one in hand may come to stand elsewhere, and is still the same. */
  hand = $state(0);
  /** The place that somebody was led to. */
  aimed = $state.raw<Path | null>(null);
  #timer = 0;
  #asked = 0;

  constructor(api: Api, store: DraftStore, hash: string) {
    this.api = api;
    this.store = store;
    this.draft = store.document;
    this.conflict = store.conflict;
    this.step = stepIn(hash);
    store.listen(() => this.#changed());
  }

  /** The place of the stage in hand; -1: the rules of all stages. */
  get stage(): number {
    return this.#stage;
  }

  set stage(place: number) {
    if (place !== this.#stage) this.hand += 1;
    this.#stage = place;
  }

  /** Nobody who may make contests is in. */
  get isShut(): boolean {
    return this.door === "out" || this.door === "refused";
  }

  /** Nothing is drafted yet, and somebody has just come. */
  get isWelcoming(): boolean {
    return this.step === "contest" && this.draft !== null && this.store.isBlank;
  }

  get faults(): readonly Fault[] {
    return this.checked?.faults ?? [];
  }

  rule(name: unknown): Rule | null {
    return this.gallery?.rules.find((each) => each.name === name) ?? null;
  }

  // ---- changing the draft --------------------------------------------------------------------------------------------------------

  at(path: Path): unknown {
    return at(this.draft, path);
  }

  /** Let this stand at a place. What is typed into the same place is one change. */
  set(path: Path, value: unknown): void {
    this.store.change(put(this.draft, path, value), pathText(path));
  }

  /** One change of its own. */
  let(next: Draft, topic: string | null = null): void {
    this.store.change(next, topic);
  }

  /** Another draft in the place of this one. */
  beginWith(draft: Draft): void {
    this.store.seal();
    this.store.begin(draft);
  }

  /** Of two drafts, this one was chosen. */
  decide(chosen: Draft): void {
    this.store.decide(chosen);
  }

  add(path: Path, item: unknown): void {
    this.store.change(added(this.draft, path, item));
  }

  remove(path: Path): void {
    this.store.change(put(this.draft, path, undefined));
  }

  move(path: Path, from: number, to: number): void {
    this.store.change(moved(this.draft, path, from, to));
  }

  // ---- what is wrong, and where --------------------------------------------------------------------------------------------------

  /** The faults at this place; `whole`: within it, too. */
  faultsAt(path: Path, whole = false): readonly Fault[] {
    return this.faults.filter(({ where }) => {
      const there = pathOf(where);
      return isWithin(there, path) && (whole || there.length === path.length);
    });
  }

  warningsAt(path: Path): readonly Fault[] {
    return (this.checked?.warnings ?? []).filter(({ where }) => isWithin(pathOf(where), path));
  }

  status(step: Step): Status {
    const digest = this.checked?.digest ?? null;
    const isSame = (other: string | null): boolean => other !== null && other === digest;
    return statusOf(step, { draft: this.draft, faults: this.checked?.faults ?? null, hasTried: isSame(this.triedDigest), isAdopted: isSame(this.adopted) });
  }

  go(step: Step): void {
    this.store.seal();
    this.step = step;
    this.aimed = null;
  }

  /** Lead somebody to a place. */
  aim(where: string): void {
    const path = pathOf(where);
    this.step = stepOf(where);
    if (path[0] === "stages" && typeof path[1] === "number") this.stage = path[1];
    if (path[0] === "rules" || path[0] === "doubts" || path[0] === "doubts_defaults") this.stage = -1;
    this.aimed = path;
  }

  isAimedAt(path: Path): boolean {
    return this.aimed !== null && isWithin(this.aimed, path);
  }

  // ---- the server ----------------------------------------------------------------------------------------------------------------

  /** Ask who may and for the examples, which is quick; then for the rules, which takes the server a while. */
  async begin(): Promise<void> {
    const examples = await this.api.get<{ examples: readonly ExampleContest[] }>("/builder/examples");
    this.#knock(examples);
    if (mayComeBack(examples)) setTimeout(() => void this.begin(), AGAIN_MS);
    if (examples.kind !== "given") return;
    this.examples = examples.value.examples;
    this.#look(0);
    const gallery = await this.api.get<Gallery>("/builder/gallery");
    if (gallery.kind === "given") this.gallery = gallery.value;
    else if (mayComeBack(gallery)) setTimeout(() => void this.begin(), AGAIN_MS);
  }

  #knock(answer: Answer<unknown>): void {
    if (answer.kind === "given") this.door = "in";
    else if (answer.kind === "refused" && answer.status === 401) this.door = "out";
    else if (answer.kind === "refused" && answer.status === 403) this.door = "refused";
    else if (this.door !== "in") this.door = "away";
  }

  async try(): Promise<void> {
    const digest = this.checked?.digest ?? null;
    const answer = await this.api.post<Trial>("/builder/dry-run", { draft: sendable(this.draft), ...this.trialWish });
    this.#knock(answer);
    this.trialAnswer = answer;
    if (answer.kind !== "given") return;
    this.trial = answer.value;
    this.triedDigest = digest;
  }

  #changed(): void {
    const place = placeOf(this.draft, this.store.document, this.#stage);
    if (place === null) this.hand += 1;
    else this.#stage = place;
    this.draft = this.store.document;
    this.keeping = this.store.keeping;
    this.conflict = this.store.conflict;
    this.isFollowing = this.store.isFollowing;
    this.#look((this.draft.contestants?.length ?? 0) > MANY ? PAUSE_OF_MANY_MS : PAUSE_MS);
  }

  /** Ask what is wrong after this pause; what is asked later outweighs what is answered late. */
  #look(pause_ms: number): void {
    this.isOld = true;
    clearTimeout(this.#timer);
    if (this.store.isBlank) {
      this.#asked += 1;
      this.checked = null;
      return;
    }
    this.#timer = setTimeout(() => void this.#ask(++this.#asked), pause_ms) as unknown as number;
  }

  async #ask(number: number): Promise<void> {
    if (this.door !== "in") return;
    const answer = await this.api.post<Checked>("/builder/check", { draft: sendable(this.draft) });
    if (number !== this.#asked) return;
    this.#knock(answer);
    if (mayComeBack(answer)) this.#look(AGAIN_MS);
    if (answer.kind !== "given") return;
    this.checked = answer.value;
    this.isOld = false;
  }
}

const KEY = Symbol("bench");

export function setBench(bench: Bench): Bench {
  return setContext(KEY, bench);
}

export function getBench(): Bench {
  return getContext<Bench>(KEY);
}
