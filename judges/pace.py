"""Nobody is that fast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Attempt, ContestantRecord, Doubt, Opinion, Said, StageView, Text
from judges.exact import check_distinct, check_time

LOOK = Said("Look at the video and the evidence: was the stage done, and by this contestant?")


@dataclass(frozen=True, slots=True)
class Minimum:
    """`stage` and `elapsed_ms`, the time from its start to its clear below which nobody can do it."""

    stage: str
    elapsed_ms: int


@dataclass(frozen=True, slots=True)
class Pace:
    """Ask about two clears of one contestant closer together than `floor_ms`, and about a stage done faster than physically possible (F).

    floor_ms: the least time between two clears, in milliseconds
    minimums: the physical minimum of stages from start to clear, each {stage, elapsed_ms}
    """

    rule: ClassVar[str] = "pace"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    floor_ms: int = 1_000
    minimums: tuple[Minimum, ...] = ()

    def __post_init__(self) -> None:
        check_time("floor_ms", self.floor_ms)
        check_distinct("minimums", [minimum.stage for minimum in self.minimums])
        for minimum in self.minimums:
            check_time(Said("the minimum of {name}", name=minimum.stage), minimum.elapsed_ms)

    def faults(self, stages: Sequence[StageView]) -> Iterator[Text]:
        known = {str(stage.id) for stage in stages}
        for minimum in self.minimums:
            if minimum.stage not in known:
                yield Said("pace: {stage!r} is not a stage; stages are {known}", stage=minimum.stage, known=sorted(known))

    def doubt(self, attempt: Attempt, record: ContestantRecord) -> Opinion | None:
        if attempt.outcome != "accepted":
            return None
        return self._impossible(attempt) or self._too_close(attempt, record)

    def _impossible(self, attempt: Attempt) -> Opinion | None:
        least_ms = next((minimum.elapsed_ms for minimum in self.minimums if minimum.stage == attempt.stage), 0)
        if attempt.elapsed_ms is None or attempt.elapsed_ms >= least_ms:
            return None
        detail = Said(
            "{stage} in {elapsed_ms:ms}; below {least_ms:ms} is physically impossible",
            stage=attempt.stage,
            elapsed_ms=attempt.elapsed_ms,
            least_ms=least_ms,
        )
        return Opinion(Doubt.QUESTIONABLE, detail, code="implausibly_fast", threshold=least_ms, seen=attempt.elapsed_ms, suggestion=LOOK)

    def _too_close(self, attempt: Attempt, record: ContestantRecord) -> Opinion | None:
        others = [other for other in record.cleared if other.stage != attempt.stage]
        nearest = min(others, key=lambda other: (abs(attempt.clear_ms - other.clear_ms), other.stage), default=None)
        if nearest is None or (gap_ms := abs(attempt.clear_ms - nearest.clear_ms)) >= self.floor_ms:
            return None
        return Opinion(
            Doubt.QUESTIONABLE,
            Said("{gap_ms:fine} from the clear of {stage}", gap_ms=gap_ms, stage=nearest.stage),
            "too_fast",
            self.floor_ms,
            gap_ms,
            LOOK,
        )
