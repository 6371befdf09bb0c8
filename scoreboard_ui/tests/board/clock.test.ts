import fc from "fast-check";
import { expect, test } from "vitest";
import { ContestClock, remaining } from "../../src/board/clock.ts";
import { stateAt } from "./world.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 9);
const iso = (ms: number): string => new Date(ms).toISOString();

test("the contest's time goes on between frames by the offset of the fastest message", () => {
  const clock = new ContestClock();
  clock.hear(iso(NOW_MS), 1_400); // 400 ms on the way
  clock.hear(iso(NOW_MS + 1_000), 2_010); // 10 ms on the way
  const state = { ...stateAt(0), now: iso(NOW_MS), elapsed_ms: 60_000 };
  expect(clock.elapsed(state, 2_010)).toBe(61_000);
  expect(clock.elapsed(state, 5_010)).toBe(64_000);
});

test("a delay never makes the clock run ahead of the server, nor back by more than the delay", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 2_000 }), { minLength: 1, maxLength: 20 }), (delays_ms) => {
      const clock = new ContestClock();
      delays_ms.forEach((delay_ms, i) => {
        const at_ms = i * 3_000 + delay_ms;
        clock.hear(iso(NOW_MS + i * 3_000), at_ms);
        const behind_ms = NOW_MS + at_ms - clock.serverNow(at_ms)!;
        expect(behind_ms).toBeGreaterThanOrEqual(0);
        expect(behind_ms).toBeLessThanOrEqual(delay_ms);
      });
    }),
  );
});

test("a clock that does not run stands", () => {
  const clock = new ContestClock();
  clock.hear(iso(NOW_MS), 0);
  for (const phase of ["before", "paused", "ended"] as const) {
    expect(clock.elapsed({ ...stateAt(0), phase, now: iso(NOW_MS), elapsed_ms: 5_000 }, 99_000)).toBe(5_000);
  }
});

test("time left ends at zero and is unknown without a duration", () => {
  expect(remaining(5_000, 7_000)).toBe(2_000);
  expect(remaining(9_000, 7_000)).toBe(0);
  expect(remaining(9_000, null)).toBeNull();
});
