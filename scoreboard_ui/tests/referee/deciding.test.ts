import { expect, test } from "vitest";
import type { Answer } from "../../src/room/api.ts";
import { Memory } from "../../src/room/storage.ts";
import type { Case, RulingBody } from "../../src/room/types.ts";
import { Deciding } from "../../src/referee/deciding.ts";
import { aboutCase, Drafts } from "../../src/referee/draft.ts";
import { FakeWorld } from "../board/fakes.ts";
import { aCase, given, NO_EFFECT, refused, shelf, unreachable } from "./world.ts";

type Sent = Answer<unknown> | { readonly kind: "kept" };

function desk(answers: Sent[] = [], store = new Memory()) {
  const world = new FakeWorld();
  const seen = { isConnected: true, changed: null as Case | null, sent: [] as RulingBody[], asked: [] as RulingBody[], hasUnsent: false };
  let serial = 0;
  const deciding = new Deciding(
    new Drafts(shelf(store), "R1"),
    {
      ask: async (body) => (seen.asked.push(body), seen.isConnected ? given({ effect: NO_EFFECT, needs: [] }) : unreachable),
      send: async (letter) => (seen.sent.push(letter.body as unknown as RulingBody), answers.shift() ?? given({})),
      isConnected: () => seen.isConnected,
      hasUnsent: () => seen.hasUnsent,
      hasChanged: () => seen.changed !== null,
      differs: (now) => { seen.changed = now; },
    },
    world,
    () => `r${++serial}`,
  );
  deciding.hold("A1/wiring", aboutCase(aCase()));
  return { deciding, world, seen, store };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** A whole form, with its preview. */
async function filled(answers: Sent[] = []) {
  const made = desk(answers);
  made.deciding.begin("annul");
  made.deciding.edit({ code: "checked", reason: "the video shows it" });
  made.world.pass(1_000);
  await settle();
  return made;
}

test("nothing is sent by opening, typing, waiting or coming back", async () => {
  const { deciding, world, seen, store } = desk();
  deciding.begin("annul");
  deciding.edit({ code: "checked", reason: "half a rea" });
  world.pass(600_000);
  await settle();
  const again = desk([], store);
  again.world.pass(600_000);
  await settle();
  expect([seen.sent, again.seen.sent]).toEqual([[], []]);
  expect([again.deciding.draft?.reason, again.deciding.isOpen]).toEqual(["half a rea", false]);
});

test("a form that is not whole cannot be decided, and says what is missing", async () => {
  const { deciding, seen } = desk();
  deciding.begin("override");
  expect(deciding.hindrance?.faults?.map((fault) => fault.place)).toEqual(["marks", "code", "reason"]);
  expect([await deciding.decide(), seen.sent]).toEqual(["hindered", []]);
});

test("the preview is asked once the form is whole and the typing has paused, and again when it says something else", async () => {
  const { deciding, world, seen } = desk();
  deciding.begin("annul");
  deciding.edit({ code: "checked" });
  for (const reason of ["see", "seen", "seen it"]) deciding.edit({ reason });
  expect(seen.asked).toEqual([]);
  expect(deciding.hindrance?.word).toBe("whyPreviewAsked");
  world.pass(350);
  await settle();
  expect([seen.asked.length, deciding.preview.now.kind, deciding.hindrance]).toEqual([1, "here", null]);
  deciding.edit({ reason: "seen it twice" });
  expect(deciding.preview.now.kind).toBe("asking");
});

test("one press sends one ruling, whatever is pressed meanwhile; then the form is gone", async () => {
  const { deciding, seen } = await filled([given({ position: 5 })]);
  const [first, second] = await Promise.all([deciding.decide(), deciding.decide()]);
  expect([first, second, seen.sent.map((body) => body.id)]).toEqual(["acknowledged", "hindered", ["r1"]]);
  expect([deciding.draft, deciding.isOpen]).toEqual([null, false]);
});

test("a case that has changed keeps the form and waits until somebody has looked", async () => {
  const now = aCase({ basis: "b2" });
  const { deciding, seen } = await filled([refused(409, "changed", { case: now })]);
  expect(await deciding.decide()).toBe("changed");
  expect([deciding.draft?.reason, seen.changed, deciding.hindrance?.word]).toEqual(["the video shows it", now, "whyChanged"]);
  expect(await deciding.decide()).toBe("hindered");
  seen.changed = null;
  deciding.hold("A1/wiring", aboutCase(now));
  await settle();
  expect(deciding.draft?.reason).toBe("the video shows it");
});

test("a password that is wanted keeps the form, and giving it sends nothing", async () => {
  const { deciding, seen } = await filled([refused(403, "not_fresh"), given({ position: 6 })]);
  expect([await deciding.decide(), deciding.isOpen, deciding.refusal]).toEqual(["password", true, null]);
  await settle();
  expect(seen.sent.length).toBe(1);
  expect([await deciding.decide(), seen.sent.map((body) => body.id)]).toEqual(["acknowledged", ["r1", "r2"]]);
});

test("a refusal is shown beside the form until it is changed", async () => {
  const { deciding } = await filled([refused(403, "recused")]);
  expect([await deciding.decide(), deciding.refusal]).toEqual(["refused", expect.objectContaining({ code: "recused" })]);
  deciding.edit({ reason: "something else" });
  expect(deciding.refusal).toBeNull();
});

test("without a connection it can be decided without a preview, and is kept", async () => {
  const { deciding, seen } = desk([{ kind: "kept" }]);
  seen.isConnected = false;
  deciding.begin("annul");
  deciding.edit({ code: "checked", reason: "seen it" });
  expect(deciding.hindrance).toBeNull();
  expect([await deciding.decide(), deciding.draft]).toEqual(["kept", null]);
});

test("while a decision about it waits in the outbox, there is no second one", async () => {
  const { deciding, seen } = await filled();
  seen.hasUnsent = true;
  expect([deciding.hindrance?.word, await deciding.decide(), seen.sent]).toEqual(["whyWaitsInOutbox", "hindered", []]);
});

test("every case has a form of its own", () => {
  const { deciding } = desk();
  deciding.begin("annul");
  deciding.edit({ reason: "first" });
  deciding.hold("A2/wiring", aboutCase(aCase({ contestant: "A2" })));
  expect([deciding.draft, deciding.isOpen]).toEqual([null, false]);
  deciding.hold("A1/wiring", aboutCase(aCase()));
  expect([deciding.draft?.reason, deciding.isOpen]).toEqual(["first", false]);
  deciding.clear();
  deciding.hold("A2/wiring", null);
  deciding.hold("A1/wiring", aboutCase(aCase()));
  expect(deciding.draft).toBeNull();
});

test("an answer to an earlier wording is not taken for this one", async () => {
  const { deciding, world } = desk();
  deciding.begin("annul");
  deciding.edit({ code: "checked", reason: "one" });
  world.pass(400);
  deciding.edit({ reason: "two" });
  await settle();
  expect(deciding.preview.now.kind).toBe("asking");
});
