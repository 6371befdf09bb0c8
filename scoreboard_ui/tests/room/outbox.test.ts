import { expect, test } from "vitest";
import type { Answer } from "../../src/room/api.ts";
import { type NewLetter, Outbox } from "../../src/room/outbox.ts";
import { Memory, Shelf } from "../../src/room/storage.ts";
import { given, refused, unreachable } from "../referee/world.ts";

const letter: NewLetter = { id: "r1", path: "/rulings", body: { id: "r1", reason: "seen" }, word: "deed_confirm", about: "A1/wiring" };
const NOON = new Date("2026-11-22T04:00:00Z");

function outbox(answers: Answer<{ position?: number }>[], isConnected = true, store = new Memory()): { box: Outbox; sent: string[]; store: Memory } {
  const sent: string[] = [];
  const post = async (path: string, body: unknown): Promise<Answer<{ position?: number }>> => {
    sent.push(`${path} ${(body as { id: string }).id}`);
    return answers.shift() ?? unreachable;
  };
  return { box: new Outbox(new Shelf(store, "c"), "R1", post, () => isConnected, () => NOON), sent, store };
}

test("what is acknowledged leaves the outbox and is remembered with its position", async () => {
  const { box } = outbox([given({ position: 41 })]);
  expect((await box.send(letter)).kind).toBe("given");
  expect([box.letters, box.last]).toEqual([[], { id: "r1", word: "deed_confirm", about: "A1/wiring", position: 41, at: NOON.toISOString() }]);
});

test("without a connection nothing is sent, and the letter says so", async () => {
  const { box, sent } = outbox([], false);
  expect((await box.send(letter)).kind).toBe("kept");
  expect([sent, box.letters.map((each) => each.state)]).toEqual([[], ["kept"]]);
});

test("what was not answered is sent again under the same id, and only when somebody says so", async () => {
  const { box, sent } = outbox([unreachable, given({ position: 42 })]);
  await box.send(letter);
  expect([sent, box.letters[0]?.state]).toEqual([["/rulings r1"], "unanswered"]);
  await box.sendAgain("r1");
  expect([sent, box.letters, box.last?.position]).toEqual([["/rulings r1", "/rulings r1"], [], 42]);
});

test("a server that is opening again counts as no answer", async () => {
  const { box } = outbox([refused(503, "restarting")]);
  await box.send(letter);
  expect(box.letters[0]?.state).toBe("unanswered");
});

test("a refusal leaves nothing behind the first time, and stays visible when it was sent again", async () => {
  const first = outbox([refused(409, "changed")]);
  expect((await first.box.send(letter)).kind).toBe("refused");
  expect(first.box.letters).toEqual([]);
  const again = outbox([unreachable, refused(409, "changed")]);
  await again.box.send(letter);
  await again.box.sendAgain("r1");
  expect(again.box.letters[0]).toMatchObject({ state: "refused", refusal: { code: "changed" } });
});

test("a reload in the middle of sending sends nothing: it is unanswered until somebody sends it again", async () => {
  const { box, store } = outbox([]);
  const never = box.send(letter);
  const { box: after, sent } = outbox([], true, store);
  expect([sent, after.letters.map((each) => each.state)]).toEqual([[], ["unanswered"]]);
  await never;
});

test("another official's letters are not mine", async () => {
  const { box, store } = outbox([], false);
  await box.send(letter);
  expect(new Outbox(new Shelf(store, "c"), "R2", async () => unreachable, () => true).letters).toEqual([]);
  expect(box.discard("r1")?.id).toBe("r1");
  expect(box.letters).toEqual([]);
});
