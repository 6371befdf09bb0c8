"""Referees who grow severe, or lenient, as the day goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Doubt, Finding, Opinion, Said, Survey
from judges.exact import check_number
from judges.referees import Leaning, Tally, check_share, in_ppm, percent, worst_first
from judges.robust import trend_size

NOISE = 2
"""A change counts from this many times the distance on that a single mark usually has from its panel."""


@dataclass(frozen=True, slots=True)
class SeverityDrift:
    """Ask about a referee whose severity changes over the day (F).

    x are a referee's mean distances from the panels' other marks, one a contestant, in the order of time (see referee_severity). A straight
    line is laid through them (least squares over their places). Asked where it rises or falls from the first to the last by at least
    `change` and twice the mean distance of all other referees' marks, and t of its slope is at least `t`. (Differential rater functioning
    over time, after Wolfe, Moulder & Myford 2001.) The worst is found first, and the others are measured again without them.

    change: how far a referee's severity may move from the first to the last contestant, as a share of the highest mark
    t: how many standard errors the slope has to be from nothing
    least: on how many contestants a referee must have given marks
    """

    rule: ClassVar[str] = "severity_drift"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    change: Decimal = Decimal("0.1")
    t: Decimal = Decimal(5)
    least: int = 20

    def __post_init__(self) -> None:
        check_share("change", self.change)
        check_number("t", self.t, low=Decimal(1), high=Decimal(100))
        if self.least < 4:
            raise ValueError(Said("least is {least}; a slope with its error needs at least 4 contestants", least=self.least))

    def survey(self, board: Survey) -> Sequence[Finding]:
        return [self._finding(each) for each in worst_first(board, self._measure)]

    def _measure(self, tally: Tally, usual_ppm: Fraction) -> Leaning | None:
        if len(tally.by_contestant) < self.least:
            return None
        leanings, limit = tally.leanings(), max(in_ppm(self.change), NOISE * usual_ppm)
        size = trend_size(leanings)
        return Leaning(tally.referee, size, limit, len(leanings)) if size.exceeds(limit, Fraction(self.t) ** 2) else None

    def _finding(self, each: Leaning) -> Finding:
        way = Said("severer") if each.size.effect < 0 else Said("more lenient")
        detail = Said(
            "{referee} grew {way} over {count} contestants, by {effect} of the highest mark; up to {limit} is usual",
            referee=each.referee,
            way=way,
            count=each.count,
            effect=percent(abs(each.size.effect)),
            limit=percent(each.limit_ppm),
        )
        advice = Said(
            "Compare the first and the last works that {referee} marked; let the referee rest or be relieved.", referee=each.referee
        )
        opinion = Opinion(
            Doubt.QUESTIONABLE, detail, "severity_drift", percent(each.limit_ppm), percent(each.size.effect), suggestion=advice
        )
        return Finding(opinion, f"referee {each.referee}")
