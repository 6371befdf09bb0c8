import { expect, test } from "vitest";
import { Pairing } from "../../src/pair/pairing.ts";
import { Api } from "../../src/room/api.ts";
import { Memory, Shelf } from "../../src/room/storage.ts";

type Said = [status: number, body: unknown];

/** A server that answers in turn, and what it was asked. */
function server(...answers: (Said | "silent")[]): { api: Api; asked: string[] } {
  const asked: string[] = [];
  const api = new Api("/api", async (address, how) => {
    asked.push(`${how.method} ${address}`);
    const answer = answers.shift();
    if (answer === undefined || answer === "silent") throw new Error("nobody answers");
    return new Response(JSON.stringify(answer[1]), { status: answer[0] });
  });
  return { api, asked };
}

const OPENED: Said = [201, { code: "123456", secret: "ps_1", poll_every_s: 2 }];
const WAITING: Said = [200, { state: "waiting" }];
const PAIRED: Said = [200, { state: "paired", contest: "cup", name: "left", token: "cs_1" }];
const OVER: Said = [404, { code: "no_pairing", detail: "over" }];

async function run(answers: (Said | "silent")[], store: Memory = new Memory(), waits = 20): Promise<{ told: string[]; asked: string[]; store: Memory }> {
  const { api, asked } = server(...answers);
  const told: string[] = [];
  const tell = {
    code: (code: string | null, isSilent: boolean) => void told.push(`${code ?? "none"}${isSilent ? " silent" : ""}`),
    paired: (paired: { contest: string; name: string }) => void told.push(`paired ${paired.contest} ${paired.name}`),
  };
  await new Pairing(api, new Shelf(store, "contest"), tell, () => api, async () => waits-- > 0).run();
  return { told, asked, store };
}

test("a screen shows its code until somebody says whose it is, and keeps its token", async () => {
  const { told, store } = await run([OPENED, WAITING, PAIRED]);
  expect(told).toEqual(["123456", "123456", "123456", "paired cup left"]);
  expect(new Shelf(store, "contest").take("display")).toEqual({ contest: "cup", name: "left", token: "cs_1" });
});

test("a code that is over is followed by another, and a silent server is asked again", async () => {
  const { told } = await run(["silent", OPENED, "silent", OVER, [201, { code: "654321", secret: "ps_2", poll_every_s: 2 }], PAIRED]);
  expect(told).toEqual(["none silent", "123456", "123456 silent", "654321", "654321", "paired cup left"]);
});

test("a screen that was paired before asks for no code, also while the server is away", async () => {
  const { store } = await run([OPENED, PAIRED]);
  for (const answer of [[200, { name: "left" }] as Said, "silent" as const, [503, {}] as Said]) {
    const again = await run([answer], store);
    expect(again.told).toEqual(["paired cup left"]);
    expect(again.asked).toEqual(["GET /api/contests/cup/displays/me"]);
  }
});

test("a screen whose token was revoked asks for a code again", async () => {
  const { store } = await run([OPENED, PAIRED]);
  const again = await run([[403, { code: "not_allowed", detail: "" }], OPENED, PAIRED], store);
  expect(again.told).toEqual(["123456", "123456", "paired cup left"]);
});
