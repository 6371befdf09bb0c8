/** A page that is opened before its contest is there finds it by itself. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NotFound } from "../../src/place.ts";
import { LOOK_AGAIN_MS, type Met, untilFound } from "../../src/room/finding.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("it looks again until it is found, and says each time what came of it", async () => {
  const answers = [new NotFound("cup"), new Error("away"), null];
  const heard: Met[] = [];
  let looks = 0;
  let isFound = false;
  const find = (): Promise<void> => {
    const answer = answers[looks++] ?? null;
    isFound = answer === null;
    return answer === null ? Promise.resolve() : Promise.reject(answer);
  };
  untilFound(find, () => isFound, (met) => heard.push(met));
  await vi.advanceTimersByTimeAsync(10 * LOOK_AGAIN_MS);
  expect([looks, heard]).toEqual([3, ["unknown", "away", "heard"]]);
});

test("once it is ended it looks no more, not even after an answer that was under way", async () => {
  let looks = 0;
  let refuse: (reason: Error) => void = () => {};
  const end = untilFound(() => (looks++, new Promise((_, reject) => (refuse = reject))), () => false, () => {});
  end();
  refuse(new Error("away"));
  await vi.advanceTimersByTimeAsync(10 * LOOK_AGAIN_MS);
  expect(looks).toBe(1);
});
