/** Where a draft begins. */

import type { Draft } from "./types.ts";

export const FIRST_COLOURS = ["#e5484d", "#3e9bff", "#37b26c", "#f5a623", "#9b6dff", "#14b8c4", "#e668a7", "#8a94a6"] as const;

/** Nothing but what every contest has. */
export function blank(): Draft {
  return { format: 1, contest: { id: "", name: {}, languages: ["zh", "en"] }, venues: [], contestants: [], stages: [], ranking: [{ by: "points" }, { by: "time_ms" }] };
}
