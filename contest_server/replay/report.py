"""What a replay says to the person who asked for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contest_server.replay.compare import Comparison, clock_text
from contest_server.replay.performing import Performance
from contest_server.replay.recording import Recording

DIFFERENCES_SHOWN_MAX = 40
REFUSALS_SHOWN_MAX = 10
ROWS_SHOWN_MAX = 10


def about(recording: Recording) -> Iterator[str]:
    """What was read, and what of it was left out."""
    document = recording.definition
    name = document["contest"].get("name") or recording.name
    title = name.get("zh") if isinstance(name, Mapping) else name
    frozen = ", recorded while the board was frozen" if recording.frozen else ""
    yield (
        f"{recording.name}: {title}; {len(document['contestants'])} contestants, {len(document['stages'])} stages, "
        f"{len(recording.events)} venue{'' if len(recording.events) == 1 else 's'}, {recording.total_events:,} events{frozen}"
    )
    for what, count in sorted(recording.left_out.items()):
        yield f"  {count:,} × {what}"


def outcome(performance: Performance) -> Iterator[str]:
    """How the streaming went."""
    streamed = performance.events - performance.known
    rate = streamed / performance.elapsed_s if performance.elapsed_s > 0 else 0.0
    there = f" ({performance.known:,} were there already)" if performance.known else ""
    yield f"streamed {streamed:,} events{there} in {performance.elapsed_s:.1f} s ({rate:,.0f}/s), {performance.refusals:,} refused"
    for refused in performance.refused[:REFUSALS_SHOWN_MAX]:
        yield f"  refused: {refused.venue} event {refused.seq}: {refused.code}: {refused.detail}"
    if performance.refusals > REFUSALS_SHOWN_MAX:
        yield f"  … and {performance.refusals - REFUSALS_SHOWN_MAX:,} more"
    state = performance.board["state"]
    frozen = state.get("frozen")
    if frozen:
        yield f"board frozen at position {frozen['position']}: {frozen['phrase']['en']}"
    yield f"board at position {performance.board['to']}, digest {performance.board.get('digest', '–')}"


def differences(comparison: Comparison) -> Iterator[str]:
    for difference in comparison.differences[:DIFFERENCES_SHOWN_MAX]:
        yield f"  {difference}"
    if len(comparison.differences) > DIFFERENCES_SHOWN_MAX:
        yield f"  … and {len(comparison.differences) - DIFFERENCES_SHOWN_MAX:,} more"


def top(board: Mapping[str, Any]) -> Iterator[str]:
    """The first rows, where there is nothing to compare with."""
    yield f"{'rank':>5}  {'contestant':<24} {'points':>8} {'cleared':>7} {'time':>14}"
    for row in sorted(board["rows"], key=lambda row: (row["key"], row["id"]))[:ROWS_SHOWN_MAX]:
        rank = "–" if row["rank"] is None else row["rank"]
        yield f"{rank:>5}  {row['id']:<24} {row['points']:>8} {row['cleared']:>7} {clock_text(row['time_ms']):>14}"
