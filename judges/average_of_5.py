"""Five attempts, without the best and the worst."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Evidence, MissingEvidence, Said, Score, Step, Text, Wanted
from judges.exact import check_places, half_up
from judges.several_results import DNF, Scale, mean, results_of, shown

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class AverageOf5:
    """Drop the best and the worst of five results and let the mean of the other three count (B11). One DNF is the worst; two are a DNF.

    A rejected attempt, or the result "DNF", is a DNF. Until five attempts are in the aspect is not judged, unless two are DNF already.

    max: the marks for a result of `full` or better
    field: the field of each attempt with its result
    full: the result that earns all marks; a time where it lies below `zero`
    zero: the result that earns none; between the two the marks are in proportion
    result_places: decimal places the average is rounded to, halves up
    places: decimal places the marks are rounded to, halves up
    """

    rule: ClassVar[str] = "average_of_5"
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
        by_attempt = results_of(evidence, self.field, ATTEMPTS, ignored)
        results = list(by_attempt.values())
        if len(results) < ATTEMPTS and results.count(None) < 2:
            raise MissingEvidence(Said("{count} of {attempts} attempts are in", count=len(results), attempts=ATTEMPTS))
        result = average_of_5(results, self.result_places, self.scale.is_low_better)
        if result is not None:
            ignored |= _dropped(by_attempt, self.scale.is_low_better)
        steps = [
            Step(
                Said("{results}, without the best and the worst", results=shown(results)),
                DNF if result is None else Said("{result}", result=result),
            )
        ]
        return self.scale.scored(result, results, steps, ignored)


def _dropped(results: Mapping[str, Decimal | None], low: bool) -> dict[str, Text]:
    """The best and the worst of five attempts, with the reason why they are left out; of equal ones the first and the last."""
    order = sorted(results.items(), key=lambda item: (item[1] is None, 0 if item[1] is None else item[1] if low else -item[1]))
    (best, first), (worst, last) = order[0], order[-1]
    return {
        best: Said("{result} is the best of {attempts}", result=shown([first]), attempts=ATTEMPTS),
        worst: Said("{result} is the worst of {attempts}", result=shown([last]), attempts=ATTEMPTS),
    }


def average_of_5(results: Sequence[Decimal | None], places: int = 2, low: bool = True) -> Decimal | None:
    """The mean of the middle three; None, a DNF, where more than one is a DNF."""
    finished = sorted(result for result in results if result is not None)
    if len(results) - len(finished) > 1:
        return None
    assert len(results) == ATTEMPTS, f"{len(results)} results; an average of 5 has 5"
    if len(finished) == ATTEMPTS:
        return half_up(mean(finished[1:-1]), places)
    return half_up(mean(finished[1:] if low else finished[:-1]), places)
