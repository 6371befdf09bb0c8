"""A stage is cleared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Attempt, CellResult, ContestantRecord, Doubt, Opinion, Said

WHOSE = Said("Find out whose attempt it is: annul it, or have it sent again under the right id.")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Ask about a second accepted attempt at a stage that is cleared already: it changes no mark, but may belong to somebody else (F).

    Where an aspect's rule looks at several attempts, further ones are as they should be.

    several: rules of aspects that look at several accepted attempts; nothing is asked at their stages
    """

    rule: ClassVar[str] = "duplicate"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "3"

    several: tuple[str, ...] = ("average_of_5", "best_of", "mean_of_3", "top_and_zone")

    def doubt(self, attempt: Attempt, record: ContestantRecord) -> Opinion | None:
        cell = record.cells.get(attempt.stage)
        if cell is None or cell.deciding is None or attempt.outcome != "accepted" or cell.deciding.id == attempt.id:
            return None
        first = cell.deciding
        if attempt.time_ms < first.time_ms or self._looks_at_several(cell):
            return None
        detail = Said(
            "{stage} was cleared already by the attempt {attempt} at {time_ms:ms}",
            stage=attempt.stage,
            attempt=first.id,
            time_ms=first.time_ms,
        )
        return Opinion(Doubt.QUESTIONABLE, detail, code="duplicate", threshold=str(first.id), seen=str(attempt.id), suggestion=WHOSE)

    def _looks_at_several(self, cell: CellResult) -> bool:
        return any(aspect.rule in self.several for aspect in cell.stage.aspects)
