/** From what an operator does to the event that says so. Times are this device's own; the server measures how wrong it is. */

import type { Attempts } from "./floor.ts";
import type { Kind, VenueEvent } from "./outbox.ts";

export type Deed = "call" | "start" | "clear" | "reject" | "pending" | "readings" | "violation" | "note" | "withdraw";

export interface Doing {
  readonly deed: Deed;
  readonly contestant: string;
  readonly stage?: string | undefined;
  readonly station?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly code?: string | undefined;
  readonly text?: string | undefined;
}

const KINDS: Readonly<Record<Deed, Kind>> = {
  call: "note", start: "start", clear: "clear", reject: "attempt", pending: "attempt", readings: "evidence", violation: "violation", note: "note", withdraw: "withdraw",
};
const OUTCOMES: Partial<Readonly<Record<Deed, string>>> = { reject: "rejected", pending: "pending" };

export function eventOf(doing: Doing, attempts: Attempts, at: Date): VenueEvent {
  const { deed, contestant, stage, station } = doing;
  const attempt = stage === undefined ? undefined : attemptFor(deed, attempts, contestant, stage);
  const data = {
    ...doing.data,
    ...(OUTCOMES[deed] === undefined ? {} : { outcome: OUTCOMES[deed] }),
    ...(deed === "call" ? { called: true } : {}),
    ...(deed === "violation" ? { code: doing.code ?? "" } : {}),
    ...(doing.text ? { text: doing.text } : {}),
    ...(station && (deed === "call" || deed === "start" || deed === "violation") ? { station } : {}),
  };
  return {
    kind: KINDS[deed],
    at: at.toISOString(),
    contestant,
    ...(stage === undefined ? {} : { stage }),
    ...(attempt === undefined ? {} : { attempt }),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
}

/** A start begins the next attempt; what follows belongs to the one at work. Readings after the end belong to the last one. */
function attemptFor(deed: Deed, attempts: Attempts, contestant: string, stage: string): string | undefined {
  switch (deed) {
    case "start":
      return attempts.next(contestant, stage);
    case "clear":
    case "reject":
    case "pending":
      return attempts.open(contestant, stage) ?? attempts.awaited(contestant, stage) ?? attempts.next(contestant, stage);
    case "readings":
      return attempts.open(contestant, stage) ?? attempts.latest(contestant, stage) ?? attempts.next(contestant, stage);
    default:
      return undefined;
  }
}

/** The deed that an event says, for the list. */
export function deedOf(event: VenueEvent): Deed {
  if (event.kind === "note") return event.data?.["called"] === true ? "call" : "note";
  if (event.kind === "attempt") return event.data?.["outcome"] === "pending" ? "pending" : "reject";
  if (event.kind === "evidence") return "readings";
  return event.kind;
}
