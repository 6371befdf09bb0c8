/** What the server tells the control room, exactly as it travels, and what is ordered. */

import type { Freeze, Name, Phase, Row } from "../board/types.ts";
import type { Adjusting, Reason } from "../chief/types.ts";

export interface Program {
  readonly scene: string;
  readonly [option: string]: unknown;
}

export interface Step {
  readonly program: Program;
  readonly seconds: number;
}

export interface Words {
  readonly zh: string;
  readonly en: string;
  readonly until: string;
}

export interface Reported {
  readonly scene: string;
  readonly position: number;
  readonly width: number;
  readonly height: number;
  readonly age_s: number;
  readonly since: string;
}

export interface ScreenState {
  readonly id: string;
  readonly name?: string;
  readonly program: Program;
  readonly since: string | null;
  readonly follows: boolean;
  readonly hidden: boolean;
  readonly message: Words | null;
  readonly until: string | null;
  readonly sequence: { readonly steps: readonly Step[]; readonly loop?: boolean } | null;
  readonly timed: readonly { readonly time: string; readonly program: Program }[];
  readonly can_undo: boolean;
  readonly reported?: Reported | null;
}

export interface Order {
  readonly verb: string;
  readonly [option: string]: unknown;
}

export interface Given {
  readonly position: number;
  readonly at: string;
  readonly author: string;
  readonly screen: string;
  readonly order: Order;
}

export interface Screens {
  readonly position: number;
  readonly now: string;
  readonly default: ScreenState;
  readonly screens: readonly ScreenState[];
  readonly log: readonly Given[];
}

export interface Device {
  readonly source: string;
  readonly connected: boolean;
  readonly clock: "good" | "off" | "unmeasured" | null;
  readonly offset_us: number | null;
  readonly error_us: number | null;
  readonly unsynced: number;
  readonly events: number;
  readonly refused: number;
  readonly last: string | null;
}

export interface Venue {
  readonly id: string;
  readonly name: Name | null;
  readonly colour: string | null;
  readonly devices: readonly Device[];
}

export interface Against {
  readonly code: "no_device" | "clock_off" | "clock_unmeasured";
  readonly venue: string;
  readonly source: string | null;
  readonly offset_us: number | null;
}

export interface NextReveal {
  readonly contestant: string;
  readonly rank: number | null;
  readonly rank_after: number | null;
  readonly pending: number;
  readonly passed: number;
  readonly before: Row | null;
  readonly after: Row | null;
}

export interface Reveal {
  readonly frozen: boolean;
  readonly revealed: number;
  readonly left: number;
  readonly last: string | null;
  readonly next: NextReveal | null;
}

export interface Otherwise {
  readonly before: string;
  readonly after: string;
  readonly position: number;
  readonly contestants: number;
  readonly ranks: number;
  readonly published: number;
  readonly grave: boolean;
  readonly who: readonly string[];
}

export interface RoomState {
  readonly now: string;
  readonly position: number;
  readonly clock: {
    readonly phase: Phase;
    readonly started: string | null;
    readonly by_hand: boolean;
    readonly elapsed_ms: number;
    readonly duration_ms: number | null;
    readonly extended_ms: number;
    readonly pauses: number;
  };
  readonly frozen: Freeze | null;
  readonly reveal: Reveal;
  readonly final: boolean;
  readonly start: { readonly max_offset_ms: number; readonly corrects: boolean; readonly against: readonly Against[] };
  readonly venues: readonly Venue[];
  readonly publication: {
    readonly published: { readonly position: number; readonly at: string } | null;
    readonly against: readonly Pick<Reason, "code" | "detail" | "about">[];
    readonly reasons: number;
  };
  /** Rules that level venues or referees. */
  readonly adjustments?: readonly ({ readonly number: number; readonly rule: string } & Adjusting)[];
  /** What another program made of the same entries, unless something was published since. */
  readonly judged_otherwise?: Otherwise | null;
  readonly online: {
    readonly control_room: readonly { readonly who: string; readonly role: string }[];
    readonly officials: readonly { readonly id: string; readonly role: string; readonly looking: string | null }[];
    readonly displays: number;
    readonly stale: number;
  };
}

export const DEFAULT = "default";
