/** The sheet of contestants in hand: what was dropped or pasted, mended cell by cell until nothing is wrong with it. */

import type { CellFault, Sheet } from "./answers.ts";
import { both } from "./naming.ts";
import { CONTESTANT_FIELDS, type Contestant, type Draft } from "./types.ts";

export type Table = readonly (readonly string[])[];

/** What the server takes in one file. */
export const FILE_MAX_BYTES = 4 * 1024 * 1024;
export const ROWS_A_PAGE = 50;

/** The table with this cell saying so. A row that ends before it is filled up. */
export function withCell(table: Table, row: number, column: number, text: string): Table {
  return table.map((each, nth) => {
    if (nth !== row) return each;
    const full = [...each, ...Array<string>(Math.max(0, column + 1 - each.length)).fill("")];
    full[column] = text;
    return full;
  });
}

/** What a column may fill, as the headings that the page writes. */
export const HEADINGS = ["id", "name", "name_zh", "name_en", "venue", "employer", "trade", "number", "status", "team"] as const;
const USUAL = ["id", "name", "venue", "employer", "trade", "number"];

/** The table whose first row is a contestant already, below headings as they usually are. */
export function withHeadings(table: Table): Table {
  const width = Math.max(...table.slice(0, ROWS_A_PAGE).map((row) => row.length));
  return [Array.from({ length: width }, (_, column) => USUAL[column] ?? ""), ...table];
}

/** "name.zh" as the server says it, as a heading. */
export function headingOf(fills: string | null): string {
  return (fills ?? "").replace(".", "_");
}

export function withoutRow(table: Table, row: number): Table {
  return table.filter((_, nth) => nth !== row);
}

export function withRow(table: Table): Table {
  return [...table, Array<string>(table[0]?.length ?? 0).fill("")];
}

/** Faults by where they stand: "3/1" is the second cell of line 3, "3" the whole line. */
export function byCell(faults: readonly CellFault[]): ReadonlyMap<string, readonly CellFault[]> {
  const found = new Map<string, CellFault[]>();
  for (const each of faults) {
    const place = each.column === null ? `${each.line}` : `${each.line}/${each.column}`;
    found.set(place, [...(found.get(place) ?? []), each]);
  }
  return found;
}

/** The rows to look at, as their places in the table: all of them, or those with a fault. The first row names the columns. */
export function rowsShown(sheet: Sheet, onlyFaulty: boolean): readonly number[] {
  const faulty = new Set([...sheet.faults, ...sheet.warnings].map((each) => each.line - 1));
  return sheet.table.map((_, row) => row).filter((row) => row > 0 && (!onlyFaulty || faulty.has(row)));
}

const TWOFOLD: readonly string[] = ["name", "employer", "trade"];

/** The draft's contestants as a sheet again, in the columns that they use. */
export function tableOf(contestants: readonly Contestant[]): Table {
  const used = CONTESTANT_FIELDS.filter((field) => ALWAYS.has(field) || contestants.some((each) => each[field] !== undefined));
  const columns = used.flatMap((field) => (contestants.some((each) => isTwofold(each[field])) ? [`${field}_zh`, `${field}_en`] : [field]));
  return [columns, ...contestants.map((each) => columns.map((column) => cellOf(each, column)))];
}

const ALWAYS = new Set(["id", "name", "venue"]);

function isTwofold(text: Contestant["name"]): boolean {
  return typeof text === "object" && text.zh !== text.en;
}

function cellOf(contestant: Contestant, column: string): string {
  const field = column.replace(/_(zh|en)$/, "");
  const value = contestant[field as keyof Contestant];
  if (!TWOFOLD.includes(field)) return typeof value === "string" ? value : "";
  const { zh, en } = both(value);
  return (column.endsWith("_en") ? en : column.endsWith("_zh") ? zh : (zh ?? en)) ?? "";
}

/** Taken in: instead of whom the draft has, or added to them; who has the same id is replaced. */
export function takenIn(draft: Draft, read: readonly Contestant[], instead: boolean): Draft {
  if (instead) return { ...draft, contestants: read };
  const fresh = new Map(read.map((each) => [each.id, each]));
  const kept = (draft.contestants ?? []).filter((each) => !fresh.has(each.id));
  return { ...draft, contestants: [...kept, ...read] };
}

/** Contestants whose words say what is sought. */
export function sought(contestants: readonly Contestant[], words: string): readonly Contestant[] {
  const wanted = words.normalize("NFKC").toLowerCase().trim();
  if (wanted === "") return contestants;
  return contestants.filter((each) => JSON.stringify(each).toLowerCase().includes(wanted));
}
