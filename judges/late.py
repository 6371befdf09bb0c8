"""Events that took long to arrive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Attempt, ContestantRecord, Doubt, Opinion, Said
from judges.exact import check_time

WHY = Said("Ask the venue why it took so long, and compare the attempt with its paper record.")


@dataclass(frozen=True, slots=True)
class Late:
    """Ask about an attempt whose deciding event arrived long after it happened, e.g. out of an outbox after the network was cut (F).

    late_after_ms: how long an event may take to arrive, in milliseconds
    """

    rule: ClassVar[str] = "late"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    late_after_ms: int = 120_000

    def __post_init__(self) -> None:
        check_time("late_after_ms", self.late_after_ms)

    def doubt(self, attempt: Attempt, record: ContestantRecord) -> Opinion | None:  # noqa: ARG002  the station's signature
        if attempt.outcome is None or attempt.late_ms <= self.late_after_ms:
            return None
        detail = Said(
            "arrived {late_ms:ms} after it happened; up to {late_after_ms:ms} is in time",
            late_ms=attempt.late_ms,
            late_after_ms=self.late_after_ms,
        )
        return Opinion(Doubt.QUESTIONABLE, detail, code="late", threshold=self.late_after_ms, seen=attempt.late_ms, suggestion=WHY)
