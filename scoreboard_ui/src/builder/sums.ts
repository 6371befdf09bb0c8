/** What stages are worth, added up exactly. Whatever is no number counts as nothing; the server names it as a fault. */

import { pointsText } from "../format.ts";
import { plain } from "../room/decimals.ts";
import type { Draft, Stage } from "./types.ts";

const PLACES = 6;

function scaled(value: unknown): bigint {
  const text = plain(String(value ?? ""));
  if (text === null) return 0n;
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const size = BigInt(whole) * 10n ** BigInt(PLACES) + BigInt(fraction.padEnd(PLACES, "0").slice(0, PLACES));
  return text.startsWith("-") ? -size : size;
}

function written(size: bigint): string {
  const digits = (size < 0n ? -size : size).toString().padStart(PLACES + 1, "0");
  return pointsText(`${size < 0n ? "-" : ""}${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}`);
}

export function sum(values: readonly unknown[]): string {
  return written(values.reduce((total: bigint, value) => total + scaled(value), 0n));
}

/** The most a stage can bring: its aspects' marks, or its points, or 1. */
export function worthOf(stage: Stage): string {
  if (stage.aspects !== undefined && stage.aspects.length > 0) return sum(stage.aspects.map((each) => each.max));
  return stage.points === undefined || stage.points === "" ? "1" : sum([stage.points]);
}

export interface Worth {
  readonly points: string;
  /** How far from 100: "0", "-12.5", "3". */
  readonly off: string;
}

/** The whole contest beside the 100 that it should be. */
export function worthOfAll(draft: Draft): Worth {
  const total = draft.stages.reduce((size, stage) => size + scaled(worthOf(stage)), 0n);
  return { points: written(total), off: written(total - 100n * 10n ** BigInt(PLACES)) };
}
