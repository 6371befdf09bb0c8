#!/usr/bin/env node
/**
 * A pretended server for work on the officials' pages: the REST and socket contract of referees over a few invented cases, in memory.
 * It judges nothing and must never be mistaken for the real one. Everybody's password is "x". `node dev/fake-referees.mjs [--port 8011]`
 */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { info, officials, people, store, text } from "./fake-cases.mjs";

const { values: options } = parseArgs({ options: { port: { type: "string", default: "8011" }, "stale-ms": { type: "string", default: "900000" } } });
const PAGES = fileURLToPath(new URL("../../contest_server/web/static/", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".json": "application/json" };
const HEADERS = { "content-security-policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; base-uri 'none'" };
const sessions = new Map();
const leases = new Map();
const sockets = new Set();
let revision = 0;

class No extends Error {
  constructor(status, code, detail = code, more = {}) { super(detail); Object.assign(this, { status, code, detail, more }); }
}
const about = (s) => ({ official: officials.find((o) => o.id === s.official), fresh_until: text(s.fresh + Number(options["stale-ms"])), expires: text(Date.now() + 3.6e6) });
const who = (request) => {
  const session = sessions.get(/contest_session=(\w+)/.exec(request.headers.cookie ?? "")?.[1]);
  if (!session) throw new No(401, "not_logged_in", "log in");
  return session;
};
const fresh = (s) => { if (Date.now() > s.fresh + Number(options["stale-ms"])) throw new No(403, "not_fresh", "give your password again"); };
const chief = (s) => { if (s.official !== "R0") throw new No(403, "not_chief", "this is for the chief referee"); };
const leased = () => [...leases.values()].filter((l) => l.until > Date.now()).map(({ until, ...l }) => l);

function told() {
  revision += 1;
  for (const socket of sockets) socket.send(JSON.stringify({ type: "queue", revision, ...store.queue(), leases: leased() }));
}

const routes = [
  ["POST", /^\/login$/, (r, b) => {
    if (b.password !== "x" || !officials.some((o) => o.id === b.official)) throw new No(401, "bad_login", "this is not the password of an official of this contest");
    const token = Math.random().toString(36).slice(2);
    sessions.set(token, { official: b.official, fresh: Date.now() });
    return [about(sessions.get(token)), { "set-cookie": `contest_session=${token}; Path=/; HttpOnly; SameSite=Strict` }];
  }],
  ["POST", /^\/login\/fresh$/, (r, b) => {
    const s = who(r);
    if (b.password !== "x") throw new No(401, "bad_login", "this is not your password");
    s.fresh = Date.now();
    return about(s);
  }],
  ["POST", /^\/logout$/, (r) => { sessions.clear(); return {}; }],
  ["GET", /^\/me$/, (r) => about(who(r))],
  ["GET", /^\/officials(\/public)?$/, () => ({ officials })],
  ["GET", /^\/cases\/([^/]+)\/([^/]+)$/, (r, b, c, s) => store.case(c, s, who(r).official, leased())],
  ["GET", /^\/scores\/([^/]+)\/([^/]+)$/, (r, b, c, s) => store.score(c, s)],
  ["GET", /^\/flags$/, () => ({ flags: store.flags() })],
  ["POST", /^\/rulings\/preview$/, (r, b) => (who(r), store.preview(b))],
  ["POST", /^\/rulings$/, (r, b) => { const s = who(r); if (!["confirm", "step"].includes(b.action.verb)) fresh(s); return store.rule(s.official, b); }, true],
  ["POST", /^\/rulings\/([^/]+)\/second$/, (r, b, id) => store.second(who(r).official, id, b), true],
  ["GET", /^\/rulings$/, (r) => (who(r), store.report())],
  ["GET", /^\/marks$/, (r) => ({ tasks: store.tasks(who(r).official) })],
  ["POST", /^\/marks$/, (r, b) => store.mark(who(r).official, b), true],
  ["GET", /^\/chief$/, (r) => (chief(who(r)), store.chief())],
  ["GET", /^\/definition$/, (r) => (who(r), store.definition())],
  ["GET", /^\/(appeals|samples|signoffs|corrections|blind)$/, (r, b, what) => store.list(what)],
  ["POST", /^\/(appeals|samples|signoffs|publish|handovers|blind|clock|freeze|thaw|finalise)$/, (r, b, what) => (chief(who(r)), store.act(what, who(r).official, b)), true],
  ["POST", /^\/(appeals|samples|blind)\/([^/]+)\/(moves|rechecks|reveal)$/, (r, b, what, id, how) => store.go(what, id, how, who(r).official, b), true],
  ["POST", /^\/rejudgings$/, (r, b) => (chief(who(r)), store.rejudge(b))],
  ["GET", /^\/rejudgings\/([^/]+)$/, (r, b, id) => store.rejudging(id)],
  ["POST", /^\/rejudgings\/([^/]+)\/apply$/, (r, b, id) => (fresh(who(r)), store.apply(id)), true],
  ["DELETE", /^\/rejudgings\/([^/]+)$/, (r, b, id) => store.cancel(id)],
  ["GET", /^\/entries\/(\d+)$/, (r, b, n) => store.entry(Number(n))],
  ["GET", /^\/board$/, () => store.board()],
  ["GET", /^\/roster$/, () => ({ version: 1, contestants: people })],
  ["GET", /^$/, () => info],
];

async function answer(request, response) {
  const path = new URL(request.url, "http://here").pathname;
  const json = (body, status = 200, headers = {}) => response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  if (path === "/api/contests") return json({ contests: [{ id: info.id, name: info.name, phase: "running" }] });
  const rest = /^\/api\/contests\/electricians(.*)$/.exec(path)?.[1];
  if (rest === undefined) return path.startsWith("/api/") ? json({ code: "unknown_contest", detail: "no such contest" }, 404) : page(path, response);
  let body = "";
  for await (const chunk of request) body += chunk;
  for (const [method, pattern, act, changes] of routes) {
    const found = method === request.method ? pattern.exec(rest) : null;
    if (!found) continue;
    try {
      const made = await act(request, body ? JSON.parse(body) : {}, ...found.slice(1).map((part) => part && decodeURIComponent(part)));
      if (changes) told();
      return Array.isArray(made) ? json(made[0], 200, made[1]) : json(made);
    } catch (error) {
      if (error.status) return json({ code: error.code, detail: error.detail ?? error.message, ...error.more }, error.status);
      console.error(error);
      return json({ code: "error", detail: String(error) }, 500);
    }
  }
  json({ code: "not_found", detail: rest }, 404);
}

async function page(path, response) {
  const file = path === "/" ? "index.html" : /^\/\w+$/.test(path) ? `${path.slice(1)}.html` : normalize(path).replace(/^(\.\.[/\\])+/, "");
  try {
    const body = await readFile(join(PAGES, file));
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", ...HEADERS }).end(body);
  } catch { response.writeHead(404).end("not found"); }
}

const http = createServer((request, response) => void answer(request, response));
const server = new WebSocketServer({ server: http, handleProtocols: () => "contest.v1" });
server.on("connection", (socket, request) => {
  const session = sessions.get(/contest_session=(\w+)/.exec(request.headers.cookie ?? "")?.[1]);
  if (!session) return socket.close(4501, "not_allowed");
  socket.on("message", (raw) => {
    const message = JSON.parse(raw);
    if (message.type === "hello") {
      sockets.add(socket);
      socket.send(JSON.stringify({ type: "welcome", official: about(session).official, contest: info.id, epoch: "fake" }));
      told();
    } else if (message.type === "look") {
      const known = leases.get(session.official);
      leases.set(session.official, { official: session.official, contestant: message.contestant, stage: message.stage, until: Date.now() + 30000 });
      if (known?.contestant !== message.contestant || known?.stage !== message.stage) told();
    } else if (message.type === "leave") { leases.delete(session.official); told(); }
  });
  socket.on("close", () => sockets.delete(socket));
});
setInterval(() => { for (const socket of sockets) socket.send(JSON.stringify({ type: "beat", position: store.position(), now: new Date().toISOString() })); }, 3000);
http.listen(Number(options.port), "127.0.0.1", () => console.log(`fake referees' server on http://127.0.0.1:${options.port}/referee`));
