/** What makes one JSON object into another, as a merge patch (RFC 7396): null takes a key out, lists are replaced whole. */

type Tree = Readonly<Record<string, unknown>>;

export function patchBetween(before: Tree, after: Tree): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (same(old, value)) continue;
    patch[key] = isTree(old) && isTree(value) ? patchBetween(old, value) : value;
  }
  return patch;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The order of keys says nothing; that of a list does. */
function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, index) => same(each, b[index]));
  if (!isTree(a) || !isTree(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}
