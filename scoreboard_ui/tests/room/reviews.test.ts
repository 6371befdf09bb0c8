import { expect, test } from "vitest";
import type { Link } from "../../src/board/line.ts";
import { ReviewSocket, reviewsAddress } from "../../src/room/reviews.ts";
import type { QueueMessage } from "../../src/room/types.ts";
import { FakeWorld } from "../board/fakes.ts";
import { queueOf, row } from "../referee/world.ts";

function opened(): { socket: ReviewSocket; world: FakeWorld; queues: QueueMessage[]; links: Link[]; welcome: () => void } {
  const [world, queues, links] = [new FakeWorld(), [] as QueueMessage[], [] as Link[]];
  const socket = new ReviewSocket("ws://x/reviews", { queue: (m) => queues.push(m), linked: (l) => links.push(l), beat: () => {} }, world);
  socket.start();
  const welcome = (): void => {
    world.wire.onopen?.();
    world.wire.say(JSON.stringify({ type: "welcome", official: { id: "R1" } }));
  };
  return { socket, world, queues, links, welcome };
}

test("it says hello, and is live once it is let in", () => {
  const { world, links, queues, welcome } = opened();
  welcome();
  world.wire.say(JSON.stringify(queueOf([row("A1")])));
  expect(world.wire.sent).toEqual([{ type: "hello", token: null }]);
  expect([links.at(-1)?.kind, queues.length]).toEqual(["live", 1]);
});

test("what is being looked at is said every ten seconds, again after a break, and no longer when it is left", () => {
  const { socket, world, welcome } = opened();
  welcome();
  socket.look({ contestant: "A1", stage: "wiring" });
  for (let seconds = 0; seconds < 20; seconds += 5) {
    world.wire.say('{"type":"beat","position":9,"now":"x"}');
    world.pass(5_000);
  }
  const looks = (): number => world.wire.sent.filter((message) => (message as { type: string }).type === "look").length;
  expect(looks()).toBe(3);
  world.wire.end(1006);
  world.pass(10_000);
  welcome();
  expect(looks()).toBe(1);
  socket.look(null);
  expect(world.wire.sent.at(-1)).toEqual({ type: "leave" });
  world.wire.say('{"type":"beat","position":9,"now":"x"}');
  world.pass(12_000);
  expect(looks()).toBe(1);
});

test("a case may be closed while the connection is being made: it is not said to anybody, nor that it is looked at", () => {
  const { socket, world, welcome } = opened();
  welcome();
  socket.look({ contestant: "A1", stage: "wiring" });
  world.wire.end(1006);
  world.pass(10_000);
  socket.look(null);
  welcome();
  world.pass(12_000);
  expect(world.wire.sent).toEqual([{ type: "hello", token: null }]);
});

test("silence is a lost connection, and it comes back by itself without sending anything but hello", () => {
  const { world, links, welcome } = opened();
  welcome();
  world.wire.say(JSON.stringify(queueOf([row("A1")])));
  world.pass(16_000);
  expect(links.at(-1)?.kind).toBe("waiting");
  world.pass(10_000);
  welcome();
  expect([world.wires.length, world.wire.sent]).toEqual([2, [{ type: "hello", token: null }]]);
});

test("a server that says not to come back is left alone", () => {
  const { world, links } = opened();
  world.wire.end(4501);
  world.pass(60_000);
  expect([links.at(-1), world.wires.length]).toEqual([{ kind: "closed", code: 4501, reason: "" }, 1]);
});

test("nonsense is not listened to any further", () => {
  const { world, links, welcome } = opened();
  welcome();
  world.wire.say("[");
  expect(links.at(-1)?.kind).toBe("waiting");
  expect(reviewsAddress("https://x/api/contests/c")).toBe("wss://x/api/contests/c/reviews");
});

test("a long queue may take long over a thin line, also after the welcome and a beat; a server that does not answer may not", () => {
  const { world, links, queues, welcome } = opened();
  world.wire.onopen?.();
  world.pass(40_000);
  welcome();
  world.wire.say('{"type":"beat","position":9,"now":"x"}');
  world.pass(40_000);
  world.wire.say(JSON.stringify(queueOf([row("A1")])));
  expect([links.at(-1)?.kind, queues.length, world.wires.length]).toEqual(["live", 1, 1]);
  world.pass(16_000);
  expect(links.at(-1)?.kind).toBe("waiting");
  world.pass(21_000);
  expect(world.wires.length).toBeGreaterThan(2);
});
