"""Which of several attempts counts: their results, and marks out of the one that does. Shared by best of, mean of 3 and average of 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from contest_server.core.judging import Attempt, Doubt, Evidence, MissingEvidence, Opinion, Said, Score, Step, Text, decimal_of
from judges.exact import check_marks, check_number, check_places, plain, rounded
from judges.not_counted import not_counted

DNF = "DNF"
TRIED = ("accepted", "rejected", "pending")


def results_of(evidence: Evidence, field: str, most: int, ignored: dict[str, Text]) -> Mapping[str, Decimal | None]:
    """The results of the first `most` attempts (0: of all) by their names, in order of time; None is a DNF: rejected, or sent as "DNF".
    Attempts that do not count go into `ignored`, with the reason.

    Raises:
        MissingEvidence: an attempt among them is not judged yet, or has no result.
    """
    tried = [attempt for attempt in evidence.cell.counted if attempt.outcome in TRIED]
    counted = tried[:most] if most else tried
    ignored |= not_counted(evidence.cell, TRIED)
    ignored |= {str(each.id): Said("only the first {most} attempts count", most=most) for each in tried[len(counted) :]}
    return {str(attempt.id): _result(attempt, field) for attempt in counted}


def _result(attempt: Attempt, field: str) -> Decimal | None:
    if attempt.outcome == "pending":
        raise MissingEvidence(Said("attempt {id} is not judged yet", id=attempt.id))
    raw = attempt.data.get(field)
    if attempt.outcome == "rejected" or raw == DNF:
        return None
    if raw is None:
        raise MissingEvidence(Said("{field}: attempt {id} has no result", field=field, id=attempt.id))
    return decimal_of(field, raw)


def mean(results: Sequence[Decimal]) -> Fraction:
    return sum((Fraction(result) for result in results), Fraction(0)) / len(results)


def shown(results: Sequence[Decimal | None]) -> str:
    return " ".join(DNF if result is None else plain(result) for result in results)


@dataclass(frozen=True, slots=True)
class Scale:
    """How a result becomes marks: `full` earns all of the maximum, `zero` none, and between the two the marks are in proportion."""

    maximum: Decimal
    full: Decimal
    zero: Decimal
    places: int

    def check(self) -> None:
        """Raises ValueError for a scale that leads nowhere."""
        check_marks("max", self.maximum)
        check_number("full", self.full)
        check_number("zero", self.zero)
        check_places(self.places)
        if self.full == self.zero:
            raise ValueError(Said("full and zero are both {full}; they say how a result becomes marks", full=self.full))

    @property
    def is_low_better(self) -> bool:
        return self.full < self.zero

    def scored(self, result: Decimal | None, results: Sequence[Decimal | None], steps: Sequence[Step], ignored: dict[str, Text]) -> Score:
        """clamp((zero - result) / (zero - full)) · max. A DNF is a result, and worth nothing."""
        used = {"results": shown(results)}
        if result is None:
            opinion = Opinion(Doubt.INFO, Said("did not finish"), "dnf", None, DNF)
            return Score(Decimal(0), self.maximum, (*steps, Step(Said("the result"), DNF)), used, ignored, (opinion,))
        share = (Fraction(self.zero) - Fraction(result)) / (Fraction(self.zero) - Fraction(self.full))
        marks = rounded(min(Fraction(1), max(Fraction(0), share)) * Fraction(self.maximum), self.places, self.maximum)
        words = Said(
            "({zero} - {result}) / ({zero} - {full}), from 0 to 1, × {max}", zero=self.zero, result=result, full=self.full, max=self.maximum
        )
        return Score(marks, self.maximum, (*steps, Step(words, Said("{marks}", marks=marks))), used, ignored)
