/** What is wrong with a device or a screen, worst first, so that a glance is enough. Decides nothing. */

import type { Device, ScreenState, Venue } from "./types.ts";

export type Lamp = "good" | "wait" | "bad" | "dark";

/** The control room calls a screen late when it has said nothing for so long; screens say so every five seconds. */
export const SCREEN_LATE_S = 12;

export function deviceLamp(device: Device): Lamp {
  if (!device.connected) return device.unsynced > 0 ? "bad" : "dark";
  if (device.clock === "off") return "bad";
  return device.clock === "unmeasured" || device.unsynced > 0 ? "wait" : "good";
}

export function venueLamp(venue: Venue): Lamp {
  const lamps = venue.devices.map(deviceLamp);
  if (!venue.devices.some((each) => each.connected)) return "bad";
  return lamps.includes("bad") ? "bad" : lamps.includes("wait") ? "wait" : "good";
}

/** The sum of what the devices of a venue still hold. */
export function unsyncedOf(venue: Venue): number {
  return venue.devices.reduce((sum, each) => sum + each.unsynced, 0);
}

/** The widest offset among the connected devices (µs); null where none was measured. */
export function widestOffset(venue: Venue): number | null {
  const offsets = venue.devices.filter((each) => each.connected && each.offset_us !== null).map((each) => each.offset_us!);
  return offsets.length === 0 ? null : offsets.reduce((widest, each) => (Math.abs(each) > Math.abs(widest) ? each : widest));
}

/** When anything of this venue arrived last. */
export function lastOf(venue: Venue): string | null {
  return venue.devices.reduce<string | null>((latest, each) => (each.last !== null && (latest === null || each.last > latest) ? each.last : latest), null);
}

/** dark: not connected. wait: shows something else than ordered, or is late. */
export function screenLamp(screen: ScreenState): Lamp {
  const said = screen.reported ?? null;
  if (said === null) return "dark";
  if (said.age_s > SCREEN_LATE_S) return "wait";
  return said.scene === screen.program.scene || screen.hidden || screen.program.scene === "auto" ? "good" : "wait";
}
