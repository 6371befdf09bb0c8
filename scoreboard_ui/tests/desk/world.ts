/** A small venue for the laws: a store that can be killed, and the server's end of a source, as docs/protocol.md has it. */

import type { Entry, EntryStore, Head, VenueEvent } from "../../src/desk/outbox.ts";
import { freshHead, Outbox } from "../../src/desk/outbox.ts";

export interface Numbered {
  readonly seq: number;
  readonly event: VenueEvent;
}

/** What a browser's database keeps: everything that was put, and nothing else. `puts` may be told to fail, as a full disk does. */
export class Disk implements EntryStore {
  readonly entries = new Map<number, Entry>();
  head: Head;
  isFull = false;

  constructor(source = "desk-1") {
    this.head = freshHead(source);
  }

  async put(entries: readonly Entry[], head: Head): Promise<void> {
    if (this.isFull) throw new Error("the disk is full");
    for (const entry of entries) this.entries.set(entry.id, structuredClone(entry) as Entry);
    this.head = structuredClone(head) as Head;
  }

  async remove(ids: readonly number[], head: Head): Promise<void> {
    for (const id of ids) this.entries.delete(id);
    this.head = structuredClone(head) as Head;
  }

  /** The page after a kill: only what the disk has. */
  open(now: () => number = () => 0): Outbox {
    return new Outbox(this, [...this.entries.values()], this.head, now);
  }
}

export type Answer = { readonly type: "ack"; readonly seq: number; readonly position: number } | { readonly type: "refused"; readonly seq: number; readonly code: string; readonly detail: string };

/** The server of one source: known numbers are acknowledged again, a gap is refused, a bad event uses its number up. */
export class Server {
  readonly taken: Numbered[] = [];
  readonly refused = new Map<number, string>();
  last = 0;
  gaps = 0;

  take(batch: readonly Numbered[]): Answer[] {
    const answers: Answer[] = [];
    let highest = 0;
    for (const each of batch) {
      if (each.seq > this.last + 1) {
        this.gaps += 1;
        answers.push({ type: "refused", seq: each.seq, code: "gap", detail: "" });
        break;
      }
      if (each.seq === this.last + 1) {
        this.last += 1;
        if (each.event.data?.["bad"] === true) this.refused.set(each.seq, "bad_event");
        else this.taken.push(each);
      }
      const code = this.refused.get(each.seq);
      if (code !== undefined) answers.push({ type: "refused", seq: each.seq, code, detail: "data" });
      highest = Math.max(highest, each.seq);
    }
    if (highest > 0) answers.push({ type: "ack", seq: highest, position: 100 + highest });
    return answers;
  }

  /** As after a backup was brought back. */
  fallBackTo(seq: number): void {
    this.last = Math.min(this.last, seq);
    while ((this.taken.at(-1)?.seq ?? 0) > this.last) this.taken.pop();
    for (const known of [...this.refused.keys()]) if (known > this.last) this.refused.delete(known);
  }
}

export async function hear(outbox: Outbox, answers: readonly Answer[]): Promise<void> {
  for (const answer of answers) {
    if (answer.type === "ack") await outbox.acknowledge(answer.seq, answer.position);
    else if (answer.code !== "gap") await outbox.refuse(answer.seq, answer.code, answer.detail);
  }
}

export function note(text: string, bad = false): VenueEvent {
  return { kind: "note", at: "2026-11-22T01:00:00.000Z", contestant: "A1", data: bad ? { text, bad } : { text } };
}
