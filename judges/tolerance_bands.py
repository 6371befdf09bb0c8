"""A reading against its nominal value, in steps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from contest_server.core.judging import API_VERSION, ZERO, Evidence, Said, Score, Step, Wanted, truth
from judges.exact import check_marks, check_number, overwritten, plain
from judges.tolerance import Distance, Unit, check_unit, read_distance


@dataclass(frozen=True, slots=True)
class Band:
    """`within`, the ± around the nominal value, and `share`, the part of the marks it earns (0 to 1)."""

    within: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class ToleranceBands:
    """Give the share of the first band that the reading lies in, 0 beyond the last (A3). Percentages are multiplied across, not divided.

    A reading beyond all bands that would lie in one with its decimal point moved by one or two places is a question.

    max: the marks for a reading in the best band of share 1
    field: the field of the evidence that holds the reading
    nominal: what the reading should be
    bands: from the narrowest to the widest, each {within, share}; shares must not grow
    unit: "absolute" takes `within` in the unit of the reading, "percent" as a percentage of the nominal value
    inclusive: whether a reading exactly on an edge still lies within
    uncertainty: the instrument's ± in the unit of the reading; a reading that close to an edge is a question for the referee
    uncertainty_field: a field of the evidence with the instrument's own ±; the larger of the two holds
    """

    rule: ClassVar[str] = "tolerance_bands"
    catalogue: ClassVar[str] = "A3"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    field: str
    nominal: Decimal
    bands: tuple[Band, ...]
    unit: Unit = "absolute"
    inclusive: bool = True
    uncertainty: Decimal = ZERO
    uncertainty_field: str = ""

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_number("nominal", self.nominal)
        check_marks("uncertainty", self.uncertainty)
        check_unit(self.nominal, self.unit)
        if not self.bands:
            raise ValueError(Said("bands is empty; at least one {{within, share}} is needed"))
        for band in self.bands:
            check_marks("within", band.within)
            check_marks("share", band.share, high=Decimal(1))
        for narrow, wide in pairwise(self.bands):
            if narrow.within >= wide.within or narrow.share < wide.share:
                raise ValueError(
                    Said(
                        "band ±{wide} after ±{narrow}: bands go from narrow to wide, and shares must not grow",
                        wide=wide.within,
                        narrow=narrow.within,
                    )
                )

    def wanted(self) -> tuple[Wanted, ...]:
        own = (Wanted(self.uncertainty_field, low=ZERO),) if self.uncertainty_field else ()
        return (Wanted(self.field), *own)

    def score(self, evidence: Evidence) -> Score:
        distance = read_distance(evidence, self.field, self.nominal, self.unit, self.uncertainty, self.uncertainty_field)
        steps = [Step(Said("|{reading} - {nominal}|", reading=distance.reading, nominal=self.nominal), Said("{size}", size=distance.size))]
        share = self._share(distance, steps)
        marks = share * self.max
        steps.append(Step(Said("{share} × {max}", share=share, max=self.max), Said("{marks}", marks=marks)))
        near = [opinion for band in self.bands if (opinion := distance.near(band.within))]
        opinions = [*near, *distance.slips(self.bands[-1].within)]
        used = {self.field: plain(distance.reading), "nominal": plain(self.nominal)} | distance.used
        return Score(marks, self.max, tuple(steps), used, overwritten(evidence, self.field), tuple(opinions))

    def _share(self, distance: Distance, steps: list[Step]) -> Decimal:
        sign = "<=" if self.inclusive else "<"
        for band in self.bands:
            edge: Fraction = distance.edge(band.within)
            holds = distance.size < edge or (self.inclusive and distance.size == edge)
            steps.append(
                Step(Said("{size} {sign} {words}", size=distance.size, sign=sign, words=distance.words(band.within)), truth(holds))
            )
            if holds:
                return band.share
        return ZERO
