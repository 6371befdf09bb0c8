"""The default total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from contest_server.core.judging import API_VERSION, ContestantRecord, Step, Total
from judges.exact import plain, span
from judges.run_time import TimeOf, cleared_cells, points_of, run_time_ms


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
        counted = [cell for cell in record.cells.values() if cell.state != "held" and cell.points]
        points = points_of(counted)
        time_ms = run_time_ms(cleared_cells(record), self.time)
        arithmetic = " + ".join(f"{cell.stage.id} {plain(cell.points)}" for cell in sorted(counted, key=lambda cell: cell.stage.index))
        steps = (Step(arithmetic or "no marks yet", plain(points)), Step(f"time ({self.time})", span(time_ms)))
        return Total(points, time_ms, steps=steps)
