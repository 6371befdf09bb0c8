"""An amount of money against its reference, in bands of percent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar

from contest_server.core.judging import API_VERSION, ZERO, Evidence, Said, Score, Step, Wanted, truth
from judges.exact import check_marks, check_number, overwritten, plain
from judges.tolerance import Distance, read_distance


@dataclass(frozen=True, slots=True)
class AmountShare:
    """`percent`, the ± around the reference, and `share`, the part of the marks it earns (0 to 1)."""

    percent: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class AmountBand:
    """Give the share of the first band that the amount lies in, 0 beyond the last; an edge belongs to its band (A14).

    An amount beyond all bands that would lie in one with its decimal point moved by one or two places is a question.

    max: the marks for an amount in the best band of share 1
    field: the field of the evidence with the amount
    reference: what the amount should be
    bands: from the narrowest to the widest, each {percent, share}; shares must not grow
    near: an amount that close to an edge is a question for the referee (0: none is)
    """

    rule: ClassVar[str] = "amount_band"
    catalogue: ClassVar[str] = "A14"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    field: str
    reference: Decimal
    bands: tuple[AmountShare, ...]
    near: Decimal = ZERO

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_number("reference", self.reference)
        check_marks("near", self.near)
        if self.reference <= 0:
            raise ValueError(Said("reference is {reference}; bands of percent need an amount above 0", reference=self.reference))
        if not self.bands:
            raise ValueError(Said("bands is empty; at least one {{percent, share}} is needed"))
        for band in self.bands:
            check_marks("percent", band.percent)
            check_marks("share", band.share, high=Decimal(1))
        for narrow, wide in pairwise(self.bands):
            if narrow.percent >= wide.percent or narrow.share < wide.share:
                raise ValueError(
                    Said(
                        "band {wide} % after {narrow} %: bands go from narrow to wide, shares must not grow",
                        wide=wide.percent,
                        narrow=narrow.percent,
                    )
                )

    def wanted(self) -> tuple[Wanted, ...]:
        return (Wanted(self.field),)

    def score(self, evidence: Evidence) -> Score:
        distance = read_distance(evidence, self.field, self.reference, "percent", self.near, "")
        steps = [
            Step(Said("|{reading} - {reference}|", reading=distance.reading, reference=self.reference), Said("{size}", size=distance.size))
        ]
        share = self._share(distance, steps)
        marks = share * self.max
        steps.append(Step(Said("{share} × {max}", share=share, max=self.max), Said("{marks}", marks=marks)))
        opinions = [opinion for band in self.bands if (opinion := distance.near(band.percent))]
        used = {self.field: plain(distance.reading), "reference": plain(self.reference)}
        return Score(
            marks, self.max, tuple(steps), used, overwritten(evidence, self.field), (*opinions, *distance.slips(self.bands[-1].percent))
        )

    def _share(self, distance: Distance, steps: list[Step]) -> Decimal:
        for band in self.bands:
            holds = distance.size <= distance.edge(band.percent)
            steps.append(Step(Said("{size} <= {words}", size=distance.size, words=distance.words(band.percent)), truth(holds)))
            if holds:
                return band.share
        return ZERO
