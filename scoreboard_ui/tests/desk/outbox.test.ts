/** The laws of the desk's outbox, whatever happens on the way: kills, cuts, lost answers, backups. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Entry, isHeld, type Outbox, stateOf } from "../../src/desk/outbox.ts";
import { Disk, hear, note, Server } from "./world.ts";

type Move =
  | { readonly does: "enter"; readonly bad: boolean }
  | { readonly does: "undo" | "number" | "kill" | "send" | "lose_answer" | "lose_message" | "backup" };

const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ does: fc.constant("enter" as const), bad: fc.boolean() }) },
    { weight: 6, arbitrary: fc.constantFrom<Move>({ does: "undo" }, { does: "number" }, { does: "kill" }, { does: "send" }, { does: "lose_answer" }, { does: "lose_message" }) },
    { weight: 1, arbitrary: fc.constant<Move>({ does: "backup" }) },
  ),
  { maxLength: 40 },
);

/** One connection: hello, resume, and as many batches as are answered. */
async function deliver(outbox: Outbox, server: Server, how: "whole" | "lose_answer" | "lose_message" = "whole"): Promise<void> {
  expect(await outbox.resume(server.last)).toBe("same");
  await outbox.number(Infinity);
  for (let batch = outbox.toSend(3, 10_000), rounds = 0; batch.length > 0; batch = outbox.toSend(3, 10_000)) {
    expect((rounds += 1), "it comes to an end").toBeLessThan(100);
    if (how === "lose_message") return;
    const answers = server.take(batch);
    if (how === "lose_answer") return;
    await hear(outbox, answers);
  }
}

function numbersOf(entries: readonly Entry[]): number[] {
  return entries.flatMap((entry) => (entry.seq === null ? [] : [entry.seq]));
}

async function lived(taken: readonly Move[]): Promise<{ disk: Disk; server: Server; outbox: Outbox; entered: string[] }> {
  const disk = new Disk();
  const server = new Server();
  let outbox = disk.open();
  let entered: string[] = [];
  for (const [nth, move] of taken.entries()) {
    if (move.does === "enter") {
      await outbox.enter(note(`${nth}`, move.bad));
      entered.push(`${nth}`);
    } else if (move.does === "undo") {
      const last = outbox.entries.at(-1);
      if (last !== undefined && (await outbox.undo(last.id))) entered = entered.filter((text) => text !== last.event.data?.["text"]);
    } else if (move.does === "number") await outbox.number(Infinity);
    else if (move.does === "kill") outbox = disk.open();
    else if (move.does === "backup") server.fallBackTo(Math.floor(server.last / 2));
    else await deliver(outbox, server, move.does === "send" ? "whole" : move.does);
    const numbers = numbersOf(outbox.entries);
    expect(numbers).toEqual(numbers.map((_, at) => at + 1)); // gapless and in the order of entry, at every moment
    expect(outbox.entries.map((entry) => entry.event.data?.["text"])).toEqual(entered);
  }
  return { disk, server, outbox, entered };
}

describe("the outbox", () => {
  it("delivers everything that was not undone exactly once and in order, whatever happens on the way", () =>
    fc.assert(
      fc.asyncProperty(moves, async (taken) => {
        const { disk, server, entered } = await lived(taken);
        const outbox = disk.open(); // and the last thing that happens is a kill
        await deliver(outbox, server);
        expect(outbox.unsynced).toBe(0);
        expect(server.gaps).toBe(0);
        expect(server.taken.map((each) => each.event.data?.["text"])).toEqual(outbox.entries.filter((entry) => entry.refusal === null).map((entry) => entry.event.data?.["text"]));
        expect(outbox.entries.map((entry) => entry.event.data?.["text"])).toEqual(entered);
        for (const entry of outbox.entries) expect(stateOf(entry)).toBe(entry.event.data?.["bad"] === true ? "refused" : "acknowledged");
      }),
      { numRuns: 300 },
    ));

  it("keeps what is refused in sight until somebody has dealt with it, also over a reload", async () => {
    const disk = new Disk();
    const server = new Server();
    await disk.open().enter(note("wrong", true));
    await deliver(disk.open(), server);
    const outbox = disk.open();
    expect(outbox.refused.map((entry) => entry.refusal)).toEqual([{ code: "bad_event", detail: "data" }]);
    await outbox.settle(outbox.refused[0]!.id);
    expect([outbox.refused.length, disk.open().refused.length, disk.open().entries.length]).toEqual([0, 0, 1]);
  });

  it("learns of a refusal whose answer was lost", async () => {
    const disk = new Disk();
    const server = new Server();
    await disk.open().enter(note("wrong", true));
    await deliver(disk.open(), server, "lose_answer");
    const outbox = disk.open();
    expect(outbox.unsynced).toBe(1);
    await deliver(outbox, server);
    expect(outbox.refused.length).toBe(1);
  });

  it("takes back only what has no number", async () => {
    const outbox = new Disk().open();
    const first = await outbox.enter(note("1"));
    const second = await outbox.enter(note("2"));
    expect(await outbox.undo(first.id)).toBe(true);
    await outbox.number(Infinity);
    expect(await outbox.undo(second.id)).toBe(false);
    expect(numbersOf(outbox.entries)).toEqual([1]);
  });

  it("numbers nothing that is still held back, nor what was entered after it", async () => {
    let now = 0;
    const outbox = new Disk().open(() => now);
    await outbox.enter(note("1"));
    now = 5_000;
    await outbox.enter(note("2"));
    now = 1_000; // the clock was set back
    await outbox.enter(note("3"));
    await outbox.number(1_000);
    expect(outbox.entries.map((entry) => entry.seq)).toEqual([1, null, null]);
    expect(outbox.entries.filter(isHeld).length).toBe(2);
  });

  it("has not entered what the disk did not take, and goes on when there is room", async () => {
    const disk = new Disk();
    const outbox = disk.open();
    disk.isFull = true;
    await expect(outbox.enter(note("lost"))).rejects.toThrow("full");
    expect(outbox.entries.length).toBe(0);
    disk.isFull = false;
    expect((await outbox.enter(note("kept"))).id).toBe(1);
  });

  it("sends nothing under a number that is not on the disk", async () => {
    const disk = new Disk();
    const outbox = disk.open();
    await outbox.enter(note("1"));
    disk.isFull = true;
    await expect(outbox.number(Infinity)).rejects.toThrow("full");
    expect(outbox.toSend(10, 10_000)).toEqual([]);
  });

  it("stops where the server knows numbers that this device never gave", async () => {
    const disk = new Disk();
    const outbox = disk.open();
    await outbox.enter(note("1"));
    await outbox.number(Infinity);
    expect(await outbox.resume(2)).toBe("ahead");
    await outbox.startOver("desk-2");
    const server = new Server();
    await deliver(outbox, server);
    expect([outbox.head.source, server.taken.length, outbox.unsynced]).toEqual(["desk-2", 1, 0]);
  });

  it("cuts a batch at its number of events and at its size, and never sends an empty one for want of room", async () => {
    const outbox = new Disk().open();
    for (const text of ["a".repeat(900), "b".repeat(900), "c"]) await outbox.enter(note(text));
    await outbox.number(Infinity);
    expect(outbox.toSend(2, 100_000).map((each) => each.seq)).toEqual([1, 2]);
    expect(outbox.toSend(9, 1_200).map((each) => each.seq)).toEqual([1]);
    expect(outbox.toSend(9, 10).map((each) => each.seq)).toEqual([1]);
  });
});
