/** What the console does by itself: it takes in the queue, tells of new blocking cases and of previews, and looks again at the case in hand. It sends nothing. */

import type { Room } from "../room/room.ts";
import type { CaseRow } from "../room/types.ts";
import type { CaseFile } from "./casefile.ts";
import type { Deciding } from "./deciding.ts";
import type { Queue } from "./queue.ts";

const LOOK_AGAIN_MS = 4_000;

interface Watched {
  readonly room: Room;
  readonly queue: Queue;
  readonly file: CaseFile;
  readonly deciding: Deciding;
}

/** Begin to watch; returns how to stop. */
export function keepWatch({ room, queue, file, deciding }: Watched, titleOf: (row: CaseRow) => string): () => void {
  let seenAt = room.position;
  let line = "";

  async function look(): Promise<void> {
    seenAt = room.position;
    const hadNewer = file.newer !== null;
    await file.refresh(() => deciding.isBusy);
    if (!hadNewer && file.newer !== null) room.say("saidChanged", {}, true);
  }

  let shown: unknown = null;
  const stopPreview = deciding.preview.listen(() => {
    const { now } = deciding.preview;
    if (now.kind !== "here" || now === shown) return;
    shown = now;
    const n = now.effect.rows.length + now.effect.more;
    room.say(n === 0 ? "saidPreviewNone" : "saidPreview", { n });
  });
  const stop = room.onQueue((message) => {
    const fresh = queue.take(message);
    if (fresh.length > 0) room.say(fresh.length === 1 ? "saidBlocking" : "saidBlockingMany", { n: fresh.length, what: titleOf(fresh[0]!) }, true);
    const now = file.subject ? JSON.stringify(queue.about(file.subject.contestant, file.subject.stage)) : "";
    if (now !== line && file.case !== null) void look();
    line = now;
  });
  const timer = setInterval(() => {
    if (room.isConnected && (room.position !== seenAt || file.state.kind === "unreachable")) void look();
  }, LOOK_AGAIN_MS);
  return () => {
    stop();
    stopPreview();
    clearInterval(timer);
  };
}
