/** The sheet of contestants in two windows: each keeps its own through a reload, and takes nobody else's away. */

import { expect, test } from "vitest";
import type { Sheet } from "../../src/builder/answers.ts";
import { SheetWork } from "../../src/builder/sheet.svelte.ts";
import type { Table } from "../../src/builder/sheets.ts";
import { Api } from "../../src/room/api.ts";
import { Memory } from "../../src/room/storage.ts";

const table = (id: string): Table => [["id"], [id]];

/** A server that reads what it was sent, each answer when it is let go. */
class Reader {
  readonly waiting: (() => void)[] = [];
  readonly api = new Api("", async (_, how) => {
    const sent = JSON.parse(String(how.body)) as { table: Table };
    await new Promise<void>((done) => this.waiting.push(done));
    return new Response(JSON.stringify({ table: sent.table } satisfies Partial<Sheet>), { status: 200 });
  });

  async answer(): Promise<void> {
    for (const done of this.waiting.splice(0)) done();
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    await new Promise((done) => setImmediate(done));
  }
}

async function read(reader: Reader, sheet: SheetWork, id: string): Promise<void> {
  const asked = sheet.ask({ table: table(id) });
  await reader.answer();
  await asked;
}

test("a reload finds the sheet of its own window, whatever another window read since; a new window finds the last", async () => {
  const [shared, here, there, reader] = [new Memory(), new Memory(), new Memory(), new Reader()];
  const open = (own: Memory): SheetWork => new SheetWork(reader.api, [own, shared], () => []);
  await read(reader, open(here), "A1");
  await read(reader, open(there), "B1");
  expect([open(here).table, open(there).table, open(new Memory()).table]).toEqual([table("A1"), table("B1"), table("B1")]);
});

test.each([["A1", null], ["B1", "B1"]])("whoever lays their sheet aside takes no other window's away: after %s was read last, a new window finds %s", async (last, found) => {
  const [shared, here, there, reader] = [new Memory(), new Memory(), new Memory(), new Reader()];
  const mine = new SheetWork(reader.api, [here, shared], () => []);
  const other = new SheetWork(reader.api, [there, shared], () => []);
  for (const id of last === "A1" ? ["B1", "A1"] : ["A1", "B1"]) await read(reader, id === "A1" ? mine : other, id);
  mine.drop();
  const again = (own: Memory): Table | null => new SheetWork(reader.api, [own, shared], () => []).table;
  expect([again(there), again(new Memory())]).toEqual([table("B1"), found === null ? null : table(found)]);
  expect([mine.table, here.getItem("builder/sheet")]).toEqual([null, null]);
});

test("an answer that comes after the sheet was laid aside, or after a later question, changes nothing", async () => {
  const [shared, own, reader] = [new Memory(), new Memory(), new Reader()];
  const sheet = new SheetWork(reader.api, [own, shared], () => []);
  const late = sheet.ask({ table: table("A1") });
  sheet.drop();
  await reader.answer();
  await late;
  expect([sheet.table, sheet.read, own.getItem("builder/sheet")]).toEqual([null, null, null]);
});
