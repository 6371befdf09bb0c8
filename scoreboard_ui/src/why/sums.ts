/** What the lines of an explanation add up to: exact, as decimal text. */

import type { ScoreLine } from "../room/types.ts";

const PLACES = 12n;

export function sumOf(lines: readonly Pick<ScoreLine, "marks">[]): string {
  const total = lines.reduce((sum, line) => sum + (line.marks === null ? 0n : units(line.marks)), 0n);
  const [size, sign] = total < 0n ? [-total, "-"] : [total, ""];
  const fraction = String(size % 10n ** PLACES).padStart(Number(PLACES), "0").replace(/0+$/, "");
  return `${sign}${size / 10n ** PLACES}${fraction === "" ? "" : `.${fraction}`}`;
}

function units(marks: string): bigint {
  const [whole = "0", fraction = ""] = marks.replace("-", "").split(".");
  const size = BigInt(whole || "0") * 10n ** PLACES + BigInt(fraction.slice(0, Number(PLACES)).padEnd(Number(PLACES), "0"));
  return marks.startsWith("-") ? -size : size;
}
