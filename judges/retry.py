"""How often a stage may be tried again, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.facts import StageId
from contest_server.core.judging import (
    API_VERSION,
    HANDED_IN,
    ZERO,
    Attempt,
    CellResult,
    CellView,
    Charge,
    ContestantRecord,
    Doubt,
    Opinion,
    Said,
    StageView,
    Step,
)
from judges.exact import check_marks, in_ms

GRANTED = Said("Find out whether a retry was granted: reinstate the attempt, or leave it held.")


@dataclass(frozen=True, slots=True)
class Retry:
    """Allow so many retries a stage and a run, each at a cost in marks or time (B2). An attempt beyond the limit is held.

    The run's retries are those of all stages this contestant cleared before, and of this one. Where rejected attempts at a stage that is
    still open could make the difference, the stage counts and the referee is asked.

    stage_limit: retries allowed at the stage: one fewer than the attempts (none: any number)
    run_limit: retries allowed over all stages together (none: any number)
    cost_marks: what each retry takes off the marks of the stage
    cost_s: what each retry adds to the time of the stage
    """

    rule: ClassVar[str] = "retry"
    catalogue: ClassVar[str] = "B2"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"

    stage_limit: int | None = None
    run_limit: int | None = None
    cost_marks: Decimal = ZERO
    cost_s: Decimal = ZERO

    def __post_init__(self) -> None:
        for name, limit in (("stage_limit", self.stage_limit), ("run_limit", self.run_limit)):
            if limit is not None and limit < 0:
                raise ValueError(Said("{name} is {limit}; it counts retries", name=name, limit=limit))
        check_marks("cost_marks", self.cost_marks)
        in_ms("cost_s", self.cost_s)
        if self.stage_limit is None and self.run_limit is None and not self.cost_marks and not self.cost_s:
            raise ValueError(Said("retry limits nothing and costs nothing; give stage_limit, run_limit, cost_marks or cost_s"))

    def admit(self, attempt: Attempt, cell: CellView) -> Opinion | None:
        before = cell.handed_in
        if self.stage_limit is None or attempt.outcome not in HANDED_IN or cell.deciding is not None:
            return None
        if before <= self.stage_limit:
            return None
        detail = Said("retry {number} at {stage}, {limit} allowed", number=before, stage=cell.stage.id, limit=self.stage_limit)
        return Opinion(Doubt.BAD, detail, code="retry_limit", threshold=self.stage_limit, seen=before, suggestion=GRANTED)

    def gate(self, record: ContestantRecord, stage: StageView) -> Opinion | None:
        cell = record.cells.get(stage.id)
        if self.run_limit is None or cell is None or cell.deciding is None or cell.rejected == 0:
            return None
        surely = cell.rejected + _retries_before(record.cells, cell)
        perhaps = surely + sum(max(0, other.rejected - 1) for other in record.cells.values() if other.deciding is None)
        if perhaps <= self.run_limit:
            return None
        doubt, seen = (Doubt.BAD, surely) if surely > self.run_limit else (Doubt.QUESTIONABLE, perhaps)
        detail = Said("retry {number} of the run, {limit} allowed", number=seen, limit=self.run_limit)
        if doubt is Doubt.QUESTIONABLE:
            detail = Said("{retry}, if those at stages that are still open came before", retry=detail)
        return Opinion(doubt, detail, code="run_retry_limit", threshold=self.run_limit, seen=seen, suggestion=GRANTED)

    def charge(self, cell: CellView) -> Charge:
        count = max(0, cell.tries - 1)
        if not count:
            return Charge()
        marks, time_ms = count * self.cost_marks, count * in_ms("cost_s", self.cost_s)
        steps = []
        if marks:
            steps.append(
                Step(Said("retries: {count} × {cost_marks}", count=count, cost_marks=self.cost_marks), Said("-{marks}", marks=marks))
            )
        if time_ms:
            steps.append(
                Step(Said("retries: {count} × {cost_s} s", count=count, cost_s=self.cost_s), Said("{time_ms:ms}", time_ms=time_ms))
            )
        return Charge(marks, time_ms, tuple(steps))


def _retries_before(cells: Mapping[StageId, CellResult], cell: CellResult) -> int:
    """Retries at stages that were cleared before this one: as many as rejected attempts there, because the last try was the clear."""
    return sum(other.rejected for other in cells.values() if other.deciding is not None and _moment(other) < _moment(cell))


def _moment(cell: CellResult) -> tuple[int, int]:
    """When it was cleared; at the same time, the stages' own order decides."""
    assert cell.deciding is not None
    return cell.deciding.time_ms, cell.stage.index
