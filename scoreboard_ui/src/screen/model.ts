/**
 * The big screen's model: the board, who stands where, and what to show of it. Plain TypeScript outside of reactivity;
 * it hands out one `Picture` an animation frame at most, and unchanged plates keep their identity so that nobody redraws them.
 */

import type { Callout } from "../board/callouts.ts";
import { ContestClock } from "../board/clock.ts";
import { Following } from "../board/following.ts";
import type { Link, Surroundings } from "../board/line.ts";
import type { Merged } from "../board/merge.ts";
import type { Collation, Placed } from "../board/order.ts";
import { BoardSocket, type Listener, STALE_AFTER_MS } from "../board/socket.ts";
import type { Move } from "../board/standing.ts";
import type { BoardState, ContestantId, ContestantInfo, ContestInfo, Roster, Row } from "../board/types.ts";
import { Feed, type FeedItem } from "./feed.ts";
import { Pager, type Window, windowOf } from "./pager.ts";
import { Frames, type Painting } from "./painting.ts";
import { type Sting, Stingers } from "./stingers.ts";

export interface Plate {
  readonly id: ContestantId;
  readonly row: Row;
  readonly rank: number | null;
  readonly tied: number;
  readonly slot: number;
  readonly isPinned: boolean;
  readonly move: Move | null;
  readonly person: ContestantInfo | null;
}

export interface Picture {
  readonly state: BoardState;
  /** The whole ranking; the same object while nobody's row changed. */
  readonly placed: readonly Placed[];
  /** All ids in order; the same list while nobody comes or goes. */
  readonly everybody: readonly ContestantId[];
  /** Where somebody stands now; null for whoever is not in this view. */
  readonly standing: (id: ContestantId) => Placed | null;
  readonly plates: readonly Plate[];
  readonly leader: Plate | null;
  readonly runnerUp: Plate | null;
  readonly window: Window;
  readonly rows: number;
  readonly feed: readonly FeedItem[];
  readonly sting: Sting | null;
  readonly isHeld: boolean;
}

/** What belongs to the connection rather than to the contest. Told about twice a second. */
export interface Pulse {
  readonly link: Link;
  readonly staleFor_ms: number | null;
  readonly retryIn_ms: number;
  readonly cursor: string;
}

export interface Screen {
  draw(picture: Picture): void;
  pulse(pulse: Pulse): void;
  /** The board speaks of a newer roster or definition than the one we have. */
  outdated(what: "roster" | "definition"): void;
  /** What the hall should hear, each once. */
  heard?(callouts: readonly Callout[]): void;
}

/** Nothing that can be read, as high as a line of it. */
const NO_NAME_YET = { zh: "\u00a0", en: "\u00a0" };

export class ScreenModel implements Listener {
  readonly clock = new ContestClock();
  readonly socket: BoardSocket;
  readonly #world: Surroundings;
  readonly #screen: Screen;
  readonly #following = new Following();
  readonly #feed = new Feed();
  readonly #pager = new Pager();
  readonly #stingers = new Stingers();
  readonly #frames: Frames;
  #epoch: string | null = null;
  #people = new Map<ContestantId, ContestantInfo>();
  /** Whoever is shown while names are on their way; null: nobody waits for names any more. */
  #unnamed: Map<ContestantId, ContestantInfo> | null = new Map();
  #rosterVersion: number | null = null;
  #definition: number | null;
  #capacity = 10;
  #plates = new Map<ContestantId, Plate>();
  #leader: Plate | null = null;
  #window: Window = windowOf(0, 10, 0);

  constructor(info: ContestInfo, addressOf: (after: string | null) => string, screen: Screen, world: Surroundings, painting: Painting) {
    this.#definition = info.definition ?? null;
    this.#screen = screen;
    this.#world = world;
    this.socket = new BoardSocket(addressOf, this, world);
    this.#frames = new Frames(painting, () => this.#paint(), () => this.socket.painted());
  }

  know(roster: Roster): void {
    this.#rosterVersion = roster.version;
    this.#people = new Map(roster.contestants.map((person) => [person.id, person]));
    this.#unnamed = null;
    this.#following.know(roster, this.socket.board);
    this.#plates.clear();
    this.#frames.plan();
  }

  knowNobody(): void {
    this.#unnamed = null;
    this.#plates.clear();
    this.#frames.plan();
  }

  define(info: ContestInfo): void {
    this.#definition = info.definition ?? null;
  }

  /** How equals stand, by their names. */
  get collation(): Collation {
    return this.#following.collation;
  }

  /** Whom an id stands for; null: nobody knows. While names are on their way it is somebody without a name, so that no id flashes up in its place. */
  person(id: ContestantId): ContestantInfo | null {
    const known = this.#people.get(id) ?? this.#unnamed?.get(id);
    if (known !== undefined || this.#unnamed === null) return known ?? null;
    const nobody = { id, name: NO_NAME_YET, number: NO_NAME_YET.zh, venue: "" };
    this.#unnamed.set(id, nobody);
    return nobody;
  }

  fit(capacity: number): void {
    if (capacity === this.#capacity) return;
    this.#capacity = capacity;
    this.#frames.plan();
  }

  // Listener

  merged(merged: Merged): void {
    if (merged.kind === "replaced") this.#begin();
    this.#following.merged(this.socket.board, merged);
    if (merged.kind === "replaced") this.#feed.learn(this.socket.board.rows.values());
    this.#askForNewer();
    this.#frames.came();
  }

  linked(): void {
    this.pulse();
  }

  told(now: string): void {
    this.clock.hear(now, this.#world.now_ms());
  }

  // Time

  /** Twice a second: turn pages, end call-outs, take down marks. */
  tick(): void {
    const now_ms = this.#world.now_ms();
    const isTurned = this.#pager.tick(now_ms, this.#window.pages);
    const isStung = this.#stingers.tick(now_ms);
    const isForgotten = this.#following.standing.forget(now_ms);
    if (isTurned || isStung || isForgotten || this.#feed.isBehind) this.#frames.plan();
    this.pulse();
  }

  turn(by: number): void {
    this.#pager.turn(by, this.#world.now_ms(), this.#window.pages);
    this.#frames.plan();
  }

  turnTo(page: number): void {
    this.turn(page - this.#window.page);
  }

  hold(isHeld = !this.#pager.isHeld): void {
    this.#pager.hold(isHeld, this.#world.now_ms());
    this.#frames.plan();
  }

  pulse(): void {
    const { link, heardAt_ms, board } = this.socket;
    const now_ms = this.#world.now_ms();
    const silent_ms = heardAt_ms === null ? 0 : now_ms - heardAt_ms;
    this.#screen.pulse({
      link,
      staleFor_ms: silent_ms > STALE_AFTER_MS ? silent_ms : null,
      retryIn_ms: link.kind === "waiting" ? Math.max(0, link.until_ms - now_ms) : 0,
      cursor: board.cursor === null ? "–" : `${board.cursor.epoch}:${board.cursor.position}`,
    });
  }

  // Painting

  /** A whole board. Another epoch is another ledger, so what was announced there does not count. */
  #begin(): void {
    const { board } = this.socket;
    const epoch = board.cursor?.epoch ?? null;
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#following.forget();
    this.#feed.clear();
    this.#stingers.clear();
    this.clock.forget();
    if (board.state !== null) this.told(board.state.now);
  }

  #askForNewer(): void {
    const { state } = this.socket.board;
    if (state === null) return;
    if (state.roster !== undefined && this.#rosterVersion !== null && state.roster > this.#rosterVersion) this.#screen.outdated("roster");
    if (state.definition !== undefined && this.#definition !== null && state.definition !== this.#definition) this.#screen.outdated("definition");
  }

  /** All that was merged since the last animation frame, painted once. */
  #paint(): boolean {
    const { board } = this.socket;
    if (board.state === null) return false;
    this.#announce(this.#following.settle(board, this.#world.now_ms()), board.state.elapsed_ms);
    this.#screen.draw(this.#picture(board.state));
    return true;
  }

  #announce(callouts: readonly Callout[], heard_ms: number): void {
    if (callouts.length === 0) return;
    this.#feed.add(callouts, heard_ms);
    this.#stingers.add(callouts);
    this.#screen.heard?.(callouts);
    this.#stingers.tick(this.#world.now_ms());
  }

  #picture(state: BoardState): Picture {
    const { standing } = this.#following;
    const { placed, everybody } = standing;
    this.#window = windowOf(placed.length, this.#capacity, this.#pager.page);
    const [first, second] = frontTwo(placed);
    return {
      state,
      placed,
      everybody,
      standing: (id) => standing.of(id),
      plates: this.#visible(placed),
      leader: (this.#leader = first ? same(this.#leader, this.#plate(first, 0)) : null),
      runnerUp: second ? this.#plate(second, 1) : null,
      window: this.#window,
      rows: placed.length,
      feed: this.#feed.at(this.#world.now_ms()),
      sting: this.#stingers.shown,
      isHeld: this.#pager.isHeld,
    };
  }

  /** The plates on the screen, in an order that never changes: they stand absolutely, and moving elements would cut their glide. */
  #visible(placed: readonly Placed[]): readonly Plate[] {
    const { pinned, start, size } = this.#window;
    const shown = new Map<ContestantId, Plate>();
    const show = (from: number, count: number, slot: number): void => {
      for (let i = 0; i < count && from + i < placed.length; i++) {
        const fresh = this.#plate(placed[from + i]!, slot + i);
        const plate = same(this.#plates.get(fresh.id) ?? null, fresh);
        shown.set(plate.id, plate);
      }
    };
    show(0, pinned, 0);
    show(start, size, pinned);
    this.#plates = shown;
    return [...shown.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #plate({ row, rank, tied }: Placed, slot: number): Plate {
    const move = this.#following.standing.moves.get(row.id) ?? null;
    return { id: row.id, row, rank, tied, slot, isPinned: slot < this.#window.pinned, move, person: this.person(row.id) };
  }
}

/** The first two who compete. */
function frontTwo(placed: readonly Placed[]): Placed[] {
  const front: Placed[] = [];
  for (const one of placed) {
    if (one.rank !== null) front.push(one);
    if (front.length === 2) break;
  }
  return front;
}

/** The old plate where nothing changed, so that nobody draws it again. */
function same(old: Plate | null, fresh: Plate): Plate {
  const isSame = old !== null && (Object.keys(fresh) as (keyof Plate)[]).every((field) => old[field] === fresh[field]);
  return isSame ? old : fresh;
}
