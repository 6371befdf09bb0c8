/** When a contest starts, as its own clock on the wall says: a local time and the zone it is meant in. Nothing is moved into the browser's zone. */

export const ZONES = ["+08:00", "+00:00", "+01:00", "+09:00", "+05:30", "-05:00", "-08:00"] as const;

export interface Start {
  /** For `<input type="datetime-local">`; empty: staff start the clock. */
  readonly local: string;
  /** "+08:00"; null: none is said. */
  readonly zone: string | null;
}

export function startOf(text: string | undefined): Start {
  const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text ?? "");
  if (found === null) return { local: "", zone: null };
  const zone = found[3] === "Z" ? "+00:00" : (found[3] ?? null);
  return { local: `${found[1]}T${found[2]}`, zone };
}

export function startText(local: string, zone: string): string | undefined {
  return local === "" ? undefined : `${local}:00${zone}`;
}

/** The zone of this device, as it stands in a time: "+08:00". */
export function zoneHere(offset_min: number = -new Date().getTimezoneOffset()): string {
  const size = Math.abs(offset_min);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${offset_min < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
