/** What a screen asks for beside the board: once each at a time, and again only after a while. */

import { expect, test } from "vitest";
import type { ContestInfo, Roster } from "../../src/board/types.ts";
import { ASK_AGAIN_MS, Knowing, NAMES_WAIT_MS } from "../../src/screen/knowing.svelte.ts";
import { FakeWorld } from "../board/fakes.ts";

const info = (definition: number): ContestInfo => ({ id: "cup", definition, stages: [], venues: [] }) as unknown as ContestInfo;
const roster = (...ids: string[]): Roster => ({ version: 1, contestants: ids.map((id) => ({ id })) }) as unknown as Roster;
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

class Place {
  readonly world = new FakeWorld();
  readonly told: string[] = [];
  readonly asked: string[] = [];
  roster: () => Promise<Roster> = () => Promise.resolve(roster("A1", "A2"));
  readonly knowing = new Knowing(
    info(1),
    {
      roster: () => (this.asked.push("roster"), this.roster()),
      definition: () => (this.asked.push("definition"), Promise.resolve(info(2))),
    },
    { know: (known) => this.told.push(`know ${known.contestants.length}`), knowNobody: () => this.told.push("nobody"), define: ({ definition }) => this.told.push(`define ${definition}`) },
    this.world,
  );
}

test("a newer roster and a newer definition are told to whoever learns from them", async () => {
  const place = new Place();
  place.knowing.ask("roster");
  place.knowing.ask("definition");
  await turns();
  expect(place.told).toEqual(["know 2", "define 2"]);
  expect([place.knowing.people, place.knowing.info.definition]).toEqual([2, 2]);
});

test("a screen that has ended asks for nothing any more, also where nobody was known", async () => {
  const place = new Place();
  place.roster = () => Promise.resolve(roster());
  place.knowing.ask("roster");
  await turns();
  place.knowing.stop();
  place.world.pass(3 * ASK_AGAIN_MS);
  place.knowing.ask("definition");
  await turns();
  expect(place.asked).toEqual(["roster"]);
});

test("whatever the board says meanwhile, the same is not asked again for a while", async () => {
  const place = new Place();
  for (let n = 0; n < 3; n += 1) {
    place.knowing.ask("definition");
    await turns();
  }
  expect(place.asked).toEqual(["definition"]);
  place.world.pass(ASK_AGAIN_MS);
  place.knowing.ask("definition");
  expect(place.asked).toEqual(["definition", "definition"]);
});

test("as long as nobody is known it asks by itself, and then no more", async () => {
  const place = new Place();
  place.roster = () => Promise.reject(new Error("away"));
  place.knowing.ask("roster");
  for (let n = 1; n <= 3; n += 1) {
    await turns();
    expect(place.asked.length).toBe(n);
    if (n === 2) place.roster = () => Promise.resolve(roster("A1"));
    place.world.pass(ASK_AGAIN_MS);
  }
  await turns();
  expect(place.asked.length).toBe(3);
});

test("a screen that asks in vain, or waits too long, is told that there are no names, once; and names come all the same", async () => {
  const place = new Place();
  let come: (roster: Roster) => void = () => {};
  place.roster = () => new Promise((resolve) => (come = resolve));
  place.knowing.ask("roster");
  place.world.pass(NAMES_WAIT_MS - 1);
  expect(place.told).toEqual([]);
  place.world.pass(2);
  expect(place.told).toEqual(["nobody"]);
  come(roster("A1"));
  await turns();
  expect([place.told, place.knowing.people]).toEqual([["nobody", "know 1"], 1]);
});

test("a roster that cannot be had is given up at once, and asked for again", async () => {
  const place = new Place();
  place.roster = () => Promise.reject(new Error("away"));
  place.knowing.ask("roster");
  await turns();
  expect(place.told).toEqual(["nobody"]);
  place.roster = () => Promise.resolve(roster("A1"));
  place.world.pass(ASK_AGAIN_MS);
  await turns();
  expect(place.told).toEqual(["nobody", "know 1"]);
});
