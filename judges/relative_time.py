"""Marks by how close a time is to the best one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Literal

from contest_server.core.facts import ContestantId
from contest_server.core.judging import API_VERSION, CellResult, Doubt, Field, Opinion, Said, Score, Step
from judges.exact import check_marks, check_places, rounded

START = Said("Have the start sent again, or give the marks by hand.")


@dataclass(frozen=True, slots=True)
class RelativeTime:
    """Give everybody who cleared the stage max · T_best / T (A21). A new best time changes the marks of all: provisional until it is final.

    The times alone decide, never the order in which they arrived. Without a start event a time cannot be compared: not judged.

    max: the marks for the best time
    of: "elapsed" counts from the attempt's start event, "contest" from the contest's start
    penalties: whether the seconds that other rules add to the stage belong to the time
    places: decimal places the marks are rounded to, halves up
    """

    rule: ClassVar[str] = "relative_time"
    catalogue: ClassVar[str] = "A21"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"

    max: Decimal
    of: Literal["elapsed", "contest"] = "elapsed"
    penalties: bool = True
    places: int = 4

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_places(self.places)

    def compare(self, field: Field) -> Mapping[ContestantId, Score]:
        best_ms, count = self.standard(field), len(field.cells)
        return {contestant: self.score_against(cell, best_ms, count) for contestant, cell in field.cells.items()}

    def standard(self, field: Field) -> int | None:
        """The best time; None where nobody has one."""
        times_ms = map(self._time_ms, field.cells.values())
        return min((time_ms for time_ms in times_ms if time_ms is not None and time_ms > 0), default=None)

    def marks_against(self, cell: CellResult, standard: int | None) -> Decimal | None:
        time_ms = self._time_ms(cell)
        return None if time_ms is None or time_ms <= 0 or standard is None else self._marks(time_ms, standard)

    def score_against(self, cell: CellResult, standard: int | None, clears: int) -> Score:
        return self._score(self._time_ms(cell), standard, clears)

    def _time_ms(self, cell: CellResult) -> int | None:
        if cell.deciding is None:
            return None
        time_ms = cell.deciding.elapsed_ms if self.of == "elapsed" else cell.deciding.time_ms
        return None if time_ms is None else time_ms + (cell.penalty_ms if self.penalties else 0)

    def _marks(self, time_ms: int, best_ms: int) -> Decimal:
        return rounded(Fraction(self.max) * best_ms / time_ms, self.places, self.max)

    def _score(self, time_ms: int | None, best_ms: int | None, count: int) -> Score:
        if time_ms is None or time_ms <= 0 or best_ms is None:
            detail = (
                Said("no start event was seen, so the time is unknown")
                if time_ms is None
                else Said("a time of {time_ms:ms} is impossible", time_ms=time_ms)
            )
            return Score(None, self.max, opinions=(Opinion(Doubt.QUESTIONABLE, detail, "not_judged", None, time_ms, START),))
        marks = self._marks(time_ms, best_ms)
        steps = (
            Step(Said("best of {count}", count=count), Said("{best_ms:ms}", best_ms=best_ms)),
            Step(Said("{max} × {best_ms:ms} / {time_ms:ms}", max=self.max, best_ms=best_ms, time_ms=time_ms), Said("{marks}", marks=marks)),
        )
        provisional = Opinion(
            Doubt.INFO, Said("a time below {best_ms:ms} would change it", best_ms=best_ms), "provisional", best_ms, time_ms
        )
        return Score(marks, self.max, steps, {f"{self.of}_ms": time_ms, "best_ms": best_ms}, {}, (provisional,))
