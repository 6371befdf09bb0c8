/** Ids that officials' acts are sent under: the same id sent again is the same act. Unique without asking anybody, also on plain HTTP. */

const CHANCE_BYTES = 12;

export type Chance = (bytes: Uint8Array) => void;

export function newId(what: string, now_ms: number = Date.now(), chance: Chance = (bytes) => crypto.getRandomValues(bytes)): string {
  const bytes = new Uint8Array(CHANCE_BYTES);
  chance(bytes);
  const noise = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${what}-${Math.max(0, Math.floor(now_ms)).toString(36)}-${noise}`;
}
