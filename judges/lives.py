"""A run that ends at the last of its lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from contest_server.core.judging import API_VERSION, ContestantRecord, Doubt, Opinion, Said, StageView

ENDED = Said("Check whether the run had ended by then; reinstate the attempt only where it had not.")


@dataclass(frozen=True, slots=True)
class Lives:
    """End the run after `count` rejected attempts over all stages: what is cleared after that moment is held (B8).

    One life means that the first rejected attempt ends the run. Free attempts cost no life, and an attempt that nobody has judged costs
    none yet. What was handed in at the very moment of the last rejection counts. Once a stage is cleared, rejections there cost nothing.

    count: how many rejected attempts end the run
    """

    rule: ClassVar[str] = "lives"
    catalogue: ClassVar[str] = "B8"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(Said("count is {count}; a run has at least one life", count=self.count))

    def gate(self, record: ContestantRecord, stage: StageView) -> Opinion | None:
        cell = record.cells.get(stage.id)
        if cell is None or cell.deciding is None:
            return None
        rejected_ms = sorted(time_ms for each in record.cells.values() for time_ms in each.rejected_ms)
        if len(rejected_ms) < self.count:
            return None
        ended_ms = rejected_ms[self.count - 1]
        if cell.deciding.time_ms <= ended_ms:
            return None
        detail = Said(
            "{stage} was cleared at {time_ms:ms}, but the run ended at {ended_ms:ms} with rejection {count}",
            stage=stage.id,
            time_ms=cell.deciding.time_ms,
            ended_ms=ended_ms,
            count=self.count,
        )
        return Opinion(Doubt.BAD, detail, "no_lives_left", self.count, len(rejected_ms), ENDED)
