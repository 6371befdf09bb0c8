"""What the attempts of a cell came to, and the result that follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from contest_server.core.judging import ZERO, Attempt, CellResult, CellState, StageView


class Count(Struct, frozen=True, gc=False):
    """What the attempts of a cell came to. `deciding` is the first counted one that was accepted.

    `rejected_ms` are the times of those that were rejected before it (of all, where none was accepted), `pending_ms` of those that nobody
    has judged. `under_way`: somebody works on one. `started_ms` is the earliest start of any attempt, whether it counts or not;
    what was begun after the deciding one was handed in is no part of it.
    """

    deciding: Attempt | None
    rejected_ms: Sequence[int]
    pending_ms: Sequence[int]
    under_way: bool
    started_ms: int | None


class Counting:
    """A count that grows: at any moment it is what those of a cell's attempts that were added so far (in order of time) came to."""

    __slots__ = ("_attempts", "_started_ms", "deciding", "pending_ms", "rejected_ms", "under_way")

    def __init__(self, attempts: Iterable[Attempt]) -> None:
        self._attempts = attempts
        self._started_ms: int | Literal["unknown"] | None = "unknown"
        self.deciding: Attempt | None = None
        self.rejected_ms: list[int] = []
        self.pending_ms: list[int] = []
        self.under_way = False

    def add(self, attempt: Attempt) -> None:
        """One more that counts, later than those before."""
        outcome = attempt.outcome
        if outcome == "pending":
            self.pending_ms.append(attempt.time_ms)
        elif self.deciding is not None:
            return
        elif outcome == "accepted":
            self.deciding, self._started_ms = attempt, "unknown"
        elif outcome == "rejected":
            self.rejected_ms.append(attempt.time_ms)
        elif outcome is None:
            self.under_way = True

    @property
    def started_ms(self) -> int | None:
        """Sought out once, and once more for the deciding attempt."""
        if self._started_ms == "unknown":
            self._started_ms = _started_ms(self._attempts, self.deciding)
        return self._started_ms

    def count(self) -> Count:
        return Count(self.deciding, self.rejected_ms, self.pending_ms, self.under_way, self.started_ms)


def count_up(attempts: Iterable[Attempt], counted: Iterable[Attempt]) -> Count:
    """Count up what a cell's attempts came to (both in order of time)."""
    counting = Counting(attempts)
    for attempt in counted:
        counting.add(attempt)
    return counting.count()


def _started_ms(attempts: Iterable[Attempt], deciding: Attempt | None) -> int | None:
    started_ms = None
    for attempt in attempts:
        start_ms = attempt.start_ms
        if start_ms is None or (deciding is not None and start_ms > deciding.time_ms and attempt.id != deciding.id):
            continue
        if started_ms is None or start_ms < started_ms:
            started_ms = start_ms
    return started_ms


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
