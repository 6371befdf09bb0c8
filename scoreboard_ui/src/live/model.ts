/**
 * The spectators' model: one view of the board at a time, who stands where, who moved. Plain TypeScript; it hands out one
 * `Picture` an animation frame at most. It lets go of the socket while it sleeps, and resumes by its cursor.
 */

import type { Callout } from "../board/callouts.ts";
import { ContestClock } from "../board/clock.ts";
import { Following } from "../board/following.ts";
import type { Link, Surroundings } from "../board/line.ts";
import type { Merged } from "../board/merge.ts";
import type { Placed } from "../board/order.ts";
import { BoardSocket, type Listener, STALE_AFTER_MS } from "../board/socket.ts";
import type { Move } from "../board/standing.ts";
import type { BoardState, ContestantId, Roster } from "../board/types.ts";
import { Frames, type Painting } from "../screen/painting.ts";

export interface Picture {
  readonly view: string;
  readonly state: BoardState;
  readonly placed: readonly Placed[];
  readonly moves: ReadonlyMap<ContestantId, Move>;
  readonly total: number;
  readonly position: number;
}

export interface Pulse {
  readonly link: Link;
  readonly staleFor_ms: number | null;
  readonly isAsleep: boolean;
}

export interface Spectator {
  draw(picture: Picture): void;
  pulse(pulse: Pulse): void;
  /** The board speaks of a newer roster or definition than the one we have. */
  outdated(): void;
  /** What happened, each once. */
  heard(callouts: readonly Callout[]): void;
}

export class LiveModel implements Listener {
  readonly clock = new ContestClock();
  readonly #spectator: Spectator;
  readonly #world: Surroundings;
  readonly #frames: Frames;
  readonly #addressOf: (view: string, after: string | null) => string;
  #socket: BoardSocket | null = null;
  #view: string | null = null;
  #following = new Following();
  #known = { roster: 0, definition: 0 };
  #isAsleep = false;

  constructor(addressOf: (view: string, after: string | null) => string, spectator: Spectator, world: Surroundings, painting: Painting) {
    this.#addressOf = addressOf;
    this.#spectator = spectator;
    this.#world = world;
    this.#frames = new Frames(painting, () => this.#paint(), () => this.#socket?.painted());
  }

  know(roster: Roster, definition: number): void {
    this.#known = { roster: roster.version, definition };
    this.#following.know(roster, this.#socket?.board ?? null);
    this.#frames.plan();
  }

  /** Show another view: it begins anew, and what was shown stands until it comes. */
  show(view: string): void {
    if (view === this.#view) return;
    this.#socket?.stop();
    this.#view = view;
    this.#following = new Following(this.#following.collation);
    this.#socket = new BoardSocket((after) => this.#addressOf(view, after), this, this.#world);
    if (!this.#isAsleep) this.#socket.start();
  }

  sleep(): void {
    this.#isAsleep = true;
    this.#socket?.stop();
    this.pulse();
  }

  wake(): void {
    this.#isAsleep = false;
    this.#socket?.start();
    this.pulse();
  }

  stop(): void {
    this.#socket?.stop();
  }

  /** Do not wait any longer: the network is back. */
  hurry(): void {
    if (!this.#isAsleep) this.#socket?.hurry();
  }

  /** About once a second while somebody looks: take down marks, tell how old this is. */
  tick(): void {
    if (this.#following.standing.forget(this.#world.now_ms())) this.#frames.plan();
    this.pulse();
  }

  pulse(): void {
    const heardAt_ms = this.#socket?.heardAt_ms ?? null;
    const silent_ms = heardAt_ms === null ? 0 : this.#world.now_ms() - heardAt_ms;
    const link: Link = this.#socket?.link ?? { kind: "connecting" };
    this.#spectator.pulse({ link, staleFor_ms: silent_ms > STALE_AFTER_MS ? silent_ms : null, isAsleep: this.#isAsleep });
  }

  // Listener

  merged(merged: Merged): void {
    this.#following.merged(this.#socket!.board, merged);
    this.#askForNewer();
    this.#frames.came();
  }

  linked(): void {
    this.pulse();
  }

  told(now: string): void {
    this.clock.hear(now, this.#world.now_ms());
  }

  // Painting

  #askForNewer(): void {
    const { state } = this.#socket!.board;
    if (state === null) return;
    const isNewer = (state.roster ?? 0) > this.#known.roster || (state.definition ?? 0) > this.#known.definition;
    if (isNewer && this.#known.roster > 0) this.#spectator.outdated();
  }

  #paint(): boolean {
    const socket = this.#socket;
    if (socket === null || socket.board.state === null || socket.board.cursor === null) return false;
    const { state, cursor, total } = socket.board;
    const callouts = this.#following.settle(socket.board, this.#world.now_ms());
    if (callouts.length > 0) this.#spectator.heard(callouts);
    const { placed, moves } = this.#following.standing;
    this.#spectator.draw({ view: this.#view!, state, placed, moves: new Map(moves), total, position: cursor.position });
    return true;
  }
}
