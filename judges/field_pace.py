"""A stage done far faster than by anybody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from contest_server.core.facts import ContestantId, StageId
from contest_server.core.judging import API_VERSION, ContestantRecord, Doubt, Finding, Opinion, Said, Survey, Text
from judges.exact import check_number
from judges.robust import median, quartiles


@dataclass(frozen=True, slots=True)
class FieldPace:
    """Ask about a stage that somebody cleared far faster than the field: an impossible split (F).

    With Q1 and Q3 the quartiles of all times from start to clear, asked where a time t is below the lower outer fence of their ratios,
    t · (Q3 / Q1)^fences < Q1 (Tukey 1977, on the logarithms), and below `share` of the median. Where no starts were seen at a stage, the
    time since the clear before it stands in. The physical minimum of a stage is for `pace`.

    share: the part of the median below which a time may be asked about
    fences: how many quartile ratios below the lower quartile it must be
    least: how many must have cleared the stage
    """

    rule: ClassVar[str] = "field_pace"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    share: Decimal = Decimal("0.33")
    fences: int = 3
    least: int = 12

    def __post_init__(self) -> None:
        check_number("share", self.share, low=Decimal(0), high=Decimal(1))
        if not 1 <= self.fences <= 10:
            raise ValueError(Said("fences is {fences}; it is from 1 to 10", fences=self.fences))
        if self.least < 8:
            raise ValueError(Said("least is {least}; quartiles need at least 8 times", least=self.least))

    def survey(self, board: Survey) -> Sequence[Finding]:
        return [found for stage in board.stages for found in self._at(stage.id, *splits(board, stage.id))]

    def _at(self, stage: StageId, times_ms: Mapping[ContestantId, int], since: Text) -> Iterator[Finding]:
        if len(times_ms) < self.least:
            return
        low, high = quartiles(list(times_ms.values()))
        middle = median(list(times_ms.values()))
        limit = min(Fraction(self.share) * middle, Fraction(low ** (self.fences + 1), high**self.fences) if high else Fraction(0))
        for contestant, time_ms in sorted(times_ms.items()):
            if time_ms < limit:
                detail = Said(
                    "{stage} in {time_ms:ms} since {since}; half of {count} contestants took {median:ms} or more",
                    stage=stage,
                    time_ms=time_ms,
                    since=since,
                    count=len(times_ms),
                    median=int(middle),
                )
                advice = Said("Look at the video and the evidence of {contestant}: was the stage done, and by them?", contestant=contestant)
                opinion = Opinion(
                    Doubt.QUESTIONABLE, detail, "far_faster_than_field", threshold=int(limit), seen=time_ms, suggestion=advice
                )
                yield Finding(opinion, f"split of {stage}", contestant, stage)


def splits(board: Survey, stage: StageId) -> tuple[Mapping[ContestantId, int], Text]:
    """How long everybody who cleared the stage took for it, in ms, and since what: the start, or where nobody has one the clear before."""
    records = [each.record for each in board.contenders if (cell := each.record.cells.get(stage)) is not None and cell.state == "cleared"]
    elapsed = {each.contestant: time_ms for each in records if (time_ms := each.cells[stage].elapsed_ms) is not None}
    if elapsed:
        return elapsed, Said("the start")
    since = {each.contestant: time_ms for each in records if (time_ms := _since_the_clear_before(each, stage)) is not None}
    return since, Said("the clear before")


def _since_the_clear_before(record: ContestantRecord, stage: StageId) -> int | None:
    """In ms. None where the stage is the first: nobody knows when it was begun."""
    before_ms: int | None = None
    for attempt in record.cleared:
        if attempt.stage == stage:
            return None if before_ms is None else attempt.time_ms - before_ms
        before_ms = attempt.time_ms
    return None
