"""The events of an attempt tell one story, forwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Attempt, ContestantRecord, Doubt, Opinion, Said

ASK = Said("Ask the desk what happened in which order, and confirm the attempt or return it.")


@dataclass(frozen=True, slots=True)
class Sequence:
    """Ask about an attempt that ended before it started, or whose device sent times that run backwards (F).

    require_start: also ask about an attempt that was handed in without a start event
    """

    rule: ClassVar[str] = "sequence"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    require_start: bool = False

    def doubt(self, attempt: Attempt, record: ContestantRecord) -> Opinion | None:  # noqa: ARG002  the station's signature
        if attempt.outcome is None:
            return None
        if attempt.start_ms is not None and attempt.time_ms < attempt.start_ms:
            detail = Said(
                "handed in at {time_ms:ms}, before its start at {start_ms:ms}", time_ms=attempt.time_ms, start_ms=attempt.start_ms
            )
            return Opinion(
                Doubt.QUESTIONABLE, detail, code="ended_before_start", threshold=attempt.start_ms, seen=attempt.time_ms, suggestion=ASK
            )
        if not attempt.in_order:
            return Opinion(
                Doubt.QUESTIONABLE, Said("the device's times run backwards within the attempt"), code="events_out_of_order", suggestion=ASK
            )
        if self.require_start and attempt.start_ms is None:
            return Opinion(Doubt.QUESTIONABLE, Said("no start event was seen"), code="start_missing", suggestion=ASK)
        return None
