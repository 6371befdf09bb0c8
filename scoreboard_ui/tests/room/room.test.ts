import { expect, test } from "vitest";
import { Api, apiBase, path } from "../../src/room/api.ts";
import { Room } from "../../src/room/room.ts";
import { Memory } from "../../src/room/storage.ts";
import { FakeWorld } from "../board/fakes.ts";

const ME = { official: { id: "R1", role: "referee" }, fresh_until: "x", expires: "y" };
const BASE = "http://x/api/contests/c";

function room(answers: Record<string, [number, unknown]>): { room: Room; world: FakeWorld; asked: string[] } {
  const [world, asked] = [new FakeWorld(), [] as string[]];
  const api = new Api(BASE, async (address, how) => {
    const name = `${how.method} ${address.slice(BASE.length)}`;
    asked.push(name);
    const [status, body] = answers[name] ?? [0, null];
    if (status === 0) throw new TypeError("network");
    return new Response(JSON.stringify(body), { status });
  });
  return { room: new Room("c", BASE, api, new Memory(), world), world, asked };
}

const letIn = (world: FakeWorld): void => {
  world.wire.onopen?.();
  world.wire.say('{"type":"welcome"}');
};

test("nobody is in until somebody logs in; a wrong password lets nobody in", async () => {
  const { room: hall } = room({ "GET /me": [401, { code: "not_logged_in" }], "POST /login": [401, { code: "bad_login", detail: "no" }] });
  await hall.begin();
  expect(hall.door).toBe("out");
  expect(await hall.logIn("R1", "x")).toMatchObject({ kind: "refused", code: "bad_login" });
  expect([hall.door, hall.me]).toEqual(["out", null]);
});

test("while the server is away it keeps asking, and lets in whoever was logged in already", async () => {
  const answers: Record<string, [number, unknown]> = {};
  const { room: hall, world } = room(answers);
  await hall.begin();
  expect(hall.door).toBe("away");
  answers["GET /me"] = [200, ME];
  world.pass(4_000);
  await new Promise((resolve) => setTimeout(resolve));
  expect([hall.door, hall.official]).toEqual(["in", "R1"]);
});

test("since when the connection is lost is known, and it is said when it is back", async () => {
  const { room: hall, world } = room({ "GET /me": [200, ME] });
  await hall.begin();
  letIn(world);
  world.wire.say('{"type":"beat","position":12,"now":"z"}');
  expect([hall.lostAt, hall.position]).toEqual([null, 12]);
  world.wire.end(1006);
  expect([hall.lostAt === null, hall.said]).toEqual([false, expect.objectContaining({ word: "saidLost", urgent: true })]);
  const since = hall.lostAt;
  world.pass(10_000);
  expect(hall.lostAt).toBe(since);
  letIn(world);
  expect([hall.lostAt, hall.said?.word]).toEqual([null, "saidBack"]);
});

test("a session that is over asks for a login and forgets nothing", async () => {
  const { room: hall, world } = room({ "GET /me": [200, ME], "GET /marks": [401, { code: "not_logged_in" }], "POST /login": [200, ME] });
  await hall.begin();
  letIn(world);
  const outbox = hall.outbox;
  await hall.get("/marks");
  expect([hall.door, hall.official]).toEqual(["over", "R1"]);
  await hall.logIn("R1", "x");
  expect([hall.door, hall.outbox === outbox]).toEqual(["in", true]);
});

test("what is decided without a connection is kept, and the connection that comes back does not send it", async () => {
  const { room: hall, world, asked } = room({ "GET /me": [200, ME], "POST /rulings": [200, { position: 9 }] });
  await hall.begin();
  expect((await hall.send({ id: "r", path: "/rulings", body: {}, word: "deed_confirm", about: "A1" })).kind).toBe("kept");
  letIn(world);
  world.pass(60_000);
  expect([asked.includes("POST /rulings"), hall.outbox?.letters.length]).toEqual([false, 1]);
  await hall.sendAgain("r");
  expect([hall.outbox?.letters, hall.outbox?.last?.position]).toEqual([[], 9]);
});

test("parts of an address stay parts", () => {
  expect(path("A/1", "配线")).toBe("/A%2F1/%E9%85%8D%E7%BA%BF");
  expect(apiBase("c 1", "http://h:8000/referee?x")).toBe("http://h:8000/api/contests/c%201");
});

test("whoever logs in again still looks at what the page shows, and others see it", async () => {
  const { room: hall, world } = room({ "GET /me": [200, ME], "POST /login": [200, ME] });
  await hall.begin();
  letIn(world);
  hall.look({ contestant: "A1", stage: "wiring" });
  world.wire.end(4501);
  expect(hall.door).toBe("over");
  await hall.logIn("R1", "x");
  letIn(world);
  expect(world.wire.sent).toContainEqual({ type: "look", contestant: "A1", stage: "wiring" });
  await hall.logOut();
  await hall.logIn("R1", "x");
  letIn(world);
  expect(world.wire.sent.some((each) => (each as { type: string }).type === "look")).toBe(false);
});
