/** Marks as decimal text, compared exactly. What people type (full-width digits, spaces) becomes plain; what is no number stays one. */

const NUMBER = /^-?\d{1,7}(\.\d{1,6})?$/;

/** As it travels: １２．５ → 12.5. Null: this is no number. A comma is refused, because it means two things. */
export function plain(typed: string): string | null {
  const text = typed.normalize("NFKC").replace(/[。]/g, ".").replace(/−/g, "-").trim();
  const whole = /^-?\./.test(text) ? text.replace(".", "0.") : text;
  return NUMBER.test(whole) ? whole : null;
}

/** Negative, 0 or positive, as a is below, equal to or above b. Both have to be plain. */
export function compare(a: string, b: string): number {
  const difference = scaled(a) - scaled(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Seconds as typed → whole milliseconds; null where it is no number, or finer than a millisecond. */
export function milliseconds(typed: string): number | null {
  const seconds = plain(typed);
  if (seconds === null) return null;
  const [whole = "0", fraction = ""] = seconds.replace("-", "").split(".");
  if (fraction.replace(/0+$/, "").length > 3) return null;
  const ms = Number(whole) * 1000 + Number(fraction.slice(0, 3).padEnd(3, "0"));
  return seconds.startsWith("-") ? -ms : ms;
}

/** Whether a and b are at most so far apart, to their last digit. All three have to be plain decimals, of any length. */
export function areWithin(a: string, b: string, distance: string): boolean {
  const places = Math.max(...[a, b, distance].map((number) => number.split(".")[1]?.length ?? 0));
  const difference = scaled(a, places) - scaled(b, places);
  return (difference < 0n ? -difference : difference) <= scaled(distance, places);
}

const PLACES = 12;

function scaled(number: string, places = PLACES): bigint {
  const [whole = "0", fraction = ""] = number.replace("-", "").split(".");
  const size = BigInt(whole) * 10n ** BigInt(places) + BigInt(fraction.padEnd(places, "0").slice(0, places));
  return number.startsWith("-") ? -size : size;
}
