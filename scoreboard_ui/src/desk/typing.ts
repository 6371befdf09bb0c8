/** What is typed at the desk and not entered yet, by contestant and stage. It outlives a reload, and comes back when its entry is taken back. */

import type { Shelf } from "../room/storage.ts";
import { cellKey } from "./floor.ts";
import type { StageForm, Typed } from "./measure.ts";
import type { VenueEvent } from "./outbox.ts";

const NOTHING: Typed = {};

export class Typing {
  readonly #shelf: Shelf;

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  of(contestant: string, stage: string): Typed {
    return this.#shelf.take<Typed>(cellKey(contestant, stage)) ?? NOTHING;
  }

  keep(contestant: string, stage: string, typed: Typed): void {
    this.#shelf.put(cellKey(contestant, stage), typed);
  }

  drop(contestant: string, stage: string): void {
    this.#shelf.drop(cellKey(contestant, stage));
  }

  /** The readings of an entry that was taken back stand where they were typed: most often one digit was wrong. What was typed there since stays. */
  putBack(event: VenueEvent, forms: readonly StageForm[]): void {
    const { contestant, stage } = event;
    const form = forms.find((each) => each.stage === stage);
    if (form === undefined || contestant === undefined) return;
    const typed = typedOf(form, event.data ?? {});
    if (Object.keys(typed).length > 0) this.keep(contestant, form.stage, { ...typed, ...this.of(contestant, form.stage) });
  }
}

/** The lines of a form as they were typed for this evidence. */
export function typedOf(form: StageForm, data: Readonly<Record<string, unknown>>): Typed {
  const read = form.fields.filter((line) => data[line.field] !== undefined);
  return Object.fromEntries(read.map((line) => [line.field, line.kind === "yes_no" ? (data[line.field] === true ? "yes" : "no") : String(data[line.field])]));
}
