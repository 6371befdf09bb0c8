/** Places in a draft: `stages[2].aspects[0].max`, as the server names them. Changing a place copies what lies on the way to it and nothing else. */

export type Path = readonly (string | number)[];

/** "stages[2].max" → ["stages", 2, "max"]. What is no path at all becomes one name. */
export function pathOf(text: string): Path {
  const parts: (string | number)[] = [];
  for (const [, name, index] of text.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) parts.push(index === undefined ? name! : Number(index));
  return parts;
}

export function pathText(path: Path): string {
  return path.map((part, nth) => (typeof part === "number" ? `[${part}]` : nth === 0 ? part : `.${part}`)).join("");
}

/** Whether `inner` is this place, or lies within it. */
export function isWithin(inner: Path, outer: Path): boolean {
  return outer.length <= inner.length && outer.every((part, nth) => part === inner[nth]);
}

export function at(document: unknown, path: Path): unknown {
  let here: unknown = document;
  for (const part of path) here = typeof here === "object" && here !== null ? (here as Record<string | number, unknown>)[part] : undefined;
  return here;
}

/** The document with this value at this place; `undefined` takes the place away. */
export function put<T>(document: T, path: Path, value: unknown): T {
  const [first, ...rest] = path;
  if (first === undefined) return value as T;
  const inner = rest.length === 0 ? value : put(at(document, [first]) ?? (typeof rest[0] === "number" ? [] : {}), rest, value);
  if (Array.isArray(document)) {
    const copy: unknown[] = [...document];
    if (inner === undefined) copy.splice(Number(first), 1);
    else copy[Number(first)] = inner;
    return copy as T;
  }
  const copy: Record<string, unknown> = { ...(document as Record<string, unknown>) };
  if (inner === undefined) delete copy[first];
  else copy[first] = inner;
  return copy as T;
}

/** The document with one more item in the list at this place, at its end or before `index`. */
export function added<T>(document: T, path: Path, item: unknown, index?: number): T {
  const list = listAt(document, path);
  const where = index ?? list.length;
  return put(document, path, [...list.slice(0, where), item, ...list.slice(where)]);
}

/** The document with the item `from` of this list standing at `to`; out of the list's bounds, nothing moves. */
export function moved<T>(document: T, path: Path, from: number, to: number): T {
  const list = listAt(document, path);
  if (from === to || from < 0 || to < 0 || from >= list.length || to >= list.length) return document;
  const rest = list.filter((_, nth) => nth !== from);
  return put(document, path, [...rest.slice(0, to), list[from], ...rest.slice(to)]);
}

function listAt(document: unknown, path: Path): readonly unknown[] {
  const list = at(document, path);
  return Array.isArray(list) ? list : [];
}
