"""Three attempts that all count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Evidence, MissingEvidence, Said, Score, Step, Text, Wanted
from judges.exact import check_places, half_up
from judges.several_results import DNF, Scale, mean, results_of, shown

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class MeanOf3:
    """Let the mean of three results count (B11). One DNF makes it a DNF.

    A rejected attempt, or the result "DNF", is a DNF. Until three attempts are in the aspect is not judged, unless one is a DNF already.

    max: the marks for a result of `full` or better
    field: the field of each attempt with its result
    full: the result that earns all marks; a time where it lies below `zero`
    zero: the result that earns none; between the two the marks are in proportion
    result_places: decimal places the mean is rounded to, halves up
    places: decimal places the marks are rounded to, halves up
    """

    rule: ClassVar[str] = "mean_of_3"
    catalogue: ClassVar[str] = "B11"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"

    max: Decimal
    field: str
    full: Decimal
    zero: Decimal
    result_places: int = 2
    places: int = 4

    def __post_init__(self) -> None:
        self.scale.check()
        check_places(self.result_places)

    @property
    def scale(self) -> Scale:
        return Scale(self.max, self.full, self.zero, self.places)

    def wanted(self) -> tuple[Wanted, ...]:
        return (Wanted(self.field),)

    def score(self, evidence: Evidence) -> Score:
        ignored: dict[str, Text] = {}
        results = list(results_of(evidence, self.field, ATTEMPTS, ignored).values())
        if len(results) < ATTEMPTS and None not in results:
            raise MissingEvidence(Said("{count} of {attempts} attempts are in", count=len(results), attempts=ATTEMPTS))
        result = mean_of_3(results, self.result_places)
        steps = [Step(Said("the mean of {results}", results=shown(results)), DNF if result is None else Said("{result}", result=result))]
        return self.scale.scored(result, results, steps, ignored)


def mean_of_3(results: Sequence[Decimal | None], places: int = 2) -> Decimal | None:
    """The mean; None, a DNF, where one is."""
    finished = [result for result in results if result is not None]
    return half_up(mean(finished), places) if len(finished) == len(results) else None
