/** Plays the tape: asks the archive for the board at each step, one question at a time, and hands it to the wire. A question that fails is asked again, and so is one that came before the archive was read. */

import type { Archive, Playing, TapeWire, Timeline } from "./replay.ts";
import { afterwards, StillReading, stretchOf, Tape } from "./replay.ts";

export interface PlayerWorld {
  now_ms(): number;
  after(wait_ms: number, act: () => void): () => void;
}

export interface Wish {
  readonly from: string | null;
  readonly to: string | null;
  readonly speed: number;
}

const STEP_MS = 400;
const AGAIN_MS = 3_000;
/** So many moments between two steps are shown one by one, so that no change at the top is missed. */
const MOMENTS_A_STEP = 4;

export class Player {
  tape: Tape | null = null;
  #timeline: Timeline | null = null;
  #shownAt_ms: number | null = null;
  #cancel: () => void = () => {};
  #isOver = false;
  #jumps = 0;
  readonly #archive: Archive;
  readonly #wire: TapeWire;
  readonly #wish: Wish;
  readonly #world: PlayerWorld;
  readonly #changed: (failed: boolean, read: number | null) => void;

  constructor(archive: Archive, wire: TapeWire, wish: Wish, world: PlayerWorld, changed: (failed: boolean, read: number | null) => void) {
    this.#archive = archive;
    this.#wire = wire;
    this.#wish = wish;
    this.#world = world;
    this.#changed = changed;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#isOver = true;
    this.#cancel();
  }

  get playing(): Playing | null {
    const { tape } = this;
    return tape === null ? null : { at_ms: tape.at(this.#world.now_ms()), isPlaying: tape.isPlaying && !tape.isOver(this.#world.now_ms()), speed: tape.speed };
  }

  seek(at_ms: number): void {
    this.tape?.seek(at_ms, this.#world.now_ms());
    this.#wire.jump();
    this.#jumps += 1;
    this.#shownAt_ms = null;
    this.#changed(false, null);
  }

  play(isPlaying: boolean): void {
    const { tape } = this;
    if (tape === null) return;
    const isAgain = isPlaying && tape.isOver(this.#world.now_ms());
    tape.play(isPlaying, this.#world.now_ms());
    if (isAgain) this.seek(tape.stretch.from_ms);
    this.#changed(false, null);
  }

  hasten(speed: number): void {
    this.tape?.hasten(speed, this.#world.now_ms());
    this.#changed(false, null);
  }

  async #run(): Promise<void> {
    if (this.#isOver) return;
    try {
      await this.#step();
      this.#changed(false, null);
      this.#next(STEP_MS);
    } catch (error) {
      this.#changed(true, error instanceof StillReading ? error.share : null);
      this.#next(AGAIN_MS);
    }
  }

  async #step(): Promise<void> {
    if (this.#timeline === null) {
      this.#timeline = await this.#archive.timeline();
      this.tape = new Tape(stretchOf(this.#timeline, this.#wish.from, this.#wish.to), this.#wish.speed, this.#world.now_ms());
    }
    const at_ms = this.tape!.at(this.#world.now_ms());
    if (at_ms === this.#shownAt_ms) return this.#wire.beat(new Date(at_ms).toISOString());
    for (const stop_ms of this.#stops(at_ms)) {
      const jumps = this.#jumps;
      const board = await this.#archive.board(new Date(stop_ms).toISOString(), this.#wire.after);
      if (this.#isOver || this.#jumps !== jumps) return; // somebody has gone elsewhere meanwhile
      this.#wire.show(board);
      this.#shownAt_ms = stop_ms;
    }
  }

  /** Where to look on the way to `at_ms`: at the last few changes at the top, then there. */
  #stops(at_ms: number): number[] {
    const from_ms = this.#shownAt_ms;
    if (from_ms === null) return [at_ms];
    const leads = this.#timeline!.moments.filter(({ kind }) => kind === "lead").map(({ at }) => afterwards(at));
    return [...leads.filter((ms) => ms > from_ms && ms < at_ms).slice(-MOMENTS_A_STEP), at_ms];
  }

  #next(wait_ms: number): void {
    if (!this.#isOver) this.#cancel = this.#world.after(wait_ms, () => void this.#run());
  }
}
