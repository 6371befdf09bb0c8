"""Clocks that are off, or that nobody could measure well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Attempt, ContestantRecord, Doubt, Opinion, Said
from judges.exact import check_time

SET = Said("Set the clock of the device by the server; where the order hangs on this time, decide by another clock.")


@dataclass(frozen=True, slots=True)
class Clock:
    """Ask about an attempt that was decided by a device whose clock, or the error of its measurement, is beyond the limit (F).

    max_offset_ms: how far a device's clock, and the measurement of it, may be off, in milliseconds
    """

    rule: ClassVar[str] = "clock"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max_offset_ms: int = 500

    def __post_init__(self) -> None:
        check_time("max_offset_ms", self.max_offset_ms)

    def doubt(self, attempt: Attempt, record: ContestantRecord) -> Opinion | None:  # noqa: ARG002  the station's signature
        if attempt.outcome is None:
            return None
        if attempt.offset_ms is not None and abs(attempt.offset_ms) > self.max_offset_ms:
            treated = Said("corrected") if attempt.corrected else Said("not corrected")
            detail = Said("the device's clock was {offset_ms:+fine} off ({treated})", offset_ms=attempt.offset_ms, treated=treated)
            return Opinion(
                Doubt.QUESTIONABLE, detail, code="clock_offset", threshold=self.max_offset_ms, seen=attempt.offset_ms, suggestion=SET
            )
        if attempt.error_ms is not None and attempt.error_ms > self.max_offset_ms:
            detail = Said("the device's clock is known to ±{error_ms:fine} only", error_ms=attempt.error_ms)
            return Opinion(
                Doubt.QUESTIONABLE, detail, code="clock_error", threshold=self.max_offset_ms, seen=attempt.error_ms, suggestion=SET
            )
        return None
