"""Judgement on the scale 0 to 3: absent or wrong, below standard, good, excellent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from contest_server.core.judging import API_VERSION, Evidence, GivenMark, MissingEvidence, Said, Score, Step
from judges.exact import check_marks, check_places, overwritten, rounded
from judges.panel import as_used, check_count, marks_in, mean_of, mean_share, panel_of, spread_question

HIGHEST = Decimal(3)


@dataclass(frozen=True, slots=True)
class Judgement03:
    """Give the mean of the referees' marks from 0 to 3 as a share of the marks: mean / 3 · max (A7). One missing mark: not judged.

    max: the marks where every referee gives 3
    field: the field of the evidence with the panel's marks: a list of {referee, mark}, or of marks; whole numbers from 0 to 3
    referees: how many marks are needed
    spread: the distance between the highest and the lowest mark above which the referee is asked
    places: decimal places the marks are rounded to, halves up
    """

    rule: ClassVar[str] = "judgement_0_3"
    catalogue: ClassVar[str] = "A7"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"
    highest: ClassVar[Decimal] = HIGHEST
    whole_marks: ClassVar[bool] = True

    max: Decimal
    field: str
    referees: int = 3
    spread: int = 1
    places: int = 4

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_places(self.places)
        if self.referees < 3:
            raise ValueError(Said("referees is {referees}; a judgement needs at least 3", referees=self.referees))
        if not 0 <= self.spread <= 3:
            raise ValueError(Said("spread is {spread}; it lies between 0 and 3", spread=self.spread))

    def score(self, evidence: Evidence) -> Score:
        panel = panel_of(evidence, self.field, least=self.referees, high=HIGHEST)
        for each in panel:
            if each.mark != each.mark.to_integral_value():
                raise MissingEvidence(
                    Said("{field}: {referee} gave {mark}; marks are 0, 1, 2 or 3", field=self.field, referee=each.referee, mark=each.mark)
                )
        steps: list[Step] = []
        mean = mean_of(panel, steps)
        marks = rounded(mean / 3 * Fraction(self.max), self.places, self.max)
        steps.append(Step(Said("{mean} / 3 × {max}", mean=mean, max=self.max), Said("{marks}", marks=marks)))
        opinions = tuple(spread_question(panel, self.spread))
        return Score(marks, self.max, tuple(steps), as_used(panel), overwritten(evidence, self.field), opinions)

    def marks_given(self, data: Mapping[str, Any]) -> Sequence[GivenMark]:
        return marks_in(self.field, data, HIGHEST)

    def share_of(self, shares: Sequence[Fraction]) -> Fraction:
        check_count(self.field, len(shares), self.referees)
        return mean_share(shares)
