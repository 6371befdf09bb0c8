import { expect, test } from "vitest";
import { type Direction, DirectionSocket } from "../../src/screen/direction.ts";
import { FakeWorld } from "../board/fakes.ts";

const program = (more: object) => JSON.stringify({ type: "program", position: 3, program: { scene: "lanes" }, hidden: false, message: null, identify: 0, reload: 0, now: "", ...more });

function screen() {
  const world = new FakeWorld();
  const directions: Direction[] = [];
  let refusals = 0;
  const socket = new DirectionSocket("ws://here/me", "secret", {
    directed: (direction) => void directions.push(direction),
    refused: () => void (refusals += 1),
    shown: () => ({ scene: "lanes", position: 7, width: 1920, height: 1080 }),
  }, world);
  socket.start();
  return { world, socket, directions, refusals: () => refusals };
}

test("it says who it is, does as it is told, and says what it shows", () => {
  const { world, directions } = screen();
  world.wire.onopen?.();
  expect(world.wire.sent).toEqual([{ type: "hello", token: "secret" }]);
  world.wire.say(program({ hidden: true, identify: 2, message: { id: 4, zh: "集合", en: "Gather", seconds: 9 } }));
  expect(directions).toEqual([{ program: { scene: "lanes", lang: null }, isHidden: true, message: { id: 4, zh: "集合", en: "Gather", seconds: 9 }, identify: 2, reload: 0 }]);
  expect(world.wire.sent.at(-1)).toEqual({ type: "shown", scene: "lanes", position: 7, width: 1920, height: 1080 });
});

test("it says again what it shows every five seconds, as long as it is told something", () => {
  const { world } = screen();
  world.wire.say(program({}));
  for (let beat = 0; beat < 6; beat++) {
    world.pass(5_000);
    world.wire.say('{"type":"beat","to":3,"now":""}');
  }
  expect(world.wire.sent.filter((message) => (message as { type: string }).type === "shown").length).toBe(7);
  expect(world.wires.length).toBe(1);
});

test("a connection that is lost or silent is opened again, and the order is told anew", () => {
  const { world, directions } = screen();
  world.wire.say(program({}));
  world.wire.end(1006);
  world.pass(20_000);
  expect(world.wires.length).toBeGreaterThan(1);
  const opened = world.wires.length;
  world.wire.say(program({ program: { scene: "duel" } }));
  expect(directions.at(-1)?.program?.scene).toBe("duel");
  world.pass(40_000);
  expect(world.wires.length).toBeGreaterThan(opened);
});

test("a token that is refused ends it, once", () => {
  const { world, refusals } = screen();
  world.wire.end(4503);
  world.pass(60_000);
  expect([world.wires.length, refusals()]).toEqual([1, 1]);
});

test("what it cannot read changes nothing", () => {
  const { world, directions } = screen();
  for (const text of ["", "{", "null", "3", '{"type":"later"}']) world.wire.say(text);
  expect(directions).toEqual([]);
});
