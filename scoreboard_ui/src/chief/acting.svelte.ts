/** One button that does something on record: busy, refused, wanting a password, or done at a position. It does it once a press. */

import { type Answer, mayComeBack } from "../room/api.ts";
import { newId } from "../room/ids.ts";
import type { Room } from "../room/room.ts";
import type { Word } from "../words.ts";

type Heard<T> = Answer<T> | { readonly kind: "kept" };

export class Acting {
  isBusy = $state(false);
  answer = $state.raw<Answer<unknown> | null>(null);
  wantsPassword = $state(false);
  position = $state<number | null>(null);
  /** Nobody answered an order that has no id: it may have been done. */
  isUnsure = $state(false);
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Send an act under a fresh id; returns whether its form may be put away: it is on record, or it lies in the outbox with all that was typed. */
  async send(word: Word, about: string, path: string, body: Readonly<Record<string, unknown>>): Promise<boolean> {
    const id = newId("act");
    const heard = await this.#once(() => this.#room.send({ id, path, body: { id, ...body }, word, about }));
    if (heard === null) return false;
    // The outbox says that it is not sent, or perhaps; it is sent again from there.
    if (heard.kind !== "given" && heard.kind !== "kept" && mayComeBack(heard)) this.answer = null;
    return heard.kind === "given" || heard.kind === "kept" || mayComeBack(heard);
  }

  /** Order something that no outbox may hold: it is sent now or it is not. Returns what was answered, if it was done. */
  async order<T>(path: string, body: unknown): Promise<T | null> {
    const heard = await this.#once<T>(() => this.#room.post<T>(path, body));
    this.isUnsure = heard !== null && heard.kind !== "kept" && mayComeBack(heard);
    if (heard?.kind !== "given") return null;
    if (this.position !== null) this.#room.say("saidAcknowledged", { position: this.position });
    return heard.value;
  }

  async #once<T>(go: () => Promise<Heard<T>>): Promise<Heard<T> | null> {
    if (this.isBusy) return null;
    this.isBusy = true;
    this.answer = this.position = null;
    this.isUnsure = false;
    const heard = await go();
    this.isBusy = false;
    this.wantsPassword = heard.kind === "refused" && heard.code === "not_fresh";
    if (heard.kind === "refused" && !this.wantsPassword) this.answer = heard;
    else if (heard.kind === "unreachable") this.answer = heard;
    if (heard.kind === "given") this.position = (heard.value as { position?: number } | null)?.position ?? null;
    return heard;
  }
}

/** Whether such an act lies in the outbox: pressing again would do it twice. */
export function waits(room: Pick<Room, "outbox">, path: string): boolean {
  return room.outbox?.letters.some((letter) => letter.path === path) ?? false;
}
