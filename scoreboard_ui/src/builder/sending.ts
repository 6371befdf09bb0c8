/** The draft as it travels. What was left empty is not said at all; nothing in a list moves, so that the server's places are the page's. */

import type { Draft } from "./types.ts";

/** Deeper than this, nothing is cleaned. */
const DEPTH_MAX = 12;

export function sendable(draft: Draft): Draft {
  return cleaned(draft, 0) as Draft;
}

function cleaned(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null || depth > DEPTH_MAX) return value;
  if (Array.isArray(value)) return value.map((each) => cleaned(each, depth + 1));
  const full = Object.entries(value)
    .map(([name, each]) => [name, cleaned(each, depth + 1)] as const)
    .filter(([name, each]) => !isEmpty(each) && !(isEmptyTable(each) && !TABLES.has(name)));
  return Object.fromEntries(full);
}

/** Tables that mean something although nothing stands in them. */
const TABLES = new Set(["ties"]);

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function isEmptyTable(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
