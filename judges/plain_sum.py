"""The default total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Coded, ContestantRecord, Said, Step, Total
from judges.run_time import Addends, TimeOf


@dataclass(frozen=True, slots=True)
class PlainSum:
    """Add the marks of all stages; the time is that of the last clear, or the sum of all, with penalties (the default total).

    time: "last" is the contest time of the last clear plus all penalties, "sum" adds each clear's contest time and penalty
    """

    rule: ClassVar[str] = "sum"
    catalogue: ClassVar[str] = "C"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    time: TimeOf = "last"

    def total(self, record: ContestantRecord) -> Total:
        sums = record.tally
        time_ms = sums.penalties_ms + (sums.clears_ms if self.time == "sum" else sums.last_ms)
        steps = (
            Step(Said("{marks}", marks=Addends(record)) if sums.points else Said("no marks yet"), Said("{points}", points=sums.points)),
            Step(Said("time ({time})", time=Coded("time", self.time)), Said("{time_ms:ms}", time_ms=time_ms)),
        )
        return Total(sums.points, time_ms, steps=steps)
