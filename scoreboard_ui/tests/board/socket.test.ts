import fc from "fast-check";
import { expect, test } from "vitest";
import { PROTOCOL, waitBeforeRetry } from "../../src/board/line.ts";
import { BoardSocket } from "../../src/board/socket.ts";
import type { Beat } from "../../src/board/types.ts";
import { FakeWorld, Notes } from "./fakes.ts";
import { History } from "./world.ts";

const history = new History([1, 2, 3, 4, 5].map((n) => ({ row: { id: "A001", key: [-n] } })));
const beat = (to: number): Beat => ({ type: "beat", to, now: "2026-11-22T09:00:00.000Z" });

function started() {
  const world = new FakeWorld();
  const notes = new Notes();
  const socket = new BoardSocket((after) => `board?after=${after ?? ""}`, notes, world);
  socket.start();
  return { world, notes, socket };
}

test("it speaks contest.v1, asks for everything first, and is live with the first frame", () => {
  const { world, socket } = started();
  expect([world.wire.protocol, world.wire.address]).toEqual([PROTOCOL, "board?after="]);
  expect(socket.link.kind).toBe("connecting");
  world.wire.say(history.frame(0, 2));
  expect(socket.link.kind).toBe("live");
});

test("after a break it resumes behind its cursor, and loses and doubles nothing", () => {
  const { world, socket } = started();
  world.wire.say(history.frame(0, 2));
  world.wire.end(1006);
  expect(socket.link.kind).toBe("waiting");
  world.pass(10_000);
  expect(world.wire.address).toBe("board?after=k3x9:2");
  world.wire.say(history.frame(2, 5));
  expect(socket.board.rows).toEqual(history.rowsAt(5));
});

test("close codes 4000–4499 and those of the network reconnect, 4500–4999 do not", () => {
  for (const [code, comes] of [[1000, true], [1006, true], [4000, true], [4499, true], [4500, false], [4999, false]] as const) {
    const { world, socket } = started();
    world.wire.say(history.frame(0, 2));
    world.wire.end(code);
    world.pass(60_000);
    expect([code, world.wires.length > 1]).toEqual([code, comes]);
    if (!comes) expect(socket.link).toEqual({ kind: "closed", code, reason: "" });
  }
});

test("a gap makes it ask again from its cursor, and after some rounds for everything", () => {
  const { world, socket } = started();
  world.wire.say(history.frame(0, 1));
  const asked: string[] = [];
  for (let round = 0; round < 4; round++) {
    world.wire.say(history.frame(3, 4));
    world.pass(10_000);
    asked.push(world.wire.address);
  }
  expect(asked).toEqual(["board?after=k3x9:1", "board?after=k3x9:1", "board?after=", "board?after="]);
  world.wire.say(history.frame(0, 5));
  expect(socket.board.rows).toEqual(history.rowsAt(5));
});

test("a wait is between 0.3 and 10 seconds, whatever happened and whatever chance says", () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failures, chance) => {
      expect(waitBeforeRetry(failures, chance)).toBeGreaterThanOrEqual(300);
      expect(waitBeforeRetry(failures, chance)).toBeLessThanOrEqual(10_000);
    }),
  );
});

test("waits grow while it fails, and are short again after a connection that lasted", () => {
  const { world, socket } = started();
  const wait = (): number => {
    world.wire.end(1006);
    const wait_ms = socket.link.kind === "waiting" ? socket.link.until_ms - world.time_ms : NaN;
    world.pass(wait_ms);
    return wait_ms;
  };
  const waits = [wait(), wait(), wait(), wait(), wait(), wait()];
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits.at(-1)).toBeGreaterThan(waits[0]!);
  world.wire.say(history.frame(0, 1));
  world.pass(6_000);
  expect(wait()).toBeLessThan(waits[0]!);
});

test("beats keep a connection; silence ends it", () => {
  const { world } = started();
  world.wire.say(history.frame(0, 1));
  for (let i = 0; i < 20; i++) {
    world.pass(5_000);
    world.wire.say(beat(1));
  }
  expect(world.wires.length).toBe(1);
  world.pass(30_000);
  expect(world.wires.length).toBeGreaterThan(1);
  expect(world.wires[0]!.isClosed).toBe(true);
});

test("a first frame may take long over a thin line, a server that does not answer may not", () => {
  const { world, socket } = started();
  world.wire.onopen!();
  world.pass(40_000);
  world.wire.say(history.frame(0, 1));
  expect([world.wires.length, socket.link.kind]).toEqual([1, "live"]);
  const silent = started().world;
  silent.wire.onopen!();
  silent.pass(60_000);
  expect(silent.wires[0]!.isClosed).toBe(true);
  const deaf = started().world;
  deaf.pass(11_000);
  expect(deaf.wires[0]!.isClosed).toBe(true);
});

test("a connection that only beats after it resumed is live", () => {
  const { world, socket } = started();
  world.wire.say(history.frame(0, 1));
  world.wire.end(1006);
  world.pass(10_000);
  world.wire.say(beat(1));
  expect(socket.link.kind).toBe("live");
});

test("what an abandoned connection still says is not heard", () => {
  const { world, socket } = started();
  world.wire.say(history.frame(0, 1));
  const old = world.wire;
  old.end(1006);
  old.say(history.frame(1, 5));
  expect(socket.board.cursor?.position).toBe(1);
});

test("what is not of the protocol breaks the connection, what a later server may add does not", () => {
  const { world, socket } = started();
  world.wire.say(history.frame(0, 1));
  world.wire.say('{"type":"applause"}');
  expect(socket.link.kind).toBe("live");
  world.wire.say('{"type":');
  expect(socket.link.kind).toBe("waiting");
});

test("painted tells the cursor, and only while connected", () => {
  const { world, socket } = started();
  socket.painted();
  world.wire.say(history.frame(0, 2));
  world.wire.say(history.frame(2, 4));
  socket.painted();
  expect(world.wire.sent).toEqual([{ type: "painted", to: 4 }]);
  world.wire.end(4001);
  socket.painted();
  expect(world.wires[0]!.sent.length).toBe(1);
});

test("when the network is back it does not wait any longer", () => {
  const { world, socket } = started();
  world.online = false;
  world.wire.end(1006);
  expect(socket.link).toMatchObject({ kind: "waiting", offline: true });
  socket.hurry();
  expect(world.wires.length).toBe(2);
});
