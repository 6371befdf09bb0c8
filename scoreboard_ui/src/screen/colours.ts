/** Colours of venues: the definition's where it is a plain hex colour, else one of twelve; and a ground that carries white. */

import type { Name, VenueInfo } from "../board/types.ts";

const PALETTE = ["#e5484d", "#3b82f6", "#22c55e", "#f59e0b", "#a855f7", "#14b8a6", "#ec4899", "#84cc16", "#f97316", "#06b6d4", "#eab308", "#8b5cf6"];

/** The highest relative luminance on which white keeps a contrast of 3.9 : 1, enough for large text (WCAG). */
const CARRIES_WHITE = 1.05 / 3.9 - 0.05;

export function venueColour(colour: string | null | undefined, index: number): string {
  return colour && /^#[0-9a-f]{6}$/i.test(colour) ? colour.toLowerCase() : PALETTE[index % PALETTE.length]!;
}

/** How a venue is dressed everywhere. */
export interface Livery {
  readonly colour: string;
  /** The colour, dark enough to carry white. */
  readonly ground: string;
  readonly name: Name | null;
}

export function livery(venue: VenueInfo, index: number): Livery {
  const colour = venueColour(venue.colour, index);
  return { colour, ground: ground(colour), name: venue.name ?? null };
}

/** The same hue, darkened until white is legible on it. */
export function ground(colour: string): string {
  let channels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  while (luminance(channels) > CARRIES_WHITE) channels = channels.map((channel) => Math.floor(channel * 0.95));
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function luminance(channels: readonly number[]): number {
  const [r, g, b] = channels.map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
