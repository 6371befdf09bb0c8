/** Writes the service worker of /desk at build time: with the names of all parts that the page needs, and a version made of them. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

interface Chunk {
  readonly type: "chunk";
  readonly fileName: string;
  readonly name: string;
  readonly isEntry: boolean;
  readonly imports: readonly string[];
  readonly dynamicImports: readonly string[];
  readonly viteMetadata?: { readonly importedCss?: ReadonlySet<string> };
}

type Bundle = Readonly<Record<string, Chunk | { readonly type: "asset" }>>;

const BESIDE = ["./desk", "./desk.webmanifest", "./mark.svg", "./desk-192.png", "./desk-512.png"];

export function shell(): Plugin {
  return {
    name: "shell-of-the-desk",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      const parts = [...BESIDE, ...partsOf("desk", bundle as unknown as Bundle).map((name) => `./${name}`)];
      const version = createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 12);
      const source = readFileSync(new URL("./src/desk/worker.js", import.meta.url), "utf-8");
      this.emitFile({ type: "asset", fileName: "desk-sw.js", source: source.replace("__SHELL__", JSON.stringify(parts)).replace("__VERSION__", version) });
    },
  };
}

/** Scripts and styles that an entry reaches, also those that it loads later. Fonts come as they are used. */
function partsOf(entry: string, bundle: Bundle): readonly string[] {
  const chunks = Object.values(bundle).filter((each): each is Chunk => each.type === "chunk");
  const found = new Set<string>();
  const visit = (fileName: string): void => {
    const chunk = chunks.find((each) => each.fileName === fileName);
    if (chunk === undefined || found.has(fileName)) return;
    found.add(fileName);
    for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(style);
    for (const next of [...chunk.imports, ...chunk.dynamicImports]) visit(next);
  };
  for (const chunk of chunks) if (chunk.isEntry && chunk.name === entry) visit(chunk.fileName);
  if (found.size === 0) throw new Error(`no entry is called ${entry}`);
  return [...found].sort();
}
