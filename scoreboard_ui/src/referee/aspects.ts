/** What the definition says of aspects: their names, and how they are marked. It knows nothing until the definition was read. */

import type { Voice } from "../room/saying.ts";
import type { AspectInfo } from "./marking.ts";

interface Documented {
  readonly stages?: readonly { readonly id: string; readonly aspects?: readonly AspectInfo[] }[];
}

export class Aspects {
  readonly #known = new Map<string, AspectInfo>();

  constructor(definition: unknown) {
    for (const stage of (definition as Documented | null)?.stages ?? []) {
      for (const aspect of stage.aspects ?? []) this.#known.set(`${stage.id}/${aspect.id}`, aspect);
    }
  }

  of(stage: string, aspect: string): AspectInfo | null {
    return this.#known.get(`${stage}/${aspect}`) ?? null;
  }

  name(t: Voice, stage: string, aspect: string): string {
    return t.name(this.of(stage, aspect)?.name, aspect);
  }
}
