"""How far somebody came, then how fast."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from contest_server.core.judging import API_VERSION, CellResult, Coded, ContestantRecord, Said, Step, Text, Total
from judges.exact import span
from judges.run_time import TimeOf, cleared_cells, run_time_ms

_UNIT_MS = {"ms": 1, "second": 1_000, "minute": 60_000}


@dataclass(frozen=True, slots=True)
class CountThenTime:
    """Points are the stages cleared, or the furthest stage; the time decides between equals (C5).

    count: "cleared" counts cleared stages, "furthest" is the number of the furthest cleared stage, from 1
    time: "sum" adds each cleared stage's contest time and penalty, "last" is the time at the last clear plus all penalties; with
        count = "furthest" and time = "last" it is the time at the furthest stage plus its penalty
    unit: times are floored to whole "ms", "second" or "minute"
    floor: "stage" floors each stage's clear time before its penalty is added, "total" floors once in the end
    """

    rule: ClassVar[str] = "count_then_time"
    catalogue: ClassVar[str] = "C5"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    count: Literal["cleared", "furthest"] = "cleared"
    time: TimeOf = "sum"
    unit: Literal["ms", "second", "minute"] = "ms"
    floor: Literal["stage", "total"] = "stage"

    def total(self, record: ContestantRecord) -> Total:
        cells = cleared_cells(record)
        reached = self._count(cells)
        timed = cells[-1:] if self.count == "furthest" and self.time == "last" else cells
        time_ms = run_time_ms(timed, self.time, _UNIT_MS[self.unit], self.floor == "stage")
        steps = (Step(self._words(cells), str(reached)), Step(self._time_words(timed), Said("{time_ms:ms}", time_ms=time_ms)))
        return Total(Decimal(reached), time_ms, steps=steps)

    def _count(self, cells: list[CellResult]) -> int:
        if self.count == "cleared":
            return len(cells)
        return cells[-1].stage.index + 1 if cells else 0

    def _words(self, cells: list[CellResult]) -> Text:
        if not cells:
            return Said("no stage cleared yet")
        if self.count == "furthest":
            return Said("furthest stage cleared: {stage}", stage=cells[-1].stage.id)
        return Said("stages cleared: {stages}", stages=[cell.stage.id for cell in cells])

    def _time_words(self, cells: list[CellResult]) -> Text:
        times = " + ".join(_times(cell) for cell in cells) or Said("none")
        return Said(
            "time ({time}, floored to the {unit} per {floor}): {times}",
            time=Coded("time", self.time),
            unit=Coded("whole", self.unit),
            floor=Coded("per", self.floor),
            times=times,
        )


def _times(cell: CellResult) -> str:
    penalty = f" + {span(cell.penalty_ms)}" if cell.penalty_ms else ""
    return f"{cell.stage.id} {span(cell.clear_ms or 0)}{penalty}"
