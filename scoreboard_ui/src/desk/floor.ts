/** What goes on at this desk, folded from its own entries: who is called, who works where since when, and the number of each attempt. */

import { type Entry, stateOf } from "./outbox.ts";

export type Step = "called" | "working" | "cleared" | "rejected" | "pending" | "withdrawn";

/** A contestant as this desk last had to do with them. */
export interface Standing {
  readonly contestant: string;
  readonly step: Step;
  readonly stage: string | null;
  readonly station: string | null;
  readonly since: string;
}

interface Tried {
  readonly attempt: string;
  end: "open" | "pending" | "over";
}

/** The attempts of this desk. Their names hold the device, so that two desks never mean the same one by chance. */
export class Attempts {
  readonly #device: string;
  readonly #tried = new Map<string, Tried[]>();

  constructor(device: string) {
    this.#device = device;
  }

  note(entry: Entry): void {
    const { kind, contestant, stage, attempt, data } = entry.event;
    if (contestant === undefined || stage === undefined || attempt === undefined) return;
    const tried = this.#of(contestant, stage);
    let one = tried.find((each) => each.attempt === attempt);
    if (one === undefined) tried.push((one = { attempt, end: "open" }));
    if (kind === "clear") one.end = "over";
    else if (kind === "attempt") one.end = data?.["outcome"] === "pending" ? "pending" : "over";
  }

  /** The attempt that was begun and has no outcome. */
  open(contestant: string, stage: string): string | undefined {
    return this.#of(contestant, stage).findLast((each) => each.end === "open")?.attempt;
  }

  /** The attempt that waits for its verdict. */
  awaited(contestant: string, stage: string): string | undefined {
    return this.#of(contestant, stage).findLast((each) => each.end === "pending")?.attempt;
  }

  latest(contestant: string, stage: string): string | undefined {
    return this.#of(contestant, stage).at(-1)?.attempt;
  }

  count(contestant: string, stage: string): number {
    return this.#of(contestant, stage).length;
  }

  next(contestant: string, stage: string): string {
    return `${this.#device}-${this.count(contestant, stage) + 1}`;
  }

  #of(contestant: string, stage: string): Tried[] {
    const key = JSON.stringify([contestant, stage]);
    let tried = this.#tried.get(key);
    if (tried === undefined) this.#tried.set(key, (tried = []));
    return tried;
  }
}

export interface Floor {
  readonly attempts: Attempts;
  readonly people: ReadonlyMap<string, Standing>;
  /** By station: whoever is called to it or works at it. */
  readonly stations: ReadonlyMap<string, Standing>;
  /** What this desk entered last of a contestant at a stage. */
  readonly stages: ReadonlyMap<string, Step>;
}

export function cellKey(contestant: string, stage: string): string {
  return JSON.stringify([contestant, stage]);
}

export function floorOf(entries: readonly Entry[], device: string): Floor {
  const attempts = new Attempts(device);
  const people = new Map<string, Standing>();
  const stages = new Map<string, Step>();
  for (const entry of entries) {
    if (["refused", "settled"].includes(stateOf(entry))) continue; // the server does not have it
    attempts.note(entry);
    const next = standingAfter(entry, people.get(entry.event.contestant ?? ""));
    if (next === null) continue;
    people.set(next.contestant, next);
    if (next.stage !== null && next.step !== "called") stages.set(cellKey(next.contestant, next.stage), next.step);
  }
  const busy = [...people.values()].filter((each) => each.station !== null && (each.step === "called" || each.step === "working"));
  busy.sort((one, other) => one.since.localeCompare(other.since));
  return { attempts, people, stages, stations: new Map(busy.map((each) => [each.station!, each])) };
}

const STEPS: Partial<Record<string, Step>> = { start: "working", clear: "cleared", withdraw: "withdrawn" };

function standingAfter(entry: Entry, before: Standing | undefined): Standing | null {
  const { kind, contestant, stage, at, data } = entry.event;
  if (contestant === undefined) return null;
  const step = kind === "note" && data?.["called"] === true ? "called" : kind === "attempt" ? (data?.["outcome"] === "pending" ? "pending" : "rejected") : STEPS[kind];
  if (step === undefined) return null;
  const said = data?.["station"];
  const station = typeof said === "string" ? said : (before?.station ?? null);
  return { contestant, step, stage: stage ?? null, station, since: at };
}
