/** Which key does what. Letters act only outside of fields and dialogs; in a field Enter never does anything that is sent. */

export interface Stroke {
  readonly key: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly meta: boolean;
  /** The focus is where text is typed or chosen. */
  readonly inField: boolean;
  /** The focus is on something that Enter or Space presses. */
  readonly onControl: boolean;
  readonly inDialog: boolean;
}

export type Command =
  | { readonly does: "move"; readonly by: number }
  | { readonly does: "open" | "close" | "help" | "search" | "decide" | "nextPart" | "lastPart" | "first" | "last" }
  | { readonly does: "room"; readonly to: "queue" | "marks" | "waiting" }
  | { readonly does: "letter"; readonly letter: string };

const ROOMS: Readonly<Record<string, "queue" | "marks" | "waiting">> = { q: "queue", m: "marks", w: "waiting" };
const MOVES: Readonly<Record<string, number>> = { j: 1, k: -1, arrowdown: 1, arrowup: -1, pagedown: 8, pageup: -8 };
const PLAIN: Readonly<Record<string, "help" | "search" | "nextPart" | "lastPart" | "first" | "last">> = {
  "?": "help", "？": "help", "/": "search", "、": "search", "]": "nextPart", "】": "nextPart", "[": "lastPart", "【": "lastPart", home: "first", end: "last",
};

export function commandOf(stroke: Stroke): Command | null {
  const key = stroke.key.toLowerCase();
  if (key === "enter" && (stroke.ctrl || stroke.meta) && !stroke.alt && !stroke.inDialog) return { does: "decide" };
  if (stroke.ctrl || stroke.alt || stroke.meta || stroke.inDialog) return null;
  if (key === "escape") return { does: "close" };
  if (stroke.inField) return null;
  if (key === "enter") return stroke.onControl ? null : { does: "open" };
  const by = MOVES[key];
  if (by !== undefined) return { does: "move", by };
  const plain = PLAIN[key];
  if (plain !== undefined) return { does: plain };
  const room = ROOMS[key];
  if (room !== undefined) return { does: "room", to: room };
  return /^[a-z]$/.test(key) ? { does: "letter", letter: key } : null;
}

export function strokeOf(event: KeyboardEvent): Stroke {
  const at = event.target instanceof Element ? event.target : null;
  const field = at?.closest("input, select, textarea, [contenteditable]");
  const isButtonLike = field instanceof HTMLInputElement && ["checkbox", "radio", "button"].includes(field.type);
  return {
    key: event.key,
    ctrl: event.ctrlKey,
    alt: event.altKey,
    meta: event.metaKey,
    inField: field != null && !isButtonLike,
    onControl: at?.closest("button, a, summary, input") != null,
    inDialog: at?.closest("dialog") != null || event.isComposing,
  };
}
