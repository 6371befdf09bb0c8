/** The control room's page: what the server tells, asked again and again, and what a director orders. Every order is sent once, under its own id. */

import type { Sentence } from "../board/types.ts";
import { type Answer, type Api, path } from "../room/api.ts";
import { newId } from "../room/ids.ts";
import { DEFAULT, type Order, type Program, type RoomState, type Screens, type ScreenState } from "./types.ts";

/** asking: not known yet. away: the server does not answer. out: nobody is logged in. refused: whoever is, directs nothing here. */
export type Door = "asking" | "away" | "out" | "refused" | "in";

export const LOOK_EVERY_MS = 1_000;
const ROOM_EVERY_LOOKS = 2;
/** A theme changes when somebody mends it, which nobody does every second. */
const THEME_EVERY_LOOKS = 15;
/** So often it is not asked after nobody was let in: only somebody's login in another window changes that. */
const RESTS = 9;
/** Without an answer for so long, what is shown is old. */
export const OLD_AFTER_MS = 5_000;

export class ControlRoom {
  door = $state<Door>("asking");
  room = $state.raw<RoomState | null>(null);
  screens = $state.raw<Screens | null>(null);
  /** Why the contest's theme is not worn: its screens are in the usual colours. */
  themeFaults = $state.raw<readonly Sentence[]>([]);
  /** What was answered to the last order that was not done. */
  trouble = $state.raw<Answer<unknown> | null>(null);
  isBusy = $state(false);
  heard_ms = $state(0);
  /** When the room's state came, by this device. */
  roomAt_ms = $state(0);
  /** Server minus this device. */
  offset_ms = $state(0);
  /** The screen that orders go to, or the default. */
  target = $state(DEFAULT);
  readonly api: Api;
  readonly #now: () => number;
  #looks = 0;
  #rests = 0;
  #looksUntilTheme = 0;

  constructor(api: Api, now: () => number = () => Date.now()) {
    this.api = api;
    this.#now = now;
  }

  get aimed(): ScreenState | null {
    if (this.screens === null) return null;
    return this.screens.screens.find((each) => each.id === this.target) ?? this.screens.default;
  }

  /** Ask for everything; the room itself every second time, the theme's faults now and then. Each answer counts from when it comes. */
  async look(): Promise<void> {
    if (this.#rests-- > 0) return;
    const wantsRoom = this.#looks++ % ROOM_EVERY_LOOKS === 0;
    if (this.#looksUntilTheme-- <= 0) void this.#lookAtTheme();
    await Promise.all([wantsRoom ? this.#lookAtRoom() : Promise.resolve(), this.#lookAtScreens()]);
  }

  async #lookAtRoom(): Promise<void> {
    const room = await this.api.get<RoomState>("/control-room");
    if (room.kind !== "given") return;
    this.room = room.value;
    this.roomAt_ms = this.#now();
  }

  async #lookAtScreens(): Promise<void> {
    const screens = await this.api.get<Screens>("/screens");
    if (screens.kind === "given") this.#take(screens.value);
    this.#knock(screens);
  }

  #take(screens: Screens): void {
    this.screens = screens;
    this.heard_ms = this.#now();
    this.offset_ms = Date.parse(screens.now) - this.heard_ms;
  }

  async #lookAtTheme(): Promise<void> {
    this.#looksUntilTheme = THEME_EVERY_LOOKS;
    const theme = await this.api.get<{ readonly faults: readonly Sentence[] }>("/theme");
    if (theme.kind === "given") this.themeFaults = theme.value.faults;
  }

  #knock(answer: Answer<unknown>): void {
    if (answer.kind === "given") this.door = "in";
    else if (answer.kind === "refused" && answer.status === 401) this.door = "out";
    else if (answer.kind === "refused" && answer.status === 403) this.door = "refused";
    else if (this.door !== "in") this.door = "away";
    this.#rests = this.door === "out" || this.door === "refused" ? RESTS : 0;
  }

  /** Look at everything at once, after something was done. */
  async hurry(): Promise<void> {
    this.#looks = this.#rests = 0;
    await this.look();
  }

  order(screen: string, order: Order): Promise<boolean> {
    return this.post(`${path("screens", screen)}/orders`, { id: newId("order"), order });
  }

  assign(screen: string, program: Program): Promise<boolean> {
    return this.order(screen, { verb: "assign", program });
  }

  /** The next step of the reveal, if it is the one that is shown as next; or the last one back. */
  reveal(step: 1 | -1): Promise<boolean> {
    const next = this.room?.reveal.next?.contestant ?? null;
    return this.post("/reveal", { id: newId("reveal"), step, ...(step === 1 && next !== null ? { next } : {}) });
  }

  /** Order something; whether it was done. One at a time. */
  async post(where: string, body: unknown): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    const answer = await this.api.post<unknown>(where, body);
    this.isBusy = false;
    this.trouble = answer.kind === "given" ? null : answer;
    this.#knock(answer.kind === "refused" && answer.status === 403 ? { kind: "given", value: null } : answer);
    await this.hurry();
    return answer.kind === "given";
  }

  isOld(now_ms: number): boolean {
    return this.heard_ms > 0 && now_ms - this.heard_ms > OLD_AFTER_MS;
  }
}
