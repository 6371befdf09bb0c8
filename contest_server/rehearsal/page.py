"""The report as one HTML file, in both languages, without a script and without anything from elsewhere. Every text in it is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from contest_server.rehearsal.outcome import DeviceSeen, Meanwhile, Outcome
from contest_server.rehearsal.picture import picture_of
from contest_server.rehearsal.screen import STALE_AFTER_S
from contest_server.rehearsal.verdict import Reason, Verdict

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
body { max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.ready { color: #18794e; } .not-ready { color: #cd2b31; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.87rem; }
th, td { text-align: left; padding: 0.25rem 0.6rem; border-bottom: 1px solid #8884; vertical-align: top; } th { font-weight: 600; }
.bad { color: #cd2b31; font-weight: 600; } .good { color: #18794e; } .quiet { opacity: 0.7; }
li small, td small { display: block; opacity: 0.75; } .scroll { overflow-x: auto; }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: currentColor; } svg .end { text-anchor: end; }
svg .field { fill: none; stroke: #8886; } svg .fault { fill: #f5a52455; stroke: #f5a524; stroke-width: 0.5; }
code { font-size: 0.85em; overflow-wrap: anywhere; }
"""
SHOWN_MAX = 6
"""Venues and displays beside a fault, the worst first; all of them are in the JSON."""
DEVICE_HEADS = (
    "设备 device",
    "上报 told",
    "一次 once",
    "退回 refused",
    "启动 starts",
    "连接 connections",
    "换服务器 moves",
    "时钟 clock, ms",
    "结束 ended",
)


def page_of(outcome: Outcome, verdict: Verdict) -> str:
    """The whole page; verdict first."""
    word, css = ("✓ 就绪 · ready", "ready") if verdict.ready else ("✗ 未就绪 · not ready", "not-ready")
    title = f"{outcome.name['zh']} · {outcome.name['en']}"
    body = [
        f'<h1 class="{css}">{word}</h1>',
        _reasons("not-ready", verdict.reasons),
        _reasons("quiet", verdict.remarks),
        f"<p>{escape(title)}<br><code>{escape(outcome.contest)}</code></p>",
        f"<p>{escape(outcome.began)} · {outcome.lasted_s:.0f} s · {outcome.minutes} min × {outcome.speed:g} · seed {outcome.seed}</p>",
        *_boards(outcome),
        *_venues(outcome),
        *_displays(outcome),
        *_times(outcome),
        *_officials(outcome),
        *_timeline(outcome),
        *_told(outcome),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html>\n<html lang="zh">\n<head>{head}</head>\n<body>\n' + "\n".join(body) + "\n</body>\n</html>\n"


def _reasons(css: str, reasons: Iterable[Reason]) -> str:
    items = "".join(f"<li>{escape(each.zh)}<small>{escape(each.en)}</small></li>" for each in reasons)
    return f'<ul class="{css}">{items}</ul>' if items else ""


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Cells are HTML already."""
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{head}</tr>{lines}</table></div>'


def _mark(good: bool, text: str = "") -> str:
    return f'<span class="{"good" if good else "bad"}">{"✓" if good else "✗"} {escape(text)}</span>'


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _boards(outcome: Outcome) -> Iterator[str]:
    yield "<h2>榜单 · the board</h2>"
    wanted = outcome.proof.board if outcome.proof is not None else ""
    rows = [
        (
            escape(server.url),
            str(server.position or "–"),
            _mark(bool(server.digest) and server.digest == wanted, server.digest or "no answer"),
        )
        for server in outcome.servers
    ]
    yield _table(("服务器 server", "位置 position", "摘要 digest"), [(each, at, f"<code>{digest}</code>") for each, at, digest in rows])
    if outcome.proof is not None:
        yield f"<p>按计划独立推算 · reckoned here from the plan: <code>{escape(wanted)}</code> ({outcome.proof.entries} 条账本 entries)</p>"


def _venues(outcome: Outcome) -> Iterator[str]:
    yield "<h2>赛区 · venues</h2>"
    rows = [
        (escape(venue.id), str(venue.told), str(venue.acknowledged), _mark(venue.once == venue.told, str(venue.once)),
         str(venue.most_unsynced), f"{venue.cut_off_s:.1f} s")
        for venue in outcome.venues
    ]  # fmt: skip
    heads = (
        "赛区 venue",
        "上报 told",
        "确认 acknowledged",
        "恰好一次 exactly once",
        "最多待发 most unsynced",
        "有设备断线 a device cut off",
    )
    yield _table(heads, rows)
    yield _table(DEVICE_HEADS, (_device(device) for venue in outcome.venues for device in venue.devices))


def _device(device: DeviceSeen) -> Iterator[str]:
    yield escape(device.source)
    yield str(device.told)
    yield _mark(device.once == device.told, str(device.once))
    yield from (str(each) for each in (device.refused, device.lives, device.connections, device.moves))
    found = "–" if device.clock_found_ms is None else f"{device.clock_found_ms:+.1f} ± {device.clock_error_ms or 0:.1f}"
    yield f"{device.clock_injected_ms:+.0f} → {found}"
    yield f"<small>{escape(device.ended)}</small>"


def _displays(outcome: Outcome) -> Iterator[str]:
    yield "<h2>大屏 · displays</h2>"
    rows = [
        (escape(each.name), escape(each.view), str(each.frames), str(each.wholes), str(each.connections),
         f"{each.longest_silence_s:.1f} s" + (" ⚠" if each.longest_silence_s > STALE_AFTER_S else ""), _mark(each.equal),
         "故障 fault" if each.is_hurt else "")
        for each in outcome.displays
    ]  # fmt: skip
    heads = (
        "大屏 display",
        "视图 view",
        "帧 frames",
        "整帧 whole",
        "连接 connections",
        "最久沉默 longest silence",
        "末帧=榜单 last frame = board",
        "",
    )
    yield _table(heads, rows)


def _times(outcome: Outcome) -> Iterator[str]:
    times = outcome.latencies
    yield "<h2>时延 · how long it took (ms)</h2>"
    rows = [
        ("发送 → 确认 · sent → acknowledged", str(times.acknowledged), _ms(times.ack_p50), _ms(times.ack_p99)),
        ("发送 → 上屏 · sent → on a display", str(times.shown), _ms(times.show_p50), _ms(times.show_p99)),
    ]
    yield _table(("", "次 count", "p50", "p99"), rows)
    yield '<p class="quiet">故障期间的也计入 · those under faults count, too</p>'


def _officials(outcome: Outcome) -> Iterator[str]:
    yield "<h2>裁判席 · what the referees saw and did</h2>"
    flags = ", ".join(f"{escape(code)} {count}" for code, count in outcome.flags.items()) or "–"
    yield f"<p>存疑 · questions: {flags}</p>"
    yield f"<p>待裁最多 · queue at most: {outcome.queue_most}; 乱码被退回 · garbage refused: {outcome.noise_refused}</p>"
    if outcome.queue_worst:
        yield "<ul>" + "".join(f"<li><code>{escape(each)}</code></li>" for each in outcome.queue_worst) + "</ul>"
    rows = [(f"{done.at_s:.1f} s", escape(done.what), _mark(done.ok, done.answer)) for done in outcome.done]
    yield _table(("时刻 at", "做了什么 what", "结果 answer"), rows)


def _timeline(outcome: Outcome) -> Iterator[str]:
    yield "<h2>故障 · the faults, and what was to be seen meanwhile</h2>"
    yield picture_of(outcome)
    heads = ("时刻 at", "故障 fault", "待发最多 most unsynced", "大屏最久沉默 longest silence", "待裁 queue")
    yield _table(heads, (_meanwhile(each) for each in outcome.timeline))


def _meanwhile(meanwhile: Meanwhile) -> Iterator[str]:
    fault = meanwhile.fault
    yield f"{fault.from_s:.1f}–{fault.to_s:.1f} s"
    yield f"{escape(fault.zh)}<small>{escape(fault.en)}</small>"
    yield _worst({venue: str(count) for venue, count in _sorted(meanwhile.unsynced)})
    said = {name: f"{silence_s:.1f} s{' ⚠' if silence_s > STALE_AFTER_S else ''}" for name, silence_s in _sorted(meanwhile.silence_s)}
    yield _worst(said)
    yield "–" if meanwhile.queue is None else str(meanwhile.queue)


def _sorted(values: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(values.items(), key=lambda item: -item[1])


def _worst(values: Mapping[str, str]) -> str:
    """The first few, by name."""
    return "<br>".join(f"{escape(name)} {value}" for name, value in list(values.items())[:SHOWN_MAX]) or "–"


def _told(outcome: Outcome) -> Iterator[str]:
    if outcome.told:
        yield "<h2>代理说的话 · what agents said</h2>"
        yield "<ul>" + "".join(f"<li><code>{escape(each)}</code></li>" for each in outcome.told) + "</ul>"
