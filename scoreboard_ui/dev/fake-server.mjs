#!/usr/bin/env node
/**
 * A pretended contest server for work on the pages: the display's REST and socket contract over simulated people.
 * It keeps nothing, judges nothing and must never be mistaken for the real one. `--help` lists its options.
 */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";

const { values: options } = parseArgs({
  options: {
    help: { type: "boolean" },
    port: { type: "string", default: "8010" },
    contestants: { type: "string", default: "40" },
    stages: { type: "string", default: "6" },
    venues: { type: "string", default: "2" },
    rate: { type: "string", default: "2" }, // events a second
    "paint-ms": { type: "string", default: "100" },
    at: { type: "string", default: "2400" }, // seconds of contest already gone
    duration: { type: "string", default: "7200" }, // seconds; 0 for none
    phase: { type: "string", default: "running" },
    final: { type: "boolean", default: false },
    freeze: { type: "boolean", default: false }, // frozen from the beginning
    "freeze-after": { type: "string" }, // seconds from now
    "mute-after": { type: "string" }, // seconds until nothing is sent any more
    "drop-every": { type: "string" }, // seconds between cut connections
    contests: { type: "string", default: "1" },
    seed: { type: "string", default: "7" },
  },
});
if (options.help) {
  console.log("node dev/fake-server.mjs [--port 8010] [--contestants 40] [--stages 6] [--venues 2] [--rate 2] [--paint-ms 100]");
  console.log("  [--at 2400] [--duration 7200] [--phase running] [--final] [--freeze] [--freeze-after S] [--mute-after S] [--drop-every S] [--contests 1] [--seed 7]");
  process.exit(0);
}
const number = (name) => Number(options[name]);
const PAGES = fileURLToPath(new URL("../../contest_server/web/static/", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".json": "application/json" };
const CSP = "default-src 'self'; style-src 'self'; connect-src 'self' ws: wss:";

let seed = number("seed");
const random = () => {
  seed = (seed * 1664525 + 1013904223) % 4294967296;
  return seed / 4294967296;
};
const pick = (list) => list[Math.floor(random() * list.length)];

const VENUES = [
  ["yongjia", "永嘉", "Yongjia", "#e5484d"], ["yueqing", "乐清", "Yueqing", "#3b82f6"], ["ruian", "瑞安", "Rui'an", "#22c55e"], ["cangnan", "苍南", "Cangnan", "#f59e0b"],
  ["pingyang", "平阳", "Pingyang", "#a855f7"], ["wencheng", "文成", "Wencheng", "#14b8a6"], ["taishun", "泰顺", "Taishun", "#ec4899"], ["dongtou", "洞头", "Dongtou", "#84cc16"],
  ["longgang", "龙港", "Longgang", "#f97316"], ["lucheng", "鹿城", "Lucheng", "#06b6d4"], ["longwan", "龙湾", "Longwan", "#eab308"], ["ouhai", "瓯海", "Ouhai", "#8b5cf6"],
].slice(0, number("venues"));
const STAGES = [
  ["theory", "理论抢答", "Theory quiz"], ["wiring", "配电接线", "Panel wiring"], ["fault", "故障排查", "Fault finding"],
  ["insulation", "绝缘测试", "Insulation test"], ["plc", "PLC 编程", "PLC programming"], ["commission", "联调送电", "Commissioning"],
];
const stages = Array.from({ length: number("stages") }, (_, i) => {
  const [id, zh, en] = STAGES[i % STAGES.length];
  const round = Math.floor(i / STAGES.length);
  return { id: round ? `${id}${round + 1}` : id, name: round ? { zh: `${zh}${round + 1}`, en: `${en} ${round + 1}` } : { zh, en }, points: String(10 + (i % 3) * 5), group: null, limit_ms: 900000 };
});
const FAMILY = [..."陈林黄郑叶王李张周吴徐朱胡金潘蔡谢杨戴赵邵夏卢章"].map((zh, i) => [zh, "Chen Lin Huang Zheng Ye Wang Li Zhang Zhou Wu Xu Zhu Hu Jin Pan Cai Xie Yang Dai Zhao Shao Xia Lu Zhang".split(" ")[i]]);
const GIVEN = [["建国", "Jianguo"], ["志强", "Zhiqiang"], ["晓峰", "Xiaofeng"], ["海燕", "Haiyan"], ["伟", "Wei"], ["静怡", "Jingyi"], ["国平", "Guoping"], ["丽娜", "Lina"], ["文斌", "Wenbin"], ["秀英", "Xiuying"], ["浩然", "Haoran"], ["雨桐", "Yutong"], ["磊", "Lei"], ["明辉", "Minghui"], ["小芳", "Xiaofang"], ["博文", "Bowen"], ["俊杰", "Junjie"], ["思远", "Siyuan"]];
const EMPLOYERS = [["正泰电器", "Chint Electrics"], ["德力西电气", "Delixi Electric"], ["人民电器", "People Electric"], ["供电公司", "State Power Supply"], ["天正电气", "Tengen Electric"], ["报喜鸟机电", "Saint Angelo M&E"], ["技师学院", "Technician College"]];
const people = Array.from({ length: number("contestants") }, (_, i) => {
  const v = i % VENUES.length;
  const n = Math.floor(i / VENUES.length) + 1;
  const [f, g, e] = [pick(FAMILY), pick(GIVEN), pick(EMPLOYERS)];
  const digits = String(n).padStart(3, "0");
  return { id: `${String.fromCharCode(65 + v)}${digits}`, name: { zh: f[0] + g[0], en: `${f[1]} ${g[1]}` }, venue: VENUES[v][0], employer: { zh: e[0], en: e[1] }, trade: { zh: "电工", en: "Electrician" }, number: digits, skill: 0.35 + random() * 0.6 };
});

const durationMs = number("duration") * 1000 || null;
const bornMs = Date.now() - number("at") * 1000;
const stoppedMs = number("at") * 1000;
let phase = options.phase;
const elapsed = () => (phase === "before" ? 0 : phase === "running" ? Math.min(Date.now() - bornMs, durationMs ?? Infinity) : phase === "ended" ? (durationMs ?? stoppedMs) : stoppedMs);
let head = 0;
let frozen = null;
const epoch = "k" + Math.floor(Date.now() / 1000 % 46656).toString(36);
const first = {};
const rows = new Map(people.map((p) => [p.id, { id: p.id, at: 0, stages: {}, cents: 0, cleared: 0, ms: 0, status: "ok" }]));

function happen(atMs) {
  const person = pick(people);
  const row = rows.get(person.id);
  if (row.status !== "ok") return;
  const open = stages.filter((s) => row.stages[s.id]?.state !== "cleared" && row.stages[s.id]?.state !== "held");
  const stage = open[Math.min(open.length - 1, random() < 0.8 ? 0 : 1)];
  if (!stage) return;
  const old = row.stages[stage.id] ?? {};
  head += 1;
  row.at = head;
  if (frozen) {
    row.stages[stage.id] = { ...old, state: "pending", pending: (old.pending ?? 0) + 1 };
    return;
  }
  if (old.state === undefined || old.state === "tried") row.stages[stage.id] = { ...old, state: "working" };
  else if (old.state === "working" && random() > person.skill) row.stages[stage.id] = { ...old, state: random() < 0.25 ? "pending" : "tried", tries: (old.tries ?? 0) + 1, ...(random() < 0.3 ? { pending: 1 } : {}) };
  else if (random() < 0.02) row.stages[stage.id] = { ...old, state: "held", tries: (old.tries ?? 0) + 1 };
  else clear(row, stage, old, atMs);
}

function clear(row, stage, old, atMs) {
  const isFirst = !(stage.id in first);
  if (isFirst) first[stage.id] = { contestants: [row.id], ms: Math.round(atMs) };
  const cents = Math.round(Number(stage.points) * 100 * (0.6 + 0.4 * random()) / 50) * 50;
  row.stages[stage.id] = { state: "cleared", points: (cents / 100).toFixed(1), tries: (old.tries ?? 0) + 1, ms: Math.round(atMs), ...(isFirst ? { first: true } : {}) };
  row.cents += cents;
  row.cleared += 1;
  row.ms = Math.round(atMs);
}

const wire = (row) => ({ id: row.id, key: [row.status === "ok" || row.status === "guest" ? 0 : 1, -row.cents * 10000, row.ms], points: (row.cents / 100).toFixed(1), cleared: row.cleared, time_ms: row.ms || null, ...(row.status === "ok" ? {} : { status: row.status }), stages: row.stages });

function state() {
  const venues = {};
  for (const [id] of VENUES) venues[id] = { contestants: 0, cleared: 0, cents: 0, best: null, most: -1 };
  for (const p of people) {
    const row = rows.get(p.id), v = venues[p.venue];
    v.contestants += 1; v.cleared += row.cleared; v.cents += row.cents;
    if (row.cents > v.most) { v.most = row.cents; v.best = p.id; }
  }
  for (const v of Object.values(venues)) { v.points = (v.cents / 100).toFixed(1); delete v.cents; delete v.most; }
  return { phase, now: new Date().toISOString(), started: phase === "before" ? null : new Date(bornMs).toISOString(), elapsed_ms: Math.round(elapsed()), duration_ms: durationMs, frozen, final: options.final, definition: 1, roster: 3, venues, first };
}

function freeze() {
  frozen = { position: head, minutes: 20, phrase: { zh: "封榜：以下为最后 20 分钟之前的排名，之后的提交显示为“待判定”。", en: "Frozen: the ranking as it stood 20 minutes before the end; later attempts show as pending." } };
}

const events = phase === "before" ? 0 : Math.round(people.length * stages.length * 3.2 * Math.min(1, number("at") / (number("duration") || 7200)));
for (let i = 0; i < events; i++) happen((i / events) * stoppedMs);
if (people.length > 12) {
  rows.get(people[5].id).status = "guest";
  rows.get(people[9].id).status = "dns";
  rows.get(people[11].id).status = "dsq";
}
if (options.freeze) { freeze(); for (let i = 0; i < people.length; i++) happen(stoppedMs); }
if (options["freeze-after"]) setTimeout(() => { freeze(); head += 1; }, number("freeze-after") * 1000);
if (phase === "running") setInterval(() => { const share = number("rate") * number("paint-ms") / 1000; let n = Math.floor(share) + (random() < share % 1 ? 1 : 0); while (n-- > 0) happen(elapsed()); }, number("paint-ms"));

const displays = new Set();
let isMute = false;
if (options["mute-after"]) setTimeout(() => { isMute = true; }, number("mute-after") * 1000);
if (options["drop-every"]) setInterval(() => { for (const d of displays) d.socket.close(4001, "go_away"); }, number("drop-every") * 1000);

function view(d, all) {
  const [kind, what] = d.view.split(":");
  if (kind === "venue") { const ids = new Set(people.filter((p) => p.venue === what).map((p) => p.id)); return all.filter((r) => ids.has(r.id)); }
  return all;
}
function send(d) {
  if (isMute || d.socket.bufferedAmount > 1 << 20) return;
  const waits = d.sent !== d.painted && Date.now() - d.sentAt < 1000;
  if (d.from === head || waits) {
    if (Date.now() - d.sentAt > 3000) { d.sentAt = Date.now(); d.socket.send(JSON.stringify({ type: "beat", to: head, now: new Date().toISOString() })); }
    return;
  }
  const changed = view(d, [...rows.values()]).filter((r) => d.from === 0 || r.at > d.from);
  d.socket.send(JSON.stringify({ type: "frame", epoch, from: d.from, to: head, total: people.length, state: state(), rows: changed.map(wire), gone: [] }));
  d.from = d.sent = head; d.sentAt = Date.now();
}
setInterval(() => { for (const d of displays) send(d); }, number("paint-ms"));
head = Math.max(head, 1);

const name = { zh: "温州市第七届电工职业技能竞赛", en: "7th Wenzhou Electricians' Skills Contest" };
const contests = Array.from({ length: number("contests") }, (_, i) => ({ id: i ? `contest${i + 1}` : "electricians", name: i ? { zh: `焊工技能竞赛第 ${i} 场`, en: `Welders' Contest, round ${i}` } : name, phase: ["running", "before", "paused", "ended"][i % 4] }));
const info = () => ({ id: "electricians", name, organiser: { zh: "永嘉 · 乐清 两地联赛", en: "Yongjia · Yueqing joint league" }, starts: new Date(phase === "before" ? Date.now() + 754000 : bornMs).toISOString(), duration_ms: durationMs, epoch, definition: 1, languages: ["zh", "en"], venues: VENUES.map(([id, zh, en, colour]) => ({ id, name: { zh, en }, colour })), stages, ranking: [{ by: "points", order: "desc" }, { by: "time_ms", order: "asc" }] });

const http = createServer(async (request, response) => {
  const path = new URL(request.url, "http://here").pathname;
  const json = (body, status = 200) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (path === "/api/contests") return json({ contests });
  const [, contest, rest] = /^\/api\/contests\/([^/]+)(\/roster)?$/.exec(path) ?? [];
  if (contest) {
    if (!contests.some((c) => c.id === contest)) return json({ detail: "no such contest" }, 404);
    return rest ? json({ version: 3, contestants: people.map(({ skill, ...p }) => p) }) : json(info());
  }
  const file = path === "/" ? "index.html" : path === "/screen" ? "screen.html" : normalize(path).replace(/^(\.\.[/\\])+/, "");
  try {
    const body = await readFile(join(PAGES, file));
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-security-policy": CSP }).end(body);
  } catch { response.writeHead(404).end("not found"); }
});
const sockets = new WebSocketServer({ server: http, handleProtocols: (set) => (set.has("contest.v1") ? "contest.v1" : false), perMessageDeflate: false });
sockets.on("connection", (socket, request) => {
  const query = new URL(request.url, "http://here").searchParams;
  const [theirs, position] = (query.get("after") ?? "").split(":");
  const d = { socket, view: query.get("view") ?? "all", from: theirs === epoch && Number(position) <= head ? Number(position) : 0, sent: 0, painted: 0, sentAt: 0 };
  displays.add(d);
  socket.on("message", (text) => { const m = JSON.parse(text); if (m.type === "painted") d.painted = m.to; });
  socket.on("close", () => displays.delete(d));
  send(d);
});
http.listen(number("port"), "127.0.0.1", () => console.log(`fake contest server on http://127.0.0.1:${number("port")}/`));
