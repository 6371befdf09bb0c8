"""How long several stages may take together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.judging import API_VERSION, CellResult, ContestantRecord, Doubt, Opinion, Said, StageView
from judges.exact import check_distinct, in_ms, span
from judges.limits import OTHER_CLOCK, STOPPAGE, Action, Beyond, check_late, late
from judges.stage_names import unknown_stages


@dataclass(frozen=True, slots=True)
class CumulativeLimit:
    """Limit the time of several stages together: Σ from the first start at each to what counts there (B6). Exactly the limit is in time.

    Added up in order of time: the stage with which the sum is over the limit is late, and so is each that follows. What a gate holds took
    its time, too. A stage without a start event adds nothing, with a question.

    limit_s: the limit of all of them together, in seconds
    stages: which stages count (none: all of the contest)
    action: "overtime" holds what is late until a referee rules, "flag" lets it count, with a question, "count" without one
    beyond: the status of whose it is: "none" as before, "overtime" ranked behind all who were in time, "dnf" did not finish
    """

    rule: ClassVar[str] = "cumulative_limit"
    catalogue: ClassVar[str] = "B6"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    limit_s: Decimal
    stages: tuple[str, ...] = ()
    action: Action = "overtime"
    beyond: Beyond = "none"

    def __post_init__(self) -> None:
        in_ms("limit_s", self.limit_s)
        check_late(self.rule, self.action, self.beyond)
        check_distinct("stages", [*self.stages])

    def faults(self, stages: Sequence[StageView]) -> Iterator[Said]:
        yield from unknown_stages(self.rule, self.stages, stages)

    def gate(self, record: ContestantRecord, stage: StageView) -> Opinion | None:
        own = record.cells.get(stage.id)
        if own is None or own.deciding is None or not self._counts(own):
            return None
        until = [cell for cell in _in_time(record.cells.values()) if self._counts(cell) and _moment(cell) <= _moment(own)]
        time_ms, limit_ms = sum(cell.elapsed_ms or 0 for cell in until), in_ms("limit_s", self.limit_s)
        times = " + ".join(f"{cell.stage.id} {span(cell.elapsed_ms)}" for cell in until if cell.elapsed_ms is not None)
        if time_ms > limit_ms:
            over = Said("{times} = {time_ms:ms}, over the limit of {limit_ms:ms} together", times=times, time_ms=time_ms, limit_ms=limit_ms)
            return late(over, limit_ms, time_ms, self.action, self.beyond)
        if own.elapsed_ms is None:
            unseen = Said("no start event was seen, so the limit of {limit_ms:ms} cannot be checked", limit_ms=limit_ms)
            return Opinion(Doubt.QUESTIONABLE, unseen, "start_missing", limit_ms, None, STOPPAGE)
        error_ms = sum(cell.deciding.error_ms or 0 for cell in until if cell.deciding is not None)
        if limit_ms - time_ms < error_ms:
            near = Said(
                "{times} = {time_ms:ms} is within the clocks' error (±{error_ms:fine}) of the limit of {limit_ms:ms} together",
                times=times,
                time_ms=time_ms,
                error_ms=error_ms,
                limit_ms=limit_ms,
            )
            return Opinion(Doubt.QUESTIONABLE, near, "near_time_limit", limit_ms, time_ms, OTHER_CLOCK)
        return None

    def _counts(self, cell: CellResult) -> bool:
        return not self.stages or cell.stage.id in self.stages


def _in_time(cells: Iterable[CellResult]) -> list[CellResult]:
    """Those where something decides, also where it is held, in order of time; at the same time in the order of the stages."""
    return sorted((cell for cell in cells if cell.deciding is not None), key=_moment)


def _moment(cell: CellResult) -> tuple[int, int]:
    assert cell.deciding is not None
    return cell.deciding.time_ms, cell.stage.index
