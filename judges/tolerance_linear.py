"""A reading against its nominal value, without steps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from contest_server.core.judging import API_VERSION, ZERO, Evidence, Said, Score, Step, Wanted
from judges.exact import check_marks, check_number, check_places, overwritten, plain, rounded
from judges.tolerance import Unit, check_unit, read_distance


@dataclass(frozen=True, slots=True)
class ToleranceLinear:
    """Let the marks fall in a straight line from `full` to `zero`: clamp((zero - d) / (zero - full)) · max (A4).

    A reading beyond `zero` that would lie within with its decimal point moved by one or two places is a question.

    max: the marks for a reading within `full`
    field: the field of the evidence that holds the reading
    nominal: what the reading should be
    full: the distance up to which all marks are given
    zero: the distance from which none are given; more than `full`
    unit: "absolute" takes distances in the unit of the reading, "percent" as a percentage of the nominal value
    places: decimal places the marks are rounded to, halves up
    uncertainty: the instrument's ± in the unit of the reading; a reading that close to `zero` is a question for the referee
    uncertainty_field: a field of the evidence with the instrument's own ±; the larger of the two holds
    """

    rule: ClassVar[str] = "tolerance_linear"
    catalogue: ClassVar[str] = "A4"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    field: str
    nominal: Decimal
    full: Decimal
    zero: Decimal
    unit: Unit = "absolute"
    places: int = 4
    uncertainty: Decimal = ZERO
    uncertainty_field: str = ""

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_number("nominal", self.nominal)
        check_marks("full", self.full)
        check_marks("zero", self.zero)
        check_marks("uncertainty", self.uncertainty)
        check_places(self.places)
        check_unit(self.nominal, self.unit)
        if self.full >= self.zero:
            raise ValueError(Said("full is {full} and zero is {zero}; zero must be the larger distance", full=self.full, zero=self.zero))

    def wanted(self) -> tuple[Wanted, ...]:
        own = (Wanted(self.uncertainty_field, low=ZERO),) if self.uncertainty_field else ()
        return (Wanted(self.field), *own)

    def score(self, evidence: Evidence) -> Score:
        distance = read_distance(evidence, self.field, self.nominal, self.unit, self.uncertainty, self.uncertainty_field)
        full, zero = distance.edge(self.full), distance.edge(self.zero)
        share = max(Fraction(0), min(Fraction(1), (zero - distance.size) / (zero - full)))
        marks = rounded(share * Fraction(self.max), self.places, self.max)
        steps = (
            Step(Said("|{reading} - {nominal}|", reading=distance.reading, nominal=self.nominal), Said("{size}", size=distance.size)),
            Step(
                Said("({zero} - {size}) / ({zero} - {full}), held between 0 and 1", zero=zero, size=distance.size, full=full),
                Said("{share}", share=share),
            ),
            Step(
                Said("{share} × {max}, rounded half up to {places} places", share=share, max=self.max, places=self.places),
                Said("{marks}", marks=marks),
            ),
        )
        edge = distance.near(self.zero)
        opinions = (*((edge,) if edge else ()), *distance.slips(self.zero))
        used = {self.field: plain(distance.reading), "nominal": plain(self.nominal)} | distance.used
        return Score(marks, self.max, steps, used, overwritten(evidence, self.field), opinions)
