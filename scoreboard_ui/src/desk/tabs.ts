/** What a desk shows one at a time where there is no room for all of it. */

export const TABS = ["people", "stations", "entries"] as const;
export type Tab = (typeof TABS)[number];
