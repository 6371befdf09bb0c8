/** The courier on a socket that breaks, and on the way without one. */

import { describe, expect, it } from "vitest";
import type { Surroundings, Wire } from "../../src/board/line.ts";
import { Courier } from "../../src/desk/courier.ts";
import type { Post } from "../../src/desk/posting.ts";
import type { Outbox } from "../../src/desk/outbox.ts";
import { Disk, note, Server } from "./world.ts";

interface Said {
  readonly type: string;
  readonly source?: string;
  readonly token?: string;
  readonly events?: readonly { readonly seq: number }[];
  readonly at?: number;
  readonly waiting?: number;
}

class Line implements Wire {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly said: Said[] = [];
  isClosed = false;

  send(text: string): void {
    this.said.push(JSON.parse(text) as Said);
  }

  close(): void {
    this.isClosed = true;
  }

  hear(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

class World implements Surroundings {
  readonly lines: Line[] = [];
  now = 0;
  isThere = true;
  readonly #timers = new Map<number, { readonly at: number; readonly act: () => void }>();
  #serial = 0;

  open(): Wire {
    this.lines.push(new Line());
    return this.lines.at(-1)!;
  }

  now_ms(): number {
    return this.now;
  }

  after(wait_ms: number, act: () => void): () => void {
    const id = ++this.#serial;
    this.#timers.set(id, { at: this.now + wait_ms, act });
    return () => this.#timers.delete(id);
  }

  random(): number {
    return 0;
  }

  isOnline(): boolean {
    return this.isThere;
  }

  get line(): Line {
    return this.lines.at(-1)!;
  }

  /** Let time pass, and everything that is due, with what follows from it. */
  async pass(ms: number): Promise<void> {
    await settled();
    const until = this.now + ms;
    for (;;) {
      const next = [...this.#timers].filter(([, timer]) => timer.at <= until).sort(([, one], [, other]) => one.at - other.at)[0];
      if (next === undefined) break;
      this.#timers.delete(next[0]);
      this.now = Math.max(this.now, next[1].at);
      next[1].act();
      await settled();
    }
    this.now = until;
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
}

const NO_POST: Post = { standing: async () => ({ kind: "unreachable" }), send: async () => ({ kind: "unreachable" }) };

function desk(world: World, disk: Disk, post: Post = NO_POST, hold_ms = 0): { outbox: Outbox; courier: Courier } {
  const outbox = disk.open(() => world.now);
  const courier = new Courier(outbox, { address: "ws://here", token: "secret" }, post, world, { hold_ms }, () => world.now);
  outbox.listen(() => courier.nudge());
  courier.start();
  return { outbox, courier };
}

async function welcome(world: World, server: Server): Promise<void> {
  world.line.onopen?.();
  world.line.hear({ type: "welcome", after: server.last, limits: { batch: 2, message_bytes: 100_000 } });
  await settled();
}

/** Answer every batch that was said on this line and not answered yet. */
async function answer(world: World, server: Server, done: { count: number }): Promise<void> {
  for (let events = batches(world.line); done.count < events.length; events = batches(world.line)) {
    const batch = events[done.count]!;
    done.count += 1;
    for (const each of server.take(batch.events!.map(({ seq, ...event }) => ({ seq, event: event as never })))) world.line.hear(each);
    await settled();
  }
}

function batches(line: Line): Said[] {
  return line.said.filter((each) => each.type === "events");
}

describe("the courier", () => {
  it("says hello with its token, goes on after the welcome, and sends batch after batch as they are acknowledged", async () => {
    const [world, disk, server] = [new World(), new Disk(), new Server()];
    const { outbox, courier } = desk(world, disk);
    for (const text of ["1", "2", "3"]) await outbox.enter(note(text));
    await welcome(world, server);
    expect(world.line.said[0]).toEqual({ type: "hello", source: "desk-1", token: "secret" });
    expect(batches(world.line).map((each) => each.events!.map((event) => event.seq))).toEqual([[1, 2]]);
    await answer(world, server, { count: 0 });
    expect([courier.link.kind, outbox.unsynced, outbox.head.last?.seq]).toEqual(["live", 0, 3]);
  });

  it("resumes by number after a cut in which an answer was lost, and nothing arrives twice", async () => {
    const [world, disk, server] = [new World(), new Disk(), new Server()];
    const { outbox } = desk(world, disk);
    await welcome(world, server);
    await outbox.enter(note("1"));
    await settled();
    server.take(batches(world.line)[0]!.events!.map(({ seq, ...event }) => ({ seq, event: event as never })));
    world.line.onclose?.({ code: 1006, reason: "" });
    await settled();
    await outbox.enter(note("2"));
    await world.pass(1_000);
    expect(world.lines.length).toBe(2);
    await welcome(world, server);
    await answer(world, server, { count: 0 });
    expect([server.taken.length, outbox.unsynced, server.gaps]).toEqual([2, 0, 0]);
  });

  it("holds an entry as long as it can be undone, then sends it by itself", async () => {
    const [world, disk, server] = [new World(), new Disk(), new Server()];
    const { outbox } = desk(world, disk, NO_POST, 3_000);
    await welcome(world, server);
    const gone = await outbox.enter(note("1"));
    await world.pass(2_900);
    expect(batches(world.line)).toEqual([]);
    expect(await outbox.undo(gone.id)).toBe(true);
    await outbox.enter(note("2"));
    await world.pass(3_100);
    expect(batches(world.line).length).toBe(1);
  });

  it("answers a clock exchange at once with its own clock and what waits, and keeps what the server makes of it", async () => {
    const [world, disk] = [new World(), new Disk()];
    const { courier } = desk(world, disk);
    await welcome(world, new Server());
    world.now = 1_234;
    world.line.hear({ type: "time", t: 77 });
    world.line.hear({ type: "clock", offset_us: 310, error_us: 700 });
    await settled();
    expect(world.line.said.at(-1)).toEqual({ type: "time", t: 77, at: 1_234_000, waiting: 0 });
    expect(courier.clock).toEqual({ offset_us: 310, error_us: 700, at_ms: 1_234 });
  });

  it("believes no socket that is silent, nor one that does not acknowledge", async () => {
    const [world, disk, server] = [new World(), new Disk(), new Server()];
    const { outbox, courier } = desk(world, disk);
    await welcome(world, server);
    await outbox.enter(note("1"));
    await settled();
    for (let second = 0; second < 9; second += 1) {
      await world.pass(1_000);
      world.line.hear({ type: "time", t: second });
      await settled();
    }
    await world.pass(1_200);
    expect([courier.link.kind, world.lines[0]!.isClosed]).toEqual(["waiting", true]);
    await world.pass(1_000);
    await welcome(world, server);
    await answer(world, server, { count: 0 });
    await world.pass(35_100);
    expect(courier.link.kind).toBe("waiting");
  });

  it("waits over a thin line for the welcome, and for a large batch as long as that takes there", async () => {
    const [world, disk, server] = [new World(), new Disk(), new Server()];
    const { outbox, courier } = desk(world, disk);
    await outbox.enter(note("x".repeat(20_000)));
    world.line.onopen?.();
    await world.pass(40_000);
    await welcome(world, server);
    await world.pass(25_000);
    await answer(world, server, { count: 0 });
    expect([courier.link.kind, outbox.unsynced, world.lines.length]).toEqual(["live", 0, 1]);
  });

  it.each([
    [4501, "not_allowed"],
    [4502, "replaced"],
    [4506, "refused"],
  ] as const)("stays away after close code %i", async (code, why) => {
    const world = new World();
    const { courier } = desk(world, new Disk());
    world.line.onclose?.({ code, reason: "" });
    await settled();
    await world.pass(600_000);
    expect([courier.link, world.lines.length]).toEqual([{ kind: "closed", why, code }, 1]);
  });

  it("comes back after any other close, for ever", async () => {
    const world = new World();
    const { courier } = desk(world, new Disk());
    for (let round = 1; round <= 20; round += 1) {
      world.line.onclose?.({ code: 4002, reason: "" });
      await settled();
      await world.pass(10_000);
      expect(world.lines.length).toBeGreaterThan(round);
    }
    expect(courier.link.kind).toBe("connecting");
  });

  it("stops where another device has used its numbers, and says so", async () => {
    const world = new World();
    const { courier } = desk(world, new Disk());
    world.line.onopen?.();
    world.line.hear({ type: "welcome", after: 5 });
    await settled();
    expect(courier.link).toEqual({ kind: "closed", why: "ahead", code: 0 });
  });

  it("goes by POST where no socket comes to stand, with the same numbers", async () => {
    const [world, disk, server] = [new World(), new Disk(), new Server()];
    const post: Post = {
      standing: async () => ({ kind: "given", value: { after: server.last } }),
      send: async (events) => {
        const answers = server.take((events as { seq: number }[]).map(({ seq, ...event }) => ({ seq, event: event as never })));
        const refused = answers.flatMap((each) => (each.type === "refused" ? [each] : []));
        return { kind: "given", value: { seq: server.last, position: 9, after: server.last, refused } };
      },
    };
    const { outbox, courier } = desk(world, disk, post);
    await outbox.enter(note("1"));
    await outbox.enter(note("2", true));
    for (let round = 0; round < 4; round += 1) {
      world.line.onclose?.({ code: 1006, reason: "" });
      await settled();
      await world.pass(10_000);
    }
    world.line.onclose?.({ code: 1006, reason: "" });
    await settled();
    expect(outbox.unsynced).toBe(0);
    expect([server.taken.length, outbox.refused.length, courier.link]).toEqual([1, 1, expect.objectContaining({ kind: "waiting", byPost: true })]);
  });

  it("does not try while it is stopped, and hurries when it is told that the network is back", async () => {
    const world = new World();
    const { courier } = desk(world, new Disk());
    courier.cut();
    expect(courier.link.kind).toBe("waiting");
    courier.hurry();
    expect(world.lines.length).toBe(2);
    courier.stop();
    courier.hurry();
    await world.pass(60_000);
    expect(world.lines.length).toBe(2);
  });
});
