/** How a plain model tells the components that it has changed. It knows nothing of what changed: whoever watches looks again. */

import { createSubscriber } from "svelte/reactivity";

export class Model {
  readonly #listeners = new Set<() => void>();

  /** Be told after every change; returns how to stop. */
  listen(act: () => void): () => void {
    this.#listeners.add(act);
    return () => this.#listeners.delete(act);
  }

  protected told(): void {
    for (const act of [...this.#listeners]) act();
  }
}

/** The model, as something that a component looks at. After every change it is another object, so that what hangs on it is drawn anew. */
export function watching<M extends Model>(model: M): () => M {
  let sight = sightOf(model);
  const subscribe = createSubscriber((update) =>
    model.listen(() => {
      sight = sightOf(model);
      update();
    }),
  );
  return () => {
    subscribe();
    return sight;
  };
}

function sightOf<M extends Model>(model: M): M {
  return new Proxy(model, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value as (...given: unknown[]) => unknown).bind(target) : value;
    },
  });
}
