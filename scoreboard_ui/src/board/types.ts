/** The words of the display socket and of the REST side, exactly as they travel. Nothing here decides anything. */

export type ContestantId = string;
export type StageId = string;
export type VenueId = string;

export interface Phrase {
  readonly zh: string;
  readonly en: string;
}

/** A name as the server sends it: one of the languages may be missing. */
export type Name = Partial<Phrase>;

/** A sentence of the server: in both languages, or plain text that is the same in each, such as what somebody wrote. */
export type Sentence = string | Phrase;

export type StageState = "working" | "pending" | "tried" | "cleared" | "held";

export interface StageCell {
  readonly state: StageState;
  readonly points?: string | null;
  readonly tries?: number;
  readonly pending?: number;
  /** Contest time of the clear. */
  readonly ms?: number | null;
  readonly first?: boolean;
}

export interface Row {
  readonly id: ContestantId;
  /** Orders rows ascending, element by element. */
  readonly key: readonly (number | string)[];
  readonly points?: string | null;
  readonly cleared?: number;
  readonly time_ms?: number | null;
  /** "ok" when left out; "guest", "dsq" and "dns" are shown without a rank number. */
  readonly status?: string;
  readonly stages?: Readonly<Record<StageId, StageCell>>;
}

export type Phase = "before" | "running" | "paused" | "ended";

export interface VenueTotal {
  readonly contestants: number;
  readonly cleared: number;
  readonly points: string;
  readonly best?: ContestantId | null;
}

export interface Freeze {
  readonly position: number;
  readonly minutes?: number | null;
  readonly phrase: Name;
  /** How many were revealed since, and the last of them. */
  readonly revealed?: { readonly count: number; readonly last: readonly ContestantId[] };
}

export interface BoardState {
  readonly phase: Phase;
  readonly now: string;
  readonly started?: string | null;
  readonly elapsed_ms: number;
  readonly duration_ms?: number | null;
  readonly frozen?: Freeze | null;
  readonly final?: boolean;
  readonly definition?: number;
  readonly roster?: number;
  readonly venues?: Readonly<Record<VenueId, VenueTotal>>;
  readonly first?: Readonly<Record<StageId, { readonly contestants: readonly ContestantId[]; readonly more?: number; readonly ms?: number | null }>>;
}

export interface Frame {
  readonly type: "frame";
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
  readonly total: number;
  readonly state: BoardState;
  readonly rows: readonly Row[];
  readonly gone: readonly ContestantId[];
}

export interface Beat {
  readonly type: "beat";
  readonly to: number;
  readonly now: string;
}

export interface Bye {
  readonly type: "bye";
  readonly code: string;
  readonly retry?: boolean;
}

export type FromServer = Frame | Beat | Bye;
export type ToServer = { readonly type: "painted"; readonly to: number };

export interface ContestListing {
  readonly id: string;
  readonly name: Name;
  readonly phase?: Phase;
}

export interface VenueInfo {
  readonly id: VenueId;
  readonly name?: Name | null;
  readonly colour?: string | null;
}

export interface StageInfo {
  readonly id: StageId;
  readonly name?: Name | null;
  readonly points?: string | null;
  readonly limit_ms?: number | null;
}

/** How many golds, silvers and bronzes there are, and within how many points of the first of a medal one shares it. */
export interface MedalRule {
  readonly counts: readonly number[];
  readonly delta: string;
}

export interface ContestInfo {
  readonly id: string;
  readonly name: Name;
  readonly organiser?: Name | null;
  readonly starts?: string | null;
  readonly duration_ms?: number | null;
  readonly epoch?: string;
  readonly definition?: number;
  readonly languages?: readonly string[];
  readonly venues: readonly VenueInfo[];
  readonly stages: readonly StageInfo[];
  readonly ranking?: readonly { readonly by: string; readonly order?: string; readonly unit?: string }[];
  readonly medals?: MedalRule;
}

export interface ContestantInfo {
  readonly id: ContestantId;
  /** Names are erased on request; then the id stands in. */
  readonly name?: Name | null;
  readonly venue: VenueId;
  readonly employer?: Name | null;
  readonly trade?: Name | null;
  readonly number?: string | null;
  /** An address on this server. */
  readonly photo?: string | null;
  /** Stars of skill, 0 to 5, where somebody has reckoned them. */
  readonly stars?: number | null;
}

export interface Roster {
  readonly version: number;
  readonly contestants: readonly ContestantInfo[];
}
