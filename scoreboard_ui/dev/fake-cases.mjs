/** Invented cases for the pretended referees' server: data in memory, and just enough behaviour to look at the pages. */

export const text = (ms) => new Date(ms).toISOString();
const START = Date.now() - 5_400_000;
const at = (s) => text(START + s * 1000);

export const officials = [
  { id: "R0", role: "chief", venue: null, name: { zh: "周裁判长", en: "Chief Zhou" } },
  { id: "R1", role: "referee", venue: "yongjia", name: { zh: "胡裁判", en: "Referee Hu" } },
  { id: "R2", role: "referee", venue: "yueqing", name: { zh: "金裁判", en: "Referee Jin" } },
];
const NAMES = [["陈建国", "Chen Jianguo"], ["厉俊杰", "Li Junjie"], ["潘若彤", "Pan Ruotong"], ["安小宁", "An Xiaoning"], ["朱振华", "Zhu Zhenhua"], ["董师傅", "Master Dong"]];
export const people = Array.from({ length: 60 }, (_, i) => ({
  id: `${"AB"[i % 2]}${String(i + 1).padStart(3, "0")}`, name: { zh: NAMES[i % 6][0], en: NAMES[i % 6][1] }, venue: i % 2 ? "yueqing" : "yongjia",
  employer: i % 2 ? { zh: "正泰电器", en: "Chint Electrics" } : { zh: "永嘉供电", en: "Yongjia Power" },
}));
const STAGES = [["wiring", "配盘接线", "Panel wiring", "20"], ["insulation", "绝缘与接地测试", "Insulation & earth test", "14"], ["power_up", "通电调试", "Power-up", "14"]];
export const info = {
  id: "electricians", name: { zh: "永嘉 × 乐清 电工技能闯关赛", en: "Yongjia × Yueqing Electricians' Challenge" }, starts: at(0), duration_ms: 7_200_000, epoch: "fake", definition: 1, languages: ["zh", "en"],
  venues: [{ id: "yongjia", name: { zh: "永嘉", en: "Yongjia" }, colour: "#e5484d" }, { id: "yueqing", name: { zh: "乐清", en: "Yueqing" }, colour: "#3e9bff" }],
  stages: STAGES.map(([id, zh, en, points]) => ({ id, name: { zh, en }, points })), ranking: [{ by: "points", order: "desc" }, { by: "time_ms", order: "asc" }],
};

const QUESTIONS = [
  ["edge_of_tolerance", "review", "threshold", "aspect insulation", "insulation_mohm 1.02 lies within ±0.05 of the limit 1", "1", "1.02", "Look at the photo of the instrument and measure again if it cannot be read."],
  ["late", "review", "late", "attempt", "arrived 214 s after it happened", 120_000, 214_000, "Ask the venue whether its network was cut."],
  ["safety_stop", "block", "deduction_ledger", "aspect conduct", "live_working: safety asks for a stop", null, "live_working", "Stop the contestant and look at the scene."],
  ["over_time", "block", "time_limit", "attempt", "handed in 12.4 s after the limit", 420_000, 432_400, ""],
  ["clock_offset", "review", "clock", "attempt", "the device's clock was 1.25 s off", 500, 1_250, "Check the corrected times against the other desk."],
];
let position = 100;
const cases = new Map();
const rulings = [];
const entries = new Map();
const lists = { appeals: [], samples: [], signoffs: [], layers: [] };
const marks = [];
let published = null;

function entry(author, fact) {
  position += 1;
  entries.set(position, { position, author, received: text(Date.now()), hash: Array.from({ length: 64 }, (_, i) => ((position * 31 + i * 7) % 16).toString(16)).join(""), fact });
  return position;
}

people.slice(0, 52).forEach((person, i) => {
  const [stage, , , maximum] = STAGES[i % 3];
  const [code, severity, rule, subject, detail, threshold, seen, suggestion] = QUESTIONS[i % 5];
  const attempt = `${person.id}-${stage}-1`;
  const source = `${person.venue}/desk-${1 + (i % 3)}`;
  const start_s = 300 + i * 40;
  const offset = code === "clock_offset" ? -1250 : 40;
  const events = ["start", "clear", "evidence"].map((kind, n) => {
    const raw = START + (start_s + n * 95) * 1000;
    const seq = 3 * i + n + 1;
    const data = kind === "clear" ? { insulation_mohm: "1.02", earth_ohm: "0.06" } : kind === "evidence" ? { record_complete: true, photo: "sha256:5f2c…" } : {};
    const received = raw + (code === "late" ? 214_000 : 350);
    return { position: entry(`venue:${person.venue}`, { type: "event", source, seq, kind, contestant: person.id, stage, attempt, at: text(raw), data }), source, seq, kind, at: text(raw + offset), raw: text(raw), received: text(received), data, attempt, offset_us: offset * 1000, error_us: 420_000 };
  });
  const flag = { key: `q${i}`, code, severity, rule, contestant: person.id, stage, subject: subject === "attempt" ? `attempt ${attempt}` : subject, detail, threshold, seen, suggestion, events: [`${source}#${events[1].seq}`], answer: null };
  cases.set(`${person.id}/${stage}`, { contestant: person.id, stage, maximum, venue: person.venue, points: severity === "block" ? "0" : String(Number(maximum) - (i % 4)), state: severity === "block" ? "held" : "cleared", attempt, events, flags: [flag], rank: i + 1, version: 1, judgements: [{ version: 1, attempt, position: events[1].position, at: events[1].received, because: `clear ${source}#${events[1].seq}`, by: null, state: severity === "block" ? "bad" : "questionable", outcome: "accepted", marks: "12", current: true }] });
});
for (const stage of ["wiring", "power_up"]) for (const person of people.slice(52, 56)) marks.push({ contestant: person.id, stage, attempt: `${person.id}-${stage}-1`, aspect: stage === "wiring" ? "workmanship" : "function", name: stage === "wiring" ? { zh: "工艺(裁判评分)", en: "Workmanship (judged)" } : { zh: "联锁与急停", en: "Interlock and stop" }, kind: "panel", maximum: "3", panel: 3, given: { R2: "2" } });
marks.push({ code: "K07", contestant: null, stage: "insulation", attempt: null, aspect: "earth", name: { zh: "接地电阻读数", en: "Earth reading" }, kind: "double_entry", maximum: null, panel: 2, given: {} });

const no = (status, code, detail, more = {}) => Object.assign(new Error(detail), { status, code, detail, more });
const open = (c) => c.flags.filter((f) => !f.answer);
const basis = (c) => `b${c.version}`;
const explanation = (c) => ({
  contestant: c.contestant, stage: c.stage, definition: 1, position, state: c.state, points: c.points, maximum: c.maximum, award: "0.3", penalty_ms: 10_000,
  lines: [
    { rule: "threshold", version: "1", subject: "aspect insulation", marks: "6", maximum: "6", time_ms: null, steps: [{ what: "1.02 >= 1", result: "true" }, { what: "6 × 1", result: "6" }], used: { insulation_mohm: "1.02" }, ignored: { "insulation_mohm (first)": "0.98 was overwritten by a later event" }, opinions: [{ doubt: "questionable", detail: "1.02 lies within ±0.05 of the limit", code: "edge_of_tolerance", threshold: "1", seen: "1.02" }] },
    { rule: "threshold", version: "1", subject: "aspect earth", marks: String(Number(c.points) - 6.3), maximum: "5", time_ms: null, steps: [{ what: "0.06 <= 0.1", result: "true" }], used: { earth_ohm: "0.06" }, ignored: {}, opinions: [] },
    { rule: "first_clear", version: "1", subject: "field", marks: "0.3", maximum: null, time_ms: null, steps: [{ what: "3 % of 10 for place 1", result: "0.3" }], used: {}, ignored: {}, opinions: [] },
  ],
  attempts: [{ id: c.attempt, outcome: "accepted", time_ms: 395_000, start_ms: 300_000, provenance: { insulation_mohm: `${c.events[1].source}#${c.events[1].seq}`, earth_ohm: `${c.events[1].source}#${c.events[1].seq}` }, events: c.events.map((e) => `${e.source}#${e.seq}`) }],
  flags: c.flags, events: c.events,
});

export const store = {
  position: () => position,
  queue() {
    const list = [...cases.values()].filter((c) => open(c).length).map((c) => {
      const block = open(c).some((f) => f.severity === "block");
      const blocks = [...(block ? ["finalise"] : []), ...(c.rank <= 3 ? ["medal"] : []), "rank"];
      return { key: `${c.contestant} ${c.stage}`, contestant: c.contestant, stage: c.stage, attempt: c.attempt, severity: block ? "block" : "review", codes: open(c).map((f) => f.code), flags: open(c).length, blocks, weight: (block ? 1000 : 0) + (c.rank <= 3 ? 300 : 0) + 40, since: c.events[1].received, venue: c.venue, rank: c.rank, state: c.state, points: c.points, maximum: c.maximum, source: null };
    });
    list.push({ key: "device yueqing/desk-1", contestant: null, stage: null, attempt: null, severity: "review", codes: ["clock_offset"], flags: 9, count: 9, blocks: [], weight: 9, since: at(400), venue: null, rank: null, state: null, points: "0", maximum: "0", source: "yueqing/desk-1" });
    list.sort((a, b) => b.weight - a.weight || (a.since < b.since ? -1 : 1));
    const waiting = rulings.filter((r) => r.state === "waiting");
    return { position, total: list.length, cases: list.slice(0, 500), waiting, counts: { block: list.filter((c) => c.severity === "block").length, review: list.filter((c) => c.severity === "review").length, waiting: waiting.length, appeals: lists.appeals.length } };
  },
  case(contestant, stage, official, leases) {
    const c = cases.get(`${contestant}/${stage}`);
    if (!c) throw no(404, "no_attempt", "nothing is known of this");
    return {
      contestant, stage, basis: basis(c), position, recused: official === "R2" && contestant === "B002", judgement: { state: open(c).some((f) => f.severity === "block") ? "bad" : open(c).length ? "questionable" : "clean", life: open(c).length ? "provisional" : "accepted" },
      explanation: explanation(c), flags: c.flags, timeline: c.events.map((e) => ({ at: e.at, raw: e.raw, received: e.received, offset_ms: e.offset_us / 1000, error_ms: e.error_us / 1000, kind: e.kind, source: e.source, seq: e.seq, position: e.position, attempt: e.attempt, what: e.kind })),
      judgements: c.judgements, rulings: rulings.filter((r) => r.contestant === contestant && r.stage === stage), marks: [{ aspect: "workmanship", panel: 3, in: 2, complete: false, mine: official === "R1" ? "2" : null, marks: null }], looking: leases.filter((l) => l.contestant === contestant && l.stage === stage).map((l) => l.official),
    };
  },
  score(contestant, stage) {
    const c = cases.get(`${contestant}/${stage}`);
    if (!c) throw no(404, "no_attempt", "no events");
    return explanation(c);
  },
  flags: () => [...cases.values()].flatMap((c) => c.flags),
  preview(b) {
    const before = { rank: 4, points: "41.5", time_ms: 395_000, cleared: 3, status: "ok", medal: null };
    const big = b.action.verb === "override" || b.action.verb === "annul";
    if (b.action.verb === "confirm" || b.contestant === null) return { effect: { rows: [], more: 0, cells: [], first: [], medals: 0, digest: "d0", position }, needs: [] };
    const rows = [{ contestant: b.contestant, before, after: { ...before, rank: big ? 1 : 3, points: big ? "47.5" : "41.5", medal: big ? "gold" : "bronze" } }, ...people.slice(3, big ? 14 : 4).map((p, i) => ({ contestant: p.id, before: { ...before, rank: i + 1, medal: ["gold", "silver", "bronze"][i] ?? null }, after: { ...before, rank: i + 2, medal: ["silver", "bronze"][i] ?? null } }))];
    return { effect: { rows, more: 0, cells: b.stage ? [{ contestant: b.contestant, stage: b.stage, before: { state: "held", points: "0" }, after: { state: "cleared", points: "12" } }] : [], first: [], medals: big ? 4 : 1, digest: "d1", position }, needs: big ? ["moves 6 points; from 5 a second person decides", "moves 3 ranks; from 3 a second person decides", "changes the medals of 4"] : [] };
  },
  rule(official, b) {
    const known = rulings.find((r) => r.id === b.id);
    if (known) return { position: known.position, ruling: known };
    if (b.reason.trim().length < 3) throw no(400, "bad_ruling", "reason: say in words why");
    const c = cases.get(`${b.contestant}/${b.stage}`);
    if (c && b.basis !== basis(c)) throw no(409, "changed", "the case has changed since you looked", { case: this.case(b.contestant, b.stage, official, []) });
    const { needs } = this.preview(b);
    const position = entry(`official:${official}`, { type: "ruled", ...b, official });
    const ruling = { id: b.id, position, at: text(Date.now()), official, contestant: b.contestant, stage: b.stage, attempt: b.attempt, action: b.action, code: b.code, reason: b.reason, needs, state: needs.length ? "waiting" : "in_force", second: null, undone_by: null, summary: { zh: `${{ confirm: "确认", override: "改判", annul: "判无效" }[b.action.verb] ?? b.action.verb} ${b.action.marks ?? ""}`, en: `${b.action.verb} ${b.action.marks ?? ""}` } };
    rulings.push(ruling);
    if (b.action.verb === "undo") { const undone = rulings.find((r) => r.id === b.action.act); if (undone) Object.assign(undone, { state: "undone", undone_by: b.id }); }
    if (c) this.changed(c, ruling, b);
    return { position, ruling };
  },
  changed(c, ruling, b) {
    c.version += 1;
    if (ruling.state === "waiting") return;
    for (const f of c.flags) if (b.flags.includes(f.key)) f.answer = { ruling: ruling.id, official: ruling.official, code: b.code, reason: b.reason, at: ruling.at };
    if (b.action.marks && b.action.verb === "override") c.points = b.action.marks;
    for (const j of c.judgements) j.current = false;
    c.judgements.push({ ...c.judgements[0], version: c.judgements.length + 1, position: ruling.position, at: ruling.at, because: `ruling ${ruling.id}: ${b.action.verb}`, by: ruling.official, state: "clean", current: true });
  },
  second(official, id, b) {
    const ruling = rulings.find((r) => r.id === id);
    if (ruling.official === official) throw no(403, "own_decision", "nobody approves their own decision");
    Object.assign(ruling, { state: b.approve ? "in_force" : "rejected", second: { official, approve: b.approve, reason: b.reason, at: text(Date.now()) } });
    return { position: entry(`official:${official}`, { type: "seconded", ...b, ruling: id }), ruling };
  },
  report: () => ({ rulings, overrides: { by_official: { R1: 4, R2: 1 }, by_rule: { threshold: 3, checklist: 2 }, rate: "0.042", judgements: 119 } }),
  tasks: (official) => marks.map(({ given, ...m }) => ({ ...m, in: Object.keys(given).length, mine: given[official] ?? null, complete: Object.keys(given).length >= m.panel })),
  mark(official, b) {
    const task = marks.find((m) => (b.code ? m.code === b.code : m.contestant === b.contestant) && m.stage === b.stage && m.aspect === b.aspect);
    task.given[official] = b.value;
    return { position: entry(`official:${official}`, { type: "marked", ...b }), complete: false };
  },
  chief() {
    const { counts, total } = this.queue();
    const first = [...cases.values()].find((c) => open(c).some((f) => f.severity === "block"));
    return {
      phase: "running", position, digest: "6c9f1e20aa37b1c4d5e6", final: false, counts: { cases: total, blocking: counts.block, waiting_second: counts.waiting, appeals_open: lists.appeals.length, unjudged: 2, rulings: rulings.length, overrides: 5 },
      reasons: [{ code: "running", detail: "the contest has not ended", detail_zh: "比赛尚未结束", about: {} }, ...(first ? [{ code: "blocking_flags", detail: `${counts.block} blocking questions are open, the first: safety_stop`, detail_zh: `${counts.block} 个阻断性疑点待处理,首个:safety_stop`, about: { contestant: first.contestant, stage: first.stage } }] : []), { code: "unsynced", detail: "12 events of yueqing have not arrived", detail_zh: "赛区 yueqing 还有 12 条事件未同步", about: { venue: "yueqing" } }],
      venues: [{ id: "yongjia", sources: 3, events: 812, handed_over: true, missing: 0 }, { id: "yueqing", sources: 3, events: 790, handed_over: true, missing: 12 }], officials: officials.map((o) => ({ id: o.id, looking: null, rulings: rulings.filter((r) => r.official === o.id).length })),
    };
  },
  definition: () => ({ version: 1, versions: [{ version: 1, position: 1, official: null, reason: "" }], definition: { stages: STAGES.map(([id]) => ({ id, aspects: id === "wiring" ? [{ id: "workmanship", rule: "judgement_0_3", max: "4", panel: 3, name: { zh: "工艺(裁判评分)", en: "Workmanship (judged)" } }] : id === "power_up" ? [{ id: "function", rule: "check", max: "3", panel: 3, name: { zh: "联锁与急停", en: "Interlock and stop" } }] : [{ id: "insulation", rule: "threshold", field: "insulation_mohm", limit: "1", max: "6", name: { zh: "绝缘电阻 ≥ 1 MΩ", en: "Insulation ≥ 1 MΩ" } }, { id: "earth", rule: "threshold", max: "5", name: { zh: "接地连续性 ≤ 0.1 Ω", en: "Earth continuity ≤ 0.1 Ω" } }] })), rules: [{ rule: "attempts_penalty", seconds: "10" }] } }),
  list: (what) => (what === "corrections" ? { published, notices: [] } : what === "blind" ? { layers: lists.layers } : { [what]: lists[what] }),
  act(what, official, b) {
    const at_ = entry(`official:${official}`, { type: what, ...b });
    if (what === "samples") lists.samples.push({ id: b.id, seed: b.seed ?? "9f31c2aa70b1d4e8", top: 3, percent: 15, members: people.slice(0, 9).map((p) => ({ contestant: p.id, right: null, official: null })), errors_percent: 0, all_needed: false });
    if (what === "appeals") lists.appeals.push({ ...b, state: "filed", official, at: text(Date.now()), deadline: at(9000), moves: [], rulings: [], next: ["admitted", "dismissed"], position: at_ });
    if (what === "signoffs") lists.signoffs.push({ ...b, official, at: text(Date.now()), valid: true });
    if (what === "publish") published = { position: at_, at: text(Date.now()), official, digest: "6c9f1e20aa37b1c4" };
    if (what === "blind") lists.layers.push({ layer: b.layer, count: people.length, revealed: false, official, at: text(Date.now()) });
    if (what === "finalise") throw no(409, "not_yet_final", "the contest has not ended");
    return { position: at_, codes: Object.fromEntries(people.slice(0, 5).map((p, i) => [p.id, `K0${i}`])) };
  },
  go(what, id, how, official, b) {
    if (how === "moves") { const a = lists.appeals.find((x) => x.id === id); a.state = b.to; a.moves.push({ to: b.to, official, panel: b.panel, reason: b.reason, at: text(Date.now()) }); a.next = { admitted: ["under_review"], under_review: ["upheld", "dismissed"] }[b.to] ?? []; }
    if (how === "rechecks") Object.assign(lists.samples.find((s) => s.id === id).members.find((m) => m.contestant === b.contestant), { right: b.right, official });
    if (how === "reveal") lists.layers.find((l) => String(l.layer) === id).revealed = true;
    return { position: entry(`official:${official}`, { type: how, ...b }), codes: {} };
  },
  rejudge() { this.judged = { id: "rejudging-1", state: "running", done: 0, all: 52, version: 2, faults: [], begun: Date.now() }; return { id: "rejudging-1" }; },
  rejudging() {
    const j = this.judged;
    if (!j) throw no(404, "unknown_rejudging", "begin again");
    if (j.state === "running") { j.done = Math.min(52, Math.floor((Date.now() - j.begun) / 40)); if (j.done === 52) j.state = "ready"; }
    return j.state === "ready" ? { ...j, position, effect: this.preview({ contestant: "A001", stage: "insulation", action: { verb: "override" } }).effect, left_out: [{ contestant: null, stage: "wiring", count: 12, why: "set by a ruling" }] } : j;
  },
  apply() { this.judged.state = "applied"; return { position: entry("official:R0", { type: "adopted", version: 2 }), digest: "d1" }; },
  cancel() { this.judged.state = "cancelled"; return this.judged; },
  entry(n) { const found = entries.get(n); if (!found) throw no(404, "not_found", "no such entry"); return found; },
  board: () => ({ type: "frame", epoch: "fake", from: 0, to: position, total: people.length, state: { phase: "running", now: text(Date.now()), elapsed_ms: 5_400_000, frozen: null }, gone: [], rows: people.map((p, i) => ({ id: p.id, key: [i], rank: i + 1, points: String(90 - i), time_ms: 1_000 * i, cleared: 2, stages: Object.fromEntries([...cases.values()].filter((c) => c.contestant === p.id).map((c) => [c.stage, { state: c.state, points: c.points }])) })) }),
};
