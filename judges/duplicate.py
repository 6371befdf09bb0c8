"""A stage is cleared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Attempt, ContestantRecord, Doubt, Opinion, Said

WHOSE = Said("Find out whose attempt it is: annul it, or have it sent again under the right id.")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Ask about a second accepted attempt at a stage that is cleared already: it changes no mark, but may belong to somebody else (F)."""

    rule: ClassVar[str] = "duplicate"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    def doubt(self, attempt: Attempt, record: ContestantRecord) -> Opinion | None:
        cell = record.cells.get(attempt.stage)
        first = cell.deciding if cell is not None else None
        if attempt.outcome != "accepted" or first is None or first.id == attempt.id:
            return None
        if (attempt.time_ms, attempt.id) < (first.time_ms, first.id):
            return None
        detail = Said(
            "{stage} was cleared already by the attempt {attempt} at {time_ms:ms}",
            stage=attempt.stage,
            attempt=first.id,
            time_ms=first.time_ms,
        )
        return Opinion(Doubt.QUESTIONABLE, detail, code="duplicate", threshold=str(first.id), seen=str(attempt.id), suggestion=WHOSE)
