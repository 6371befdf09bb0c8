/** Shares as they are read. */

/** "0.0417" → "4.2" */
export function percentText(share: string): string {
  const percent = Number(share) * 100;
  return Number.isFinite(percent) ? percent.toFixed(1).replace(/\.0$/, "") : "–";
}
