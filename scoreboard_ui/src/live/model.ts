/**
 * The spectators' model: one view of the board at a time, who stands where, who moved. Plain TypeScript; it hands out one
 * `Picture` an animation frame at most. It lets go of the socket while it sleeps, and resumes by its cursor.
 */

import { Announcer, type Callout } from "../board/callouts.ts";
import { ContestClock } from "../board/clock.ts";
import type { Merged } from "../board/merge.ts";
import { type Collation, collate, type Placed } from "../board/order.ts";
import { BoardSocket, type Link, type Listener, STALE_AFTER_MS, type Surroundings } from "../board/socket.ts";
import { type Move, Standing } from "../board/standing.ts";
import type { BoardState, ContestantId, Roster } from "../board/types.ts";

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

export interface Painting {
  readonly before: (paint: () => void) => void;
  readonly after: (act: () => void) => void;
}

export class LiveModel implements Listener {
  readonly clock = new ContestClock();
  readonly #spectator: Spectator;
  readonly #world: Surroundings;
  readonly #painting: Painting;
  readonly #addressOf: (view: string, after: string | null) => string;
  #socket: BoardSocket | null = null;
  #view: string | null = null;
  #standing = new Standing();
  #announcer = new Announcer();
  #collation: Collation = new Map();
  #known = { roster: 0, definition: 0 };
  #changed = new Set<ContestantId>();
  #isDrawn = true;
  #owesCredit = false;
  #isAsleep = false;

  constructor(addressOf: (view: string, after: string | null) => string, spectator: Spectator, world: Surroundings, painting: Painting) {
    this.#addressOf = addressOf;
    this.#spectator = spectator;
    this.#world = world;
    this.#painting = painting;
  }

  know(roster: Roster, definition: number): void {
    this.#known = { roster: roster.version, definition };
    this.#collation = collate(roster.contestants.map(({ id, name }) => [id, name?.zh ?? name?.en ?? id]));
    if (this.#socket !== null) this.#standing.reset(this.#socket.board, this.#collation);
    this.#plan();
  }

  /** Show another view: it begins anew, and what was shown stands until it comes. */
  show(view: string): void {
    if (view === this.#view) return;
    this.#socket?.stop();
    this.#view = view;
    this.#standing = new Standing();
    this.#announcer = new Announcer();
    this.#changed = new Set();
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
    if (this.#standing.forget(this.#world.now_ms())) this.#plan();
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
    if (merged.kind === "replaced") this.#restart();
    else if (merged.kind === "followed") for (const id of merged.ids) this.#changed.add(id);
    this.#owesCredit = true;
    this.#askForNewer();
    this.#plan();
  }

  linked(): void {
    this.pulse();
  }

  told(now: string): void {
    this.clock.hear(now, this.#world.now_ms());
  }

  // Painting

  /** A whole board is learnt in silence. */
  #restart(): void {
    const { board } = this.#socket!;
    this.#changed = new Set();
    this.#standing.reset(board, this.#collation);
    this.#announcer.learn(this.#standing.placed);
  }

  #askForNewer(): void {
    const { state } = this.#socket!.board;
    if (state === null) return;
    const isNewer = (state.roster ?? 0) > this.#known.roster || (state.definition ?? 0) > this.#known.definition;
    if (isNewer && this.#known.roster > 0) this.#spectator.outdated();
  }

  #plan(): void {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    this.#painting.before(() => this.#paint());
  }

  #paint(): void {
    this.#isDrawn = true;
    const socket = this.#socket;
    if (socket === null || socket.board.state === null || socket.board.cursor === null) return;
    this.#settle(socket);
    const { state, cursor, total } = socket.board;
    this.#spectator.draw({ view: this.#view!, state, placed: this.#standing.placed, moves: new Map(this.#standing.moves), total, position: cursor.position });
    if (!this.#owesCredit) return;
    this.#owesCredit = false;
    this.#painting.after(() => socket.painted());
  }

  #settle({ board }: BoardSocket): void {
    if (this.#changed.size === 0) return;
    const changed = this.#changed;
    this.#changed = new Set();
    this.#standing.follow(board, changed, this.#collation, this.#world.now_ms());
    const rows = [...changed].map((id) => board.rows.get(id)).filter((row) => row !== undefined);
    const callouts = this.#announcer.hear(rows, this.#standing.placed);
    if (callouts.length > 0) this.#spectator.heard(callouts);
  }
}
