/** A world with its own time, chance and network. Nothing waits: `pass` moves the clock and does what is due. */

import type { Link, Surroundings, Wire } from "../../src/board/line.ts";
import type { Listener } from "../../src/board/socket.ts";
import type { Merged } from "../../src/board/merge.ts";
import type { FromServer } from "../../src/board/types.ts";

export class FakeWire implements Wire {
  #opened: (() => void) | null = null;
  #isOpen = false;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly sent: unknown[] = [];
  isClosed = false;
  readonly address: string;
  readonly protocol: string;

  constructor(address: string, protocol: string) {
    this.address = address;
    this.protocol = protocol;
  }

  get onopen(): (() => void) | null {
    const opened = this.#opened;
    if (opened === null) return null;
    return () => {
      this.#isOpen = true;
      opened();
    };
  }

  set onopen(opened: (() => void) | null) {
    this.#opened = opened;
  }

  /** As a browser's does: it throws before the connection is open. */
  send(text: string): void {
    if (!this.#isOpen) throw new Error("InvalidStateError: still connecting");
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.isClosed = true;
  }

  /** Whoever hears the server is connected. */
  say(message: FromServer | string): void {
    if (!this.#isOpen) this.onopen?.();
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  end(code: number): void {
    this.onclose?.({ code, reason: "" });
  }
}

export class FakeWorld implements Surroundings {
  time_ms = 0;
  chance = 0.5;
  online = true;
  readonly wires: FakeWire[] = [];
  #due: { at_ms: number; act: () => void }[] = [];

  get wire(): FakeWire {
    return this.wires.at(-1)!;
  }

  open(address: string, protocol: string): Wire {
    this.wires.push(new FakeWire(address, protocol));
    return this.wire;
  }

  now_ms(): number {
    return this.time_ms;
  }

  after(wait_ms: number, act: () => void): () => void {
    const entry = { at_ms: this.time_ms + wait_ms, act };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  }

  random(): number {
    return this.chance;
  }

  isOnline(): boolean {
    return this.online;
  }

  pass(ms: number): void {
    const end_ms = this.time_ms + ms;
    for (;;) {
      const next = this.#due.filter(({ at_ms }) => at_ms <= end_ms).sort((a, b) => a.at_ms - b.at_ms)[0];
      if (!next) break;
      this.#due = this.#due.filter((other) => other !== next);
      this.time_ms = next.at_ms;
      next.act();
    }
    this.time_ms = end_ms;
  }
}

export class Notes implements Listener {
  readonly merges: Merged[] = [];
  readonly links: Link[] = [];
  merged(merged: Merged): void {
    this.merges.push(merged);
  }
  linked(link: Link): void {
    this.links.push(link);
  }
  told(): void {}
}
