"""The report as JSON for machines and as a few lines for a terminal. The page is in page.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from contest_server.agent.console import printable
from contest_server.rehearsal.outcome import Outcome
from contest_server.rehearsal.verdict import Verdict

FORMAT = "contest-rehearsal/1"


def document_of(outcome: Outcome, verdict: Verdict) -> dict[str, Any]:
    """Everything, under the names of the code; the verdict first."""
    found = {
        "format": FORMAT,
        "ready": verdict.ready,
        "reasons": msgspec.to_builtins(list(verdict.reasons)),
        "remarks": msgspec.to_builtins(list(verdict.remarks)),
    }
    return {**found, **msgspec.to_builtins(outcome)}


def as_json(outcome: Outcome, verdict: Verdict) -> str:
    return msgspec.json.format(msgspec.json.encode(document_of(outcome, verdict)), indent=2).decode() + "\n"


def lines_of(outcome: Outcome, verdict: Verdict) -> Iterator[str]:
    """For the terminal: the verdict, its reasons, and the figures that an operator asks for."""
    yield "✓ 就绪 ready" if verdict.ready else "✗ 未就绪 not ready"
    for mark, each in (*(("✗", reason) for reason in verdict.reasons), *(("!", remark) for remark in verdict.remarks)):
        yield f"  {mark} {printable(each.zh)}"
        yield f"    {printable(each.en)}"
    for venue in outcome.venues:
        yield (
            f"  {venue.id}: {venue.told} 上报 told, {venue.acknowledged} 确认 acknowledged, {venue.once} 恰好一次 exactly once, "
            f"最多待发 most unsynced {venue.most_unsynced}, 有设备断线 a device cut off {venue.cut_off_s:.1f} s"
        )
    longest_s = max((display.longest_silence_s for display in outcome.displays), default=0.0)
    equal = sum(display.equal for display in outcome.displays)
    yield f"  大屏 displays: {equal}/{len(outcome.displays)} 与榜单一致 equal to the board, 最久沉默 longest silence {longest_s:.1f} s"
    times = outcome.latencies
    yield (
        f"  确认 acknowledged p50 {_ms(times.ack_p50)} p99 {_ms(times.ack_p99)}; "
        f"上屏 shown p50 {_ms(times.show_p50)} p99 {_ms(times.show_p99)} ms"
    )
    flags = ", ".join(f"{code} {count}" for code, count in outcome.flags.items()) or "–"
    yield f"  存疑 flags: {flags}; 待裁最多 queue at most {outcome.queue_most}; 裁定 rulings {outcome.rulings}"
    if outcome.proof is not None:
        found = next((server.digest for server in outcome.servers if server.digest), None) or "–"
        yield f"  榜单 board {found[:16]}…, 独立推算 reckoned here {outcome.proof.board[:16]}…"
    yield f"  {outcome.contest}: {outcome.lasted_s:.0f} s"


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"
