"""What the attempts of a cell came to, and the result that follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from contest_server.core.judging import ZERO, Attempt, CellResult, CellState, StageView


class Count(Struct, frozen=True, gc=False):
    """What the attempts of a cell came to. `deciding` is the first counted one that was accepted.

    `rejected_ms` are the times of those that were rejected before it (of all, where none was accepted), `pending_ms` of those that nobody
    has judged. `under_way`: somebody works on one. `started_ms` is the earliest start of any attempt, whether it counts or not.
    """

    deciding: Attempt | None
    rejected_ms: Sequence[int]
    pending_ms: Sequence[int]
    under_way: bool
    started_ms: int | None


def count_up(attempts: Iterable[Attempt], counted: Iterable[Attempt]) -> Count:
    """Count up what a cell's attempts came to (both in order of time)."""
    deciding, under_way, started_ms = None, False, None
    rejected_ms: list[int] = []
    pending_ms: list[int] = []
    for attempt in counted:
        outcome = attempt.outcome
        if outcome == "pending":
            pending_ms.append(attempt.time_ms)
        elif deciding is not None:
            continue
        elif outcome == "accepted":
            deciding = attempt
        elif outcome == "rejected":
            rejected_ms.append(attempt.time_ms)
        elif outcome is None:
            under_way = True
    for attempt in attempts:
        start_ms = attempt.start_ms
        if start_ms is not None and (started_ms is None or start_ms < started_ms):
            started_ms = start_ms
    return Count(deciding, rejected_ms, pending_ms, under_way, started_ms)


def is_passed(count: Count, stage: StageView, marks: Decimal) -> bool:
    """Whether the stage is cleared with these marks."""
    return count.deciding is not None and (stage.pass_marks is None or marks >= stage.pass_marks)


def result_from(count: Count, stage: StageView, marks: Decimal, penalty_ms: int, passed: bool, held: int) -> CellResult:
    """The cell's result. `held`: how many attempts were accepted by the venue and do not count."""
    deciding, rejected, pending_ms = count.deciding, len(count.rejected_ms), count.pending_ms
    clear_ms, started_ms = None if deciding is None else deciding.time_ms, count.started_ms
    return CellResult(
        stage,
        _state(count, passed, held),
        marks,
        ZERO,
        rejected if deciding is None else rejected + 1,
        len(pending_ms),
        clear_ms,
        None if clear_ms is None or started_ms is None else max(0, clear_ms - started_ms),
        penalty_ms,
        passed,
        rejected,
        min(pending_ms) if pending_ms else None,
        deciding,
        tuple(count.rejected_ms),
    )


def _state(count: Count, passed: bool, held: int) -> CellState:
    if count.deciding is not None:
        return "cleared" if passed else "tried"
    if count.pending_ms or held:
        return "pending" if count.pending_ms else "held"
    return "tried" if count.rejected_ms and not count.under_way else "working"
