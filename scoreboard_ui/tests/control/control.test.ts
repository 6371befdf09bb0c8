/** The control room without a browser: programs out of drafts, lamps, and a model that sends every order once. */

import { describe, expect, it } from "vitest";
import { deviceLamp, lastOf, screenLamp, unsyncedOf, venueLamp, widestOffset } from "../../src/control/lamps.ts";
import { draftOf, EMPTY, isSame, previewAddress, programOf } from "../../src/control/programs.ts";
import type { Device, ScreenState, Venue } from "../../src/control/types.ts";
import { ControlRoom } from "../../src/control/room.svelte.ts";
import { Api } from "../../src/room/api.ts";
import { SCENES, understood } from "../../src/scenes/program.ts";

const device: Device = { source: "a/desk", connected: true, clock: "good", offset_us: 1_000, error_us: 10, unsynced: 0, events: 1, refused: 0, last: "2026-11-22T09:00:00Z" };
const venue = (...devices: Device[]): Venue => ({ id: "a", name: null, colour: null, devices });
const screen: ScreenState = {
  id: "s", name: "hall", program: { scene: "lanes" }, since: null, follows: true, hidden: false, message: null, until: null, sequence: null, timed: [], can_undo: false,
  reported: { scene: "lanes", position: 1, width: 1920, height: 1080, age_s: 2, since: "2026-11-22T09:00:00Z" },
};

describe("a program", () => {
  it("is one that a screen understands, whatever the scene", () => {
    for (const scene of SCENES) {
      const program = programOf({ ...EMPTY, scene, left: "A1", right: "B1", contestant: "A1", zh: "休息", en: "Break" });
      expect(understood(program)?.scene).toBe(scene);
    }
  });

  it("is none while something is missing that its scene needs", () => {
    expect(programOf({ ...EMPTY, scene: "head_to_head", left: "A1" })).toBeNull();
    expect(programOf({ ...EMPTY, scene: "head_to_head", left: "A1", right: "A1" })).toBeNull();
    expect(programOf({ ...EMPTY, scene: "spotlight" })).toBeNull();
    expect(programOf({ ...EMPTY, scene: "notice", zh: "  " })).toBeNull();
    expect(programOf({ ...EMPTY, scene: "countdown", to: "" })).toBeNull();
  });

  it("holds no option of another scene, and no option that is as usual", () => {
    expect(programOf({ ...EMPTY, scene: "ranking", left: "A1", speed: 30 })).toEqual({ scene: "ranking" });
    expect(programOf({ ...EMPTY, scene: "lanes", lang: "en" })).toEqual({ scene: "lanes", lang: "en" });
  });

  it("that is on air becomes a draft of the same program", () => {
    const programs = [{ scene: "duel", left: "a", right: "b" }, { scene: "ceremony", places: 5, medals: false }, { scene: "replay", from: "12", to: "90", speed: 30 }, { scene: "notice", zh: "休", en: "b" }];
    for (const program of programs) expect(isSame(programOf(draftOf(program))!, program)).toBe(true);
  });

  it("can be looked at by an address before it is on air", () => {
    const address = previewAddress("cup", { scene: "duel", left: "a&b" }, "en");
    expect(Object.fromEntries(new URLSearchParams(address.split("?")[1]))).toEqual({ contest: "cup", scene: "duel", left: "a&b", lang: "en" });
  });
});

describe("a lamp", () => {
  it("is bad where a clock is off, and where a device left with something in its outbox", () => {
    expect(deviceLamp(device)).toBe("good");
    expect(deviceLamp({ ...device, clock: "off" })).toBe("bad");
    expect(deviceLamp({ ...device, clock: "unmeasured" })).toBe("wait");
    expect(deviceLamp({ ...device, unsynced: 3 })).toBe("wait");
    expect(deviceLamp({ ...device, connected: false })).toBe("dark");
    expect(deviceLamp({ ...device, connected: false, unsynced: 3 })).toBe("bad");
  });

  it("of a venue is that of its worst device; one that nobody can be heard of is bad", () => {
    expect(venueLamp(venue(device))).toBe("good");
    expect(venueLamp(venue(device, { ...device, clock: "off" }))).toBe("bad");
    expect(venueLamp(venue())).toBe("bad");
    expect(venueLamp(venue({ ...device, connected: false }))).toBe("bad");
  });

  it("of a screen says whether it shows what was ordered, lately", () => {
    const said = screen.reported!;
    expect(screenLamp(screen)).toBe("good");
    expect(screenLamp({ ...screen, reported: null })).toBe("dark");
    expect(screenLamp({ ...screen, reported: { ...said, age_s: 14 } })).toBe("wait");
    expect(screenLamp({ ...screen, reported: { ...said, scene: "ranking" } })).toBe("wait");
    expect(screenLamp({ ...screen, program: { scene: "auto" }, reported: { ...said, scene: "ranking" } })).toBe("good");
  });

  it("comes with the figures that explain it", () => {
    const both = venue({ ...device, offset_us: -900_000, unsynced: 2, last: "2026-11-22T09:05:00Z" }, { ...device, unsynced: 1 });
    expect([unsyncedOf(both), widestOffset(both), lastOf(both)]).toEqual([3, -900_000, "2026-11-22T09:05:00Z"]);
    expect([widestOffset(venue()), lastOf(venue())]).toEqual([null, null]);
  });
});

describe("the door", () => {
  it("is not knocked at every second while nobody is let in, and at once after somebody logged in", async () => {
    let asked = 0;
    let status = 401;
    const answered = async (): Promise<Response> => ((asked += 1), new Response(JSON.stringify({ code: "not_logged_in" }), { status }));
    const room = new ControlRoom(new Api("http://here", answered));
    for (let second = 0; second < 10; second += 1) await room.look();
    const once = asked;
    expect([room.door, once]).toEqual(["out", 3]);
    await room.look();
    expect(asked).toBeGreaterThan(once);
    status = 200;
    await room.hurry();
    expect(room.door).toBe("in");
  });
});

describe("the clock", () => {
  it("is set by the answer about the screens as it comes, however long another answer takes", async () => {
    let now_ms = Date.parse("2026-11-22T09:00:00Z");
    let answerRoom = (): void => {};
    const room = new ControlRoom(new Api("http://here", (address) => {
      if (!address.endsWith("/control-room")) return Promise.resolve(new Response(JSON.stringify({ now: "2026-11-22T09:00:01Z", screens: [], default: null })));
      return new Promise((resolve) => (answerRoom = () => resolve(new Response("{}"))));
    }), () => now_ms);
    const looked = room.look();
    await new Promise((resolve) => setTimeout(resolve, 0));
    now_ms += 3_000;
    answerRoom();
    await looked;
    expect([room.offset_ms, room.heard_ms, room.roomAt_ms]).toEqual([1_000, now_ms - 3_000, now_ms]);
    expect(room.door).toBe("in");
  });
});
