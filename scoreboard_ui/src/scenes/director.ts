/**
 * The automatic director: which scene is worth looking at now. A pure function of what it sees and of time; it never decides while
 * a human does, because whoever shows an ordered program does not ask it.
 */

import type { Callout } from "../board/callouts.ts";
import { remaining } from "../board/clock.ts";
import type { Placed } from "../board/order.ts";
import type { BoardState, ContestantId, ContestInfo, Phase } from "../board/types.ts";
import type { Program } from "./program.ts";

/** What the director sees. `callouts` are those that are new since it looked last. */
export interface Sight {
  readonly phase: Phase;
  readonly isFrozen: boolean;
  readonly venues: number;
  readonly callouts: readonly Callout[];
  /** The first two, when so little is between them that one stage decides; null otherwise. */
  readonly close: readonly [ContestantId, ContestantId] | null;
}

export interface Take {
  readonly program: Program;
  readonly since_ms: number;
  readonly until_ms: number;
  /** How interesting it is: what is shown gives way to more interesting things only. */
  readonly interest: number;
  /** Which turn of the round comes next, when nothing happens. */
  readonly turn: number;
  /** When the two in front were shown side by side last. */
  readonly duelAt_ms: number | null;
}

/** No scene is left sooner: nobody can read it faster. */
export const SHORTEST_MS = 6_000;
export const FIRST_MS = 9_000;
export const LEAD_MS = 12_000;
export const CLOSE_MS = 15_000;
/** The two in front are not shown again sooner. */
export const CLOSE_AGAIN_MS = 90_000;
/** The last part of a contest, in which a small gap is a close finish. */
const LATE = 0.3;

const INTEREST = { round: 0, close: 1, first: 2, lead: 3 } as const;

interface Turn {
  readonly program: Program;
  readonly dwell_ms: number;
}

const RANKING: Turn = { program: { scene: "ranking", view: "all", lang: null }, dwell_ms: 30_000 };
const LANES: Turn = { program: { scene: "lanes", lang: null }, dwell_ms: 20_000 };
const DUEL: Turn = { program: { scene: "duel", left: null, right: null, lang: null }, dwell_ms: 15_000 };
const COUNTDOWN: Turn = { program: { scene: "countdown", to: "start", lang: null }, dwell_ms: 30_000 };

/** What to show at `now_ms`, after `before` (null: nothing yet). The same object where nothing changes. */
export function direct(before: Take | null, sight: Sight, now_ms: number): Take {
  const wish = wishOf(before, sight, now_ms);
  if (before === null) return cut(wish ?? roundOf(sight, 0), 0, null, now_ms);
  if (wish !== null && wish.interest > before.interest && now_ms - before.since_ms >= SHORTEST_MS) return cut(wish, before.turn, before.duelAt_ms, now_ms);
  if (now_ms < before.until_ms && isStillRight(before.program, sight)) return before;
  const next = wish ?? roundOf(sight, before.turn);
  return cut(next, wish === null ? before.turn + 1 : before.turn, before.duelAt_ms, now_ms);
}

interface Wish extends Turn {
  readonly interest: number;
}

function cut({ program, dwell_ms, interest }: Wish, turn: number, duelAt_ms: number | null, now_ms: number): Take {
  const isDuel = interest === INTEREST.close;
  return { program, since_ms: now_ms, until_ms: now_ms + dwell_ms, interest, turn, duelAt_ms: isDuel ? now_ms : duelAt_ms };
}

/** The most interesting thing that just happened. While the board is frozen nothing does, and before the start neither. */
function wishOf(before: Take | null, sight: Sight, now_ms: number): Wish | null {
  if (sight.isFrozen || sight.phase === "before" || sight.phase === "ended") return null;
  const lead = sight.callouts.findLast((callout) => callout.kind === "lead");
  if (lead?.kind === "lead") return leadWish(lead.contestant, lead.before);
  const first = sight.callouts.findLast((callout) => callout.kind === "first");
  if (first !== undefined) return { program: { scene: "spotlight", contestant: first.contestant, lang: null }, dwell_ms: FIRST_MS, interest: INTEREST.first };
  const isAgain = before !== null && before.duelAt_ms !== null && now_ms - before.duelAt_ms < CLOSE_AGAIN_MS;
  if (sight.close === null || isAgain) return null;
  const [left, right] = sight.close;
  return { program: { scene: "head_to_head", left, right, lang: null }, dwell_ms: CLOSE_MS, interest: INTEREST.close };
}

function leadWish(now: ContestantId, before: ContestantId | null): Wish {
  const program: Program = before === null ? { scene: "spotlight", contestant: now, lang: null } : { scene: "head_to_head", left: now, right: before, lang: null };
  return { program, dwell_ms: LEAD_MS, interest: INTEREST.lead };
}

function roundOf(sight: Sight, turn: number): Wish {
  const round = sight.phase === "before" ? [COUNTDOWN, RANKING] : sight.phase === "ended" ? [RANKING] : sight.venues > 1 ? [RANKING, LANES, RANKING, DUEL] : [RANKING, LANES];
  return { ...round[turn % round.length]!, interest: INTEREST.round };
}

/** A countdown to a start that was, or a single person's light while the board is frozen, is over at once. */
function isStillRight(program: Program, sight: Sight): boolean {
  if (program.scene === "countdown") return sight.phase === "before";
  return !sight.isFrozen || program.scene === "ranking" || program.scene === "lanes" || program.scene === "duel";
}

/** The two in front, late in the contest, when no more than the cheapest stage is between them. */
export function closeOf(info: ContestInfo, picture: { readonly state: BoardState; readonly placed: readonly Placed[] }): readonly [ContestantId, ContestantId] | null {
  const { state, placed } = picture;
  const duration_ms = state.duration_ms ?? info.duration_ms ?? null;
  const left_ms = remaining(state.elapsed_ms, duration_ms);
  if (duration_ms === null || left_ms === null || left_ms > duration_ms * LATE) return null;
  const [first, second] = placed.filter(({ rank }) => rank !== null).slice(0, 2);
  if (first === undefined || second === undefined || (first.row.cleared ?? 0) === 0) return null;
  const cheapest = Math.min(...info.stages.map(({ points }) => Number(points ?? 1)));
  const gap = Math.abs(Number(first.row.points ?? first.row.cleared ?? 0) - Number(second.row.points ?? second.row.cleared ?? 0));
  return gap <= cheapest ? [first.row.id, second.row.id] : null;
}
