/** A button that asks once more: what it asked is what it does. */

import { expect, test } from "vitest";
import { Arming, OPEN_MS, pressOnce, READ_MS } from "../../src/room/arming.svelte.ts";

const CLICK = { detail: 1 };
const KEY = { detail: 0 };

/** Time that goes on only when it is told to. */
class Hours {
  #now = 0;
  #due: { at: number; deed: () => void }[] = [];

  readonly later = (deed: () => void, ms: number): (() => void) => {
    const each = { at: this.#now + ms, deed };
    this.#due.push(each);
    return () => (this.#due = this.#due.filter((one) => one !== each));
  };

  get waiting(): number {
    return this.#due.length;
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const { deed } of this.#due.filter(({ at }) => at <= this.#now)) deed();
    this.#due = this.#due.filter(({ at }) => at > this.#now);
  }
}

function armed(): [Arming, Hours] {
  const hours = new Hours();
  const arming = new Arming(hours.later);
  expect(arming.press("freeze", CLICK)).toBe(false);
  return [arming, hours];
}

test("two presses do it, once", () => {
  const [arming, hours] = armed();
  expect([arming.asks("freeze"), arming.isReading("freeze")]).toEqual([true, true]);
  hours.pass(READ_MS);
  expect([arming.isReading("freeze"), arming.press("freeze", CLICK), arming.asks("freeze"), hours.waiting]).toEqual([false, true, false, 0]);
  expect(arming.press("freeze", CLICK)).toBe(false);
});

test("a press for one thing is no press for what the button does instead by now", () => {
  const [arming, hours] = armed();
  hours.pass(READ_MS);
  expect([arming.asks("thaw"), arming.press("thaw", CLICK), arming.asks("thaw")]).toEqual([false, false, true]);
  expect(arming.isReading("thaw")).toBe(true);
  hours.pass(READ_MS);
  expect(arming.press("thaw", KEY)).toBe(true);
});

test("a fast second press answers nothing, and the question stays", () => {
  const [arming, hours] = armed();
  hours.pass(READ_MS - 1);
  expect([arming.press("freeze", CLICK), arming.press("freeze", KEY), arming.asks("freeze")]).toEqual([false, false, true]);
  hours.pass(1);
  expect([arming.press("freeze", { detail: 2 }), arming.asks("freeze"), arming.press("freeze", KEY)]).toEqual([false, true, true]);
  expect([arming.press("freeze", { detail: 2 }), arming.asks("freeze")]).toEqual([false, false]);
});

test("a question that nobody answers is forgotten; one that was asked anew has its own time", () => {
  const [arming, hours] = armed();
  hours.pass(OPEN_MS - 1);
  expect(arming.asks("freeze")).toBe(true);
  arming.disarm();
  arming.press("freeze", CLICK);
  hours.pass(1);
  expect([arming.asks("freeze"), arming.isReading("freeze")]).toEqual([true, true]);
  hours.pass(OPEN_MS);
  expect([arming.asks("freeze"), arming.press("freeze", CLICK)]).toEqual([false, false]);
});

test.each([["Enter", false, false], ["Enter", true, true], ["Tab", true, false]])("%s held down (%s) is stopped: %s", (key, repeat, isStopped) => {
  let stopped = false;
  pressOnce({ key, repeat, preventDefault: () => (stopped = true) });
  expect(stopped).toBe(isStopped);
});
