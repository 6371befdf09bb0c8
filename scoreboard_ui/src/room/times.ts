/** Times as officials read them: of day, in the zone of this device, which is always named beside a field. Nothing here reckons scores. */

const MINUTE_MS = 60_000;

export function clockOf(iso: string | null | undefined, withTenths = false): string {
  const at = when(iso);
  if (at === null) return "–";
  const base = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
  return withTenths ? `${base}.${String(at.getMilliseconds()).padStart(3, "0")}` : base;
}

/** 11-22 09:03:12, for what may be of another day. */
export function dayAndClockOf(iso: string | null | undefined): string {
  const at = when(iso);
  return at === null ? "–" : `${two(at.getMonth() + 1)}-${two(at.getDate())} ${clockOf(iso)}`;
}

/** For `<input type="datetime-local">`, to the second. */
export function localOf(iso: string | null | undefined): string {
  const at = when(iso);
  if (at === null) return "";
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${clockOf(at.toISOString())}`;
}

/** What such a field says, in UTC; null where it is no time. */
export function utcOf(local: string): string | null {
  const at = new Date(local);
  return local === "" || Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** +1.250 s, −0.031 s; what rounds to nothing is +0.000 s. */
export function signedSeconds(ms: number): string {
  const shown = (Math.abs(ms) / 1000).toFixed(3);
  return `${ms < 0 && Number(shown) !== 0 ? "−" : "+"}${shown} s`;
}

/** A device's clock against the server's: "+1.250 s ± 0.031 s". What is not known surely is never said smaller than it may be. */
export function offsetText(offset_us: number, error_us: number): string {
  return `${signedSeconds(offset_us / 1000)} ± ${(Math.ceil(error_us / 1000) / 1000).toFixed(3)} s`;
}

/** How long something took, or when in the contest it was: 0.4 s, 47 s, 1:02.5, 1:02:03. Never bare milliseconds. */
export function lengthText(ms: number): string {
  const whole_s = Math.floor(Math.abs(ms) / 1000);
  const rest = Math.round(Math.abs(ms) - whole_s * 1000);
  const tail = rest === 0 ? "" : `.${String(rest).padStart(3, "0").replace(/0+$/, "")}`;
  const sign = ms < 0 ? "−" : "";
  if (whole_s < 60) return `${sign}${whole_s}${tail} s`;
  const [h, m, s] = [Math.floor(whole_s / 3600), Math.floor(whole_s / 60) % 60, whole_s % 60];
  return `${sign}${h > 0 ? `${h}:${two(m)}` : m}:${two(s)}${tail}`;
}

/** 42 s, 3 min, 2 h: how long something is going on. */
export function ageOf(ms: number): { readonly n: number; readonly unit: "s" | "min" | "h" } {
  if (ms < MINUTE_MS) return { n: Math.max(0, Math.floor(ms / 1000)), unit: "s" };
  return ms < 60 * MINUTE_MS ? { n: Math.floor(ms / MINUTE_MS), unit: "min" } : { n: Math.floor(ms / (60 * MINUTE_MS)), unit: "h" };
}

/** The zone of this device, such as UTC+8. */
export function zoneText(offset_min: number = -new Date().getTimezoneOffset()): string {
  const sign = offset_min < 0 ? "−" : "+";
  const [hours, minutes] = [Math.floor(Math.abs(offset_min) / 60), Math.abs(offset_min) % 60];
  return `UTC${sign}${hours}${minutes === 0 ? "" : `:${two(minutes)}`}`;
}

function when(iso: string | null | undefined): Date | null {
  if (!iso) return null;
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? null : at;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
