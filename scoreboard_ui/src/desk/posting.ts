/** The way without a socket: the same events by POST, batch after batch, each resumed by number. */

import type { Sentence } from "../board/types.ts";
import type { Answer } from "../room/api.ts";
import { type Outbox, travelling } from "./outbox.ts";

export const BATCH_MAX = 200;
export const BATCH_MAX_BYTES = 200_000;

export interface Posted {
  readonly seq: number | null;
  readonly position: number;
  readonly after: number;
  readonly refused: readonly { readonly seq: number | null; readonly code: string; readonly detail: Sentence }[];
}

export interface Post {
  standing(): Promise<Answer<{ readonly after: number }>>;
  send(events: readonly unknown[]): Promise<Answer<Posted>>;
}

/** Send all that has a number. Returns whether all of it was answered; what was not is sent again, the same way or by socket. */
export async function postAll(outbox: Outbox, post: Post): Promise<boolean> {
  for (let batch = outbox.toSend(BATCH_MAX, BATCH_MAX_BYTES); batch.length > 0; batch = outbox.toSend(BATCH_MAX, BATCH_MAX_BYTES)) {
    const answer = await post.send(batch.map(travelling));
    if (answer.kind !== "given") return false;
    for (const each of answer.value.refused) if (each.seq !== null && each.code !== "gap") await outbox.refuse(each.seq, each.code, each.detail);
    if (answer.value.seq === null) return false;
    await outbox.acknowledge(answer.value.seq, answer.value.position);
  }
  return true;
}
