/** Who and what the ids stand for. Names come beside the ledger; where one is missing or erased, the id stands for itself. */

import { getContext, setContext } from "svelte";
import type { ContestantInfo, ContestInfo, Roster, StageInfo, VenueInfo } from "../board/types.ts";
import type { Official } from "./types.ts";
import type { Voice } from "./saying.ts";

export class Names {
  readonly info: ContestInfo;
  readonly people: ReadonlyMap<string, ContestantInfo>;
  readonly stages: ReadonlyMap<string, StageInfo>;
  readonly venues: ReadonlyMap<string, VenueInfo>;
  readonly officials: ReadonlyMap<string, Official>;

  constructor(info: ContestInfo, roster: Roster, officials: readonly Official[]) {
    this.info = info;
    this.people = new Map(roster.contestants.map((each) => [each.id, each]));
    this.stages = new Map(info.stages.map((each) => [each.id, each]));
    this.venues = new Map(info.venues.map((each) => [each.id, each]));
    this.officials = new Map(officials.map((each) => [each.id, each]));
  }

  /** "B003 潘若彤"; the id alone where there is no name. */
  contestant(t: Voice, id: string): string {
    const name = this.contestantName(t, id);
    return name === id ? id : `${id} ${name}`;
  }

  contestantName(t: Voice, id: string): string {
    return t.name(this.people.get(id)?.name, id);
  }

  stage(t: Voice, id: string): string {
    return t.name(this.stages.get(id)?.name, id);
  }

  /** "A017/wiring" as "A017 厉俊杰 · 配盘接线"; anything else stands for itself. */
  cell(t: Voice, at: string): string {
    const [who = "", where = ""] = at.split("/");
    if (!this.people.has(who)) return at;
    return where === "" ? this.contestant(t, who) : `${this.contestant(t, who)} · ${this.stage(t, where)}`;
  }

  venue(t: Voice, id: string | null | undefined): string {
    return id == null ? "" : t.name(this.venues.get(id)?.name, id);
  }

  /** "R2 李裁判" */
  official(t: Voice, id: string): string {
    const name = t.name(this.officials.get(id)?.name, id);
    return name === id ? id : `${id} ${name}`;
  }
}

const KEY = Symbol("names");

export function setNames(names: () => Names): void {
  setContext(KEY, names);
}

/** A function, because names are read anew when the roster changes. */
export function getNames(): () => Names {
  return getContext<() => Names>(KEY);
}
