/**
 * The review queue: the server's order, what of it is seen, and which line is in hand. The line in hand stays in hand when others come
 * and go; it refuses to jump under somebody's finger.
 */

import type { CaseRow, Lease, QueueMessage } from "../room/types.ts";
import { Model } from "../room/watching.ts";

/** Lines drawn above and below those that are seen. */
const SPARE = 4;

export interface Filter {
  readonly text: string;
  readonly venue: string | null;
}

export interface Slice {
  readonly from: number;
  readonly rows: readonly CaseRow[];
}

export class Queue extends Model {
  message: QueueMessage | null = null;
  filter: Filter = { text: "", venue: null };
  /** The key of the line in hand. */
  active: string | null = null;
  #seen: readonly CaseRow[] = [];
  #known: ReadonlySet<string> | null = null;
  readonly #textOf: (row: CaseRow) => string;

  /** `textOf` is what a search looks at: ids, names, words. */
  constructor(textOf: (row: CaseRow) => string = idsOf) {
    super();
    this.#textOf = textOf;
  }

  get rows(): readonly CaseRow[] {
    return this.#seen;
  }

  get place(): number {
    return this.#seen.findIndex((row) => row.key === this.active);
  }

  /** Take the queue as it is now; returns the blocking cases that were not there before (none at the first time). */
  take(message: QueueMessage): readonly CaseRow[] {
    const place = this.place;
    this.message = message;
    this.#sift(place);
    const blocking = message.cases.filter((row) => row.severity === "block");
    const fresh = this.#known === null ? [] : blocking.filter((row) => !this.#known!.has(row.key));
    this.#known = new Set(blocking.map((row) => row.key));
    this.told();
    return fresh;
  }

  sift(filter: Filter): void {
    const place = this.place;
    this.filter = filter;
    this.#sift(place);
    this.told();
  }

  /** Take a line in hand; false where there is none of that name. */
  choose(key: string): boolean {
    if (!this.#seen.some((row) => row.key === key)) return false;
    this.active = key;
    this.told();
    return true;
  }

  /** So many lines on, or back; it stops at the ends. With none in hand it comes in from the end that it moves away from. */
  move(by: number): void {
    if (this.#seen.length === 0) return;
    const place = this.place;
    const next = place === -1 && by < 0 ? this.#seen.length + by : place + by;
    this.active = this.#seen[Math.max(0, Math.min(this.#seen.length - 1, next))]!.key;
    this.told();
  }

  row(key: string): CaseRow | null {
    return this.message?.cases.find((each) => each.key === key) ?? null;
  }

  /** The line about this work, if it is in the queue. */
  about(contestant: string, stage: string): CaseRow | null {
    return this.message?.cases.find((each) => each.contestant === contestant && each.stage === stage) ?? null;
  }

  /** Who looks at this, without oneself. */
  lookers(contestant: string | null, stage: string | null, me: string): readonly string[] {
    const leases: readonly Lease[] = this.message?.leases ?? [];
    const theirs = leases.filter((lease) => lease.contestant === contestant && lease.stage === stage && lease.official !== me);
    return [...new Set(theirs.map((lease) => lease.official))];
  }

  #sift(place: number): void {
    const words = this.filter.text.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
    this.#seen = (this.message?.cases ?? []).filter((row) => this.#passes(row, words));
    if (this.active !== null && this.place === -1) {
      const beside = this.#seen[Math.min(Math.max(0, place), this.#seen.length - 1)];
      this.active = place === -1 ? null : (beside?.key ?? null);
    }
  }

  #passes(row: CaseRow, words: readonly string[]): boolean {
    if (this.filter.venue !== null && row.venue !== null && row.venue !== this.filter.venue) return false;
    if (words.length === 0) return true;
    const text = this.#textOf(row).normalize("NFKC").toLowerCase();
    return words.every((word) => text.includes(word));
  }
}

/** The lines to draw: those that are seen with a few to spare, and always the one in hand, so that a reader can find it. */
export function sliceOf(rows: readonly CaseRow[], top_px: number, height_px: number, row_px: number): Slice {
  if (row_px <= 0) return { from: 0, rows: rows.slice(0, 2 * SPARE) };
  const from = Math.max(0, Math.min(rows.length, Math.floor(top_px / row_px)) - SPARE);
  const to = Math.min(rows.length, Math.ceil((top_px + height_px) / row_px) + SPARE);
  return { from, rows: rows.slice(from, to) };
}

/** Where to scroll so that a line is seen; null: it is. */
export function scrollTo(place: number, top_px: number, height_px: number, row_px: number): number | null {
  const [begin, end] = [place * row_px, (place + 1) * row_px];
  if (begin < top_px) return begin;
  return end > top_px + height_px ? end - height_px : null;
}

function idsOf(row: CaseRow): string {
  return [row.key, row.contestant, row.stage, row.venue, row.source, ...row.codes].join(" ");
}
