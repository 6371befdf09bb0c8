import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { shell } from "./shell.ts";
import { words } from "./src/words.ts";

/** The dictionary as JSON beside the pages, so that the server speaks the same words. */
function dictionary(): Plugin {
  return {
    name: "words-as-json",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "words.json", source: `${JSON.stringify(words, null, 1)}\n` });
    },
  };
}

const server = process.env["CONTEST_SERVER"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "./",
  plugins: [svelte(), dictionary(), shell()],
  build: {
    outDir: "../contest_server/web/static",
    emptyOutDir: true,
    target: "es2022",
    // A strict content security policy: no inline scripts, no data: addresses.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: { input: { index: "index.html", screen: "screen.html", overlay: "overlay.html", live: "live.html", referee: "referee.html", chief: "chief.html", control: "control.html", why: "why.html", account: "account.html", desk: "desk.html", builder: "builder.html", lost: "lost.html" } },
  },
  // The words for codes stand beside the server.
  server: { fs: { allow: [".."] }, proxy: { "/api": { target: server, ws: true } } },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
