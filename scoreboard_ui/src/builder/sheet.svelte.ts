/**
 * The sheet of contestants in hand. It outlives the page, as the draft does, and a reload finds the one of its own window, whatever another
 * window reads. Every mended cell is read again by the server.
 */

import type { Answer, Api } from "../room/api.ts";
import { Shelf, type Store } from "../room/storage.ts";
import type { Sheet } from "./answers.ts";
import { SHELF } from "./shelf.ts";
import type { Table } from "./sheets.ts";
import type { Venue } from "./types.ts";

const SHEET = "sheet";
const PAUSE_MS = 300;

export type Source = { readonly name: string; readonly content: string } | { readonly text: string } | { readonly table: Table };

export class SheetWork {
  table = $state.raw<Table | null>(null);
  read = $state.raw<Sheet | null>(null);
  answer = $state.raw<Answer<Sheet> | null>(null);
  isBusy = $state(false);
  readonly #api: Api;
  /** This window's own, and the one that all share. */
  readonly #shelves: readonly Shelf[];
  readonly #venues: () => readonly Venue[];
  #asked = 0;
  #timer = 0;

  constructor(api: Api, stores: readonly Store[], venues: () => readonly Venue[]) {
    this.#api = api;
    this.#shelves = stores.map((store) => new Shelf(store, SHELF));
    this.#venues = venues;
    const kept = this.#shelves.map((shelf) => shelf.take<Table>(SHEET)).find((each) => each !== null);
    if (Array.isArray(kept) && kept.every((row) => Array.isArray(row))) this.table = kept;
  }

  /** Read what was dropped, pasted or typed. */
  async ask(source: Source): Promise<void> {
    const number = ++this.#asked;
    this.isBusy = true;
    const answer = await this.#api.post<Sheet>("/builder/contestants", { ...source, venues: this.#venues().filter((each) => each.id !== "") });
    if (number !== this.#asked) return;
    this.isBusy = false;
    this.answer = answer;
    if (answer.kind !== "given") return;
    this.read = answer.value;
    this.#hold(answer.value.table);
  }

  /** The table is so now; it is read again after a pause. */
  mend(table: Table): void {
    this.#hold(table);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.ask({ table }), PAUSE_MS) as unknown as number;
  }

  again(): void {
    if (this.table !== null) void this.ask({ table: this.table });
  }

  /** Lay the sheet aside; what another window read since stays where all find it. */
  drop(): void {
    const mine = JSON.stringify(this.table);
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.isBusy = false;
    this.table = this.read = this.answer = null;
    for (const shelf of this.#shelves) if (JSON.stringify(shelf.take(SHEET)) === mine) shelf.drop(SHEET);
  }

  #hold(table: Table): void {
    this.table = table;
    for (const shelf of this.#shelves) shelf.replace(SHEET, table);
  }
}
