/** Who and what the ids stand for. Names come beside the ledger; where one is missing or erased, the id stands for itself. */

import { getContext, setContext } from "svelte";
import type { ContestantInfo, ContestInfo, Name, Roster, Sentence, StageInfo, VenueInfo } from "../board/types.ts";
import type { Official } from "./types.ts";
import type { Voice } from "./saying.ts";
import { fitted, held } from "./fitting.ts";
import { coded, valueText, withAspect } from "./texts.ts";
import { dayAndClockOf, lengthText } from "./times.ts";

/** An id in a sentence, a contestant's and a stage's together ("A017/wiring"), or a moment, which would look like one. */
const IDS = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|[\w-]+(?:\/[\w-]+)?/g;

/** A moment in UTC, as the server says it. */
const MOMENT = /^\d{4}-\d\d-\d\dT.*Z$/;

/** What a rule speaks of first: "work: no value was sent". */
const FIELD_FIRST = /^[\w-]+(?=[:：])/;

/** What a rule lists last: "critical item failed: helmet, gloves". */
const LISTED_LAST = /[:：]\s*[\w-]+(?:(?:, |、)[\w-]+)*$/;

/** An event by its device and number: "yueqing/desk-2#37". */
const EVENT = /^(\S+)#(\d+)$/;

/** What the ledger writes before the id of a contestant who did something. */
const CONTESTANT = "contestant:";

/** What a stage's form calls the fields that are entered, and the breaches of rules. */
export interface FormNames {
  readonly stage: string;
  readonly fields: readonly { readonly field: string; readonly name: Name | null }[];
  readonly violation_names?: Readonly<Record<string, Name>>;
  /** What aspects are called, and fields that are no line of the form. */
  readonly names?: Readonly<Record<string, Name>>;
}

/** The id that a page gave an act: it says nothing to people. */
const ACT = /(?:ruling|appeal|act)-[0-9a-z]+-[0-9a-f]{24}/.source;

function withoutActs(t: Voice, said: string): string {
  return said.replace(new RegExp(t.tongue === "zh" ? ` ?${ACT}(?: (?=[（：]))?` : ` ${ACT}`, "g"), "");
}

/** "closed_stage" in words; what is no code stays as it is. */
function codeText(t: Voice, text: string): string {
  return text.includes("_") ? coded(t, "code", text) : text;
}

export class Names {
  readonly info: ContestInfo;
  readonly people: ReadonlyMap<string, ContestantInfo>;
  readonly stages: ReadonlyMap<string, StageInfo>;
  readonly venues: ReadonlyMap<string, VenueInfo>;
  readonly officials: ReadonlyMap<string, Official>;
  readonly forms: ReadonlyMap<string, FormNames>;

  constructor(info: ContestInfo, roster: Roster, officials: readonly Official[], forms: readonly FormNames[] = []) {
    this.info = info;
    this.people = new Map(roster.contestants.map((each) => [each.id, each]));
    this.stages = new Map(info.stages.map((each) => [each.id, each]));
    this.venues = new Map(info.venues.map((each) => [each.id, each]));
    this.officials = new Map(officials.map((each) => [each.id, each]));
    this.forms = new Map(forms.map((each) => [each.stage, each]));
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

  /** "A017/wiring" as "A017 厉俊杰 · 配盘接线", and a stage or a venue by its name; anything else stands for itself. */
  cell(t: Voice, at: string): string {
    const [who = "", where = ""] = at.split("/");
    if (!this.people.has(who)) return this.stages.has(at) ? this.stage(t, at) : this.venue(t, at);
    return where === "" ? this.contestant(t, who) : `${this.contestant(t, who)} · ${this.stage(t, where)}`;
  }

  /**
   * A sentence of the server, with names where it says ids, and words where it says codes. `about` is what it surely speaks of. Any other id counts only where it can be
   * no word or number: in Chinese unless it is all digits, in English where it holds a digit or a "_" besides.
   */
  told(t: Voice, sentence: Sentence, about: readonly unknown[] = []): string {
    return fitted(this.#named(t, withoutActs(t, t.told(sentence)), about), t.tongue);
  }

  /**
   * A sentence of a rule, told likewise. The field or aspect that it may begin with is never a stage of the same name; a field is said with the name of its aspect, where that is
   * known. What they are called says the stage that it is about.
   */
  ruled(t: Voice, sentence: Sentence, about: readonly unknown[] = [], aspect: string | null = null): string {
    const said = t.told(sentence);
    const field = FIELD_FIRST.exec(said)?.[0] ?? "";
    const called = field === "" ? "" : (this.#ofStages(t, about, field) ?? field);
    const head = aspect === null || called === "" ? called : withAspect(t, called, aspect);
    return fitted(head + this.#named(t, said.slice(field.length), about), t.tongue);
  }

  /** What a stage calls a field of the evidence; null where the field stands for itself. */
  field(t: Voice, stage: string, field: string): string | null {
    const form = this.forms.get(stage);
    return t.name(form?.fields.find((each) => each.field === field)?.name ?? form?.names?.[field], "") || null;
  }

  /** A step of the arithmetic, with the names of the fields that it speaks of: "helmet: yes" as "Helmet: yes". */
  step(t: Voice, stage: string, sentence: Sentence): string {
    const said = withoutActs(t, t.told(sentence));
    const first = /^[\w-]+/.exec(said)?.[0] ?? "";
    const called = first === "" ? null : this.field(t, stage, first);
    return fitted(called === null ? this.#named(t, said, [stage]) : called + this.#named(t, said.slice(first.length), [stage]), t.tongue);
  }

  /** What a device said, as text: yes and no, and breaches of rules by their names. */
  said(t: Voice, stage: string, value: unknown): string {
    if (typeof value === "boolean") return t(value ? "yes" : "no");
    return valueText(value, (text) => t.name(this.forms.get(stage)?.violation_names?.[text], text));
  }

  /** What a rule used or a device told, as "name = value": by the names of the form, of devices and of measures; lengths of time never as bare milliseconds. */
  used(t: Voice, stage: string, name: string, value: unknown): string {
    const isLength = name.endsWith("_ms") && /^-?\d+$/.test(String(value)) && this.field(t, stage, name) === null;
    const called = this.field(t, stage, name) ?? coded(t, "measure", this.event(t, name));
    if (name === "outcome" && typeof value === "string") return `${t("measure_outcome")} = ${coded(t, "outcome", value)}`;
    return `${called} = ${isLength ? lengthText(Number(value)) : this.said(t, stage, value)}`;
  }

  /** "yueqing/desk-2#37" as "乐清 desk-2 #37"; anything else stands for itself. */
  event(t: Voice, text: string): string {
    const [, source, seq] = EVENT.exec(text) ?? [];
    return source === undefined ? text : `${this.device(t, source)} #${seq}`;
  }

  /** What was entered: an event by its device, an aspect by the name that the first stage with such a one gives it; anything else stands for itself. */
  entered(t: Voice, id: string): string {
    return EVENT.test(id) ? this.event(t, id) : (this.#ofStages(t, [...this.forms.keys()], id) ?? id);
  }

  /** What the first of these stages that knows it calls a field or an aspect. */
  #ofStages(t: Voice, stages: readonly unknown[], id: string): string | null {
    for (const stage of stages) {
      const called = this.field(t, String(stage), id);
      if (called !== null) return called;
    }
    return null;
  }

  /** The sentence with names in the places of ids, each still held as such. */
  #named(t: Voice, said: string, about: readonly unknown[]): string {
    const last = LISTED_LAST.exec(said)?.index ?? said.length;
    return said.replace(IDS, (text, at: number) => {
      if (MOMENT.test(text)) return held(dayAndClockOf(text));
      const isField = /^[:：]/.test(said.slice(at + text.length));
      const called = isField ? this.#ofStages(t, about, text) : null;
      if (called !== null) return held(called);
      const [who = "", where] = text.split("/");
      if (where !== undefined && this.people.has(who) && this.stages.has(where)) return held(this.cell(t, text));
      return text.split("/").map((id) => this.#calledAt(t, id, about, at >= last)).join("/");
    });
  }

  /** What an id is called where it stands in a sentence; `isListed` where the sentence ends with a list of such. */
  #calledAt(t: Voice, id: string, about: readonly unknown[], isListed: boolean): string {
    const isMeant = about.includes(id) || t.tongue === "zh" || /[\d_]/.test(id);
    if (!/\D/.test(id) || !(isMeant || isListed)) return id;
    if (isMeant && this.people.has(id)) return held(this.contestant(t, id));
    if (about.includes(id) && this.venues.has(id)) return held(this.venue(t, id));
    if (isMeant && this.stages.has(id)) return held(this.stage(t, id));
    const called = this.#ofStages(t, about, id);
    return called !== null ? held(called) : isMeant ? codeText(t, id) : id;
  }

  /** A device, "yongjia/desk-2", with its venue's name: "永嘉 desk-2". */
  device(t: Voice, source: string): string {
    const cut = source.indexOf("/");
    const venue = source.slice(0, Math.max(cut, 0));
    return this.venues.has(venue) ? `${this.venue(t, venue)} ${source.slice(cut + 1)}` : source;
  }

  venue(t: Voice, id: string | null | undefined): string {
    return id == null ? "" : t.name(this.venues.get(id)?.name, id);
  }

  /** Whatever an id alone stands for: an official, a venue, an event, a device; anything else stands for itself. */
  anything(t: Voice, id: string): string {
    if (this.venues.has(id)) return this.venue(t, id);
    if (EVENT.test(id)) return this.event(t, id);
    return id.includes("/") ? this.device(t, id) : this.official(t, id);
  }

  /** "R2 李裁判"; contestants who act for themselves are "contestant:A017" in the ledger. */
  official(t: Voice, id: string): string {
    if (id.startsWith(CONTESTANT)) return this.contestant(t, id.slice(CONTESTANT.length));
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
