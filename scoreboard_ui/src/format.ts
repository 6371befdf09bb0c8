/** Numbers as they stand on the screen. Points stay the text that the server sent: they are decimals, never floats. */

/** 1:02:03, or 02:03 below an hour. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

export function timeText(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? "–" : clockText(ms);
}

/** 86.50 → 86.5, 20.0 → 20: as short as it says the same. */
export function pointsText(points: string | null | undefined): string {
  if (points === null || points === undefined || points === "") return "0";
  return /^-?\d+\.\d*?0*$/.test(points) ? points.replace(/\.?0+$/, "") : points;
}

/** The difference of two decimals, exact to their digits. */
export function pointsBetween(a: string, b: string): string {
  const digits = Math.max(decimals(a), decimals(b));
  return pointsText((Number(a) - Number(b)).toFixed(digits));
}

/** How much to shrink a text so that it keeps to a width, counted in Latin letters; a Chinese character is as wide as two. */
export function shrink(text: string, letters: number, least = 0.5): number {
  let width = 0;
  for (const character of text) width += character.codePointAt(0)! >= 0x2e80 ? 1.85 : 1;
  return Math.max(least, Math.min(1, letters / width));
}

function decimals(text: string): number {
  return Math.min(6, text.includes(".") ? text.length - text.indexOf(".") - 1 : 0);
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}
