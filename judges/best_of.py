"""The best of several attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Evidence, Said, Score, Step, Text, Wanted
from judges.several_results import DNF, Scale, results_of, shown


@dataclass(frozen=True, slots=True)
class BestOf:
    """Let the best result of several attempts count: the lowest where `full` lies below `zero`, else the highest (B11).

    A rejected attempt, or the result "DNF", is a DNF. Where all attempts are DNF, so is the result, and it is worth 0.

    max: the marks for a result of `full` or better
    field: the field of each attempt with its result
    full: the result that earns all marks
    zero: the result that earns none; between the two the marks are in proportion
    attempts: how many attempts count, the first ones (0: all)
    places: decimal places the marks are rounded to, halves up
    """

    rule: ClassVar[str] = "best_of"
    catalogue: ClassVar[str] = "B11"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"

    max: Decimal
    field: str
    full: Decimal
    zero: Decimal
    attempts: int = 0
    places: int = 4

    def __post_init__(self) -> None:
        self.scale.check()
        if self.attempts < 0:
            raise ValueError(Said("attempts is {attempts}; it counts attempts", attempts=self.attempts))

    @property
    def scale(self) -> Scale:
        return Scale(self.max, self.full, self.zero, self.places)

    def wanted(self) -> tuple[Wanted, ...]:
        return (Wanted(self.field),)

    def score(self, evidence: Evidence) -> Score:
        ignored: dict[str, Text] = {}
        results = list(results_of(evidence, self.field, self.attempts, ignored).values())
        best = best_of(results, self.scale.is_low_better)
        steps = [Step(Said("the best of {results}", results=shown(results)), DNF if best is None else Said("{best}", best=best))]
        return self.scale.scored(best, results, steps, ignored)


def best_of(results: Sequence[Decimal | None], low: bool = True) -> Decimal | None:
    """The lowest (or highest) result; None, a DNF, where there is none."""
    finished = [result for result in results if result is not None]
    return (min(finished) if low else max(finished)) if finished else None
