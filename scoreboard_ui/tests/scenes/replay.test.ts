import fc from "fast-check";
import { expect, test } from "vitest";
import { Announcer } from "../../src/board/callouts.ts";
import { BoardSocket } from "../../src/board/socket.ts";
import { Standing } from "../../src/board/standing.ts";
import { Player } from "../../src/scenes/player.ts";
import { type Archive, StillReading, stretchOf, Tape, TapeWire } from "../../src/scenes/replay.ts";
import { FakeWorld } from "../board/fakes.ts";
import { History, type Step, stateAt, steps } from "../board/world.ts";

const BORN_MS = Date.UTC(2026, 10, 22, 9);
const SECOND_MS = 1_000;
const iso = (position: number): string => new Date(BORN_MS + position * SECOND_MS).toISOString();

/** An archive that has one position a second. */
function archiveOf(history: History): Archive & { asked: number } {
  const archive = {
    asked: 0,
    timeline: () => Promise.resolve({ from: iso(0), to: iso(history.steps.length), moments: history.steps.map((_, index) => ({ position: index + 1, at: iso(index + 1), kind: "lead" })) }),
    board: (at: string, after: number | null) => {
      archive.asked += 1;
      const to = Math.min(history.steps.length, Math.max(0, Math.floor((Date.parse(at) - BORN_MS) / SECOND_MS)));
      return Promise.resolve({ ...history.frame(after ?? 0, to), from: after ?? 0, state: { ...stateAt(to), now: at } });
    },
  };
  return archive;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}

function playing(history: History, speed: number) {
  const world = new FakeWorld();
  const wire = new TapeWire();
  const announcer = new Announcer();
  const standing = new Standing();
  const called: string[] = [];
  const socket = new BoardSocket(
    () => "past",
    {
      merged: (merged) => {
        if (merged.kind === "replaced") {
          standing.reset(socket.board, new Map());
          announcer.learn(standing.placed);
        } else if (merged.kind === "followed") {
          standing.follow(socket.board, new Set(merged.ids), new Map(), world.now_ms());
          const rows = merged.ids.flatMap((id) => socket.board.rows.get(id) ?? []);
          for (const callout of announcer.hear(rows, standing.placed)) called.push(callout.kind === "lead" ? `lead ${callout.contestant}` : `${callout.kind} ${callout.contestant} ${callout.stage}`);
        }
      },
      linked: () => {},
      told: () => {},
    },
    { ...world, open: () => wire, now_ms: () => world.now_ms(), after: (ms, act) => world.after(ms, act), random: () => 0.5, isOnline: () => true },
  );
  const archive = archiveOf(history);
  const player = new Player(archive, wire, { from: null, to: null, speed }, { now_ms: () => world.now_ms(), after: (ms, act) => world.after(ms, act) }, () => {});
  socket.start();
  player.start();
  const pass = async (ms: number): Promise<void> => {
    for (let gone = 0; gone < ms; gone += 100) {
      await settled();
      world.pass(100);
    }
    await settled();
  };
  return { socket, player, called, archive, pass };
}

const done = (id: string, stage: string, cleared: number): Step => ({ row: { id, key: [-cleared], points: String(cleared), cleared, stages: Object.fromEntries([..."xyz"].slice(0, cleared).map((each) => [each, { state: "cleared", first: each === stage }])) } });

test("played to the end at any speed, the board is the one that the ledger ends with", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(1, 5, 60, 600), async (taken, speed) => {
      const history = new History(taken);
      const { socket, player, pass } = playing(history, speed);
      await pass((taken.length * SECOND_MS) / speed + 2_000);
      expect(socket.board.rows).toEqual(history.rowsAt(taken.length));
      expect(player.playing?.isPlaying).toBe(false);
      player.stop();
      socket.stop();
    }),
    { numRuns: 25 },
  );
});

test("at sixty times the speed every clear is called out once, and every change at the top", async () => {
  const history = new History([{ row: { id: "A", key: [0] } }, { row: { id: "B", key: [0] } }, done("A", "x", 1), done("B", "y", 2), done("A", "z", 3)]);
  const { called, pass, player, socket } = playing(history, 60);
  await pass(6_000);
  expect(called.toSorted()).toEqual(["clear B x", "clear A y", "first A x", "first A z", "first B y", "lead A", "lead A", "lead B"].toSorted());
  player.stop();
  socket.stop();
});

test("a jump calls nothing out, in either direction, and arrives", async () => {
  const history = new History([{ row: { id: "A", key: [0] } }, done("A", "x", 1), done("A", "y", 2), { row: { id: "B", key: [5] } }]);
  const { called, pass, player, socket } = playing(history, 1);
  await pass(500);
  player.play(false);
  player.seek(BORN_MS + 4 * SECOND_MS);
  await pass(1_000);
  expect(socket.board.rows).toEqual(history.rowsAt(4));
  player.seek(BORN_MS + 1 * SECOND_MS);
  await pass(1_000);
  expect(socket.board.rows).toEqual(history.rowsAt(1));
  expect(called).toEqual([]);
  player.stop();
  socket.stop();
});

test("however fast it plays, it asks the server a few times a second only", async () => {
  const history = new History(Array.from({ length: 600 }, (_, index) => ({ row: { id: "A", key: [index] } })));
  const { archive, pass, player, socket } = playing(history, 600);
  await pass(2_000);
  expect(archive.asked).toBeLessThanOrEqual(40);
  player.stop();
  socket.stop();
});

test("while the past is being read it says how far that is, and begins once it is read", async () => {
  const history = new History([{ row: { id: "A", key: [0] } }]);
  const world = new FakeWorld();
  const archive = archiveOf(history);
  const reads = [0.25, 0.75];
  const said: [boolean, number | null][] = [];
  const reading = {
    timeline: () => {
      const share = reads.shift();
      return share === undefined ? archive.timeline() : Promise.reject(new StillReading(share * 400, 400));
    },
    board: archive.board,
  };
  const player = new Player(reading, new TapeWire(), { from: null, to: null, speed: 1 }, { now_ms: () => world.now_ms(), after: (ms, act) => world.after(ms, act) }, (failed, read) => said.push([failed, read]));
  player.start();
  for (let second = 0; second < 8; second++) {
    await settled();
    world.pass(1_000);
  }
  expect(said.slice(0, 3)).toEqual([[true, 0.25], [true, 0.75], [false, null]]);
  expect(player.tape).not.toBeNull();
  player.stop();
});

test("the tape never leaves its stretch, and goes on from where it was when its speed changes", () => {
  const tape = new Tape({ from_ms: 1_000, to_ms: 61_000 }, 10, 0);
  expect([tape.at(0), tape.at(1_000), tape.at(99_000)]).toEqual([1_000, 11_000, 61_000]);
  tape.hasten(1, 1_000);
  expect(tape.at(2_000)).toBe(12_000);
  tape.play(false, 2_000);
  expect(tape.at(9_000)).toBe(12_000);
  tape.seek(-5, 9_000);
  expect(tape.at(9_000)).toBe(1_000);
});

test("a stretch is what was asked for, inside of what there is", () => {
  const timeline = { from: iso(0), to: iso(100), moments: [{ position: 40, at: iso(50), kind: "clear" }] };
  expect(stretchOf(timeline, null, null)).toEqual({ from_ms: BORN_MS + 20_001, to_ms: BORN_MS + 100_001 });
  expect(stretchOf(timeline, "45", iso(70))).toEqual({ from_ms: BORN_MS + 50_000, to_ms: BORN_MS + 70_000 });
  expect(stretchOf(timeline, iso(-9), iso(1_000))).toEqual({ from_ms: BORN_MS + 1, to_ms: BORN_MS + 100_001 });
});
