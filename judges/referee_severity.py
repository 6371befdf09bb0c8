"""Referees whose marks are lower, or higher, than those of their panels, all along."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from contest_server.core.facts import StageId
from contest_server.core.judging import API_VERSION, Doubt, Finding, Opinion, Said, Survey
from judges.exact import check_number
from judges.referees import Leaning, Tally, check_share, in_ppm, name_of, percent, worst_first
from judges.robust import mean_size


@dataclass(frozen=True, slots=True)
class RefereeSeverity:
    """Ask about a referee who is severe or lenient over all stages, against the median of the panel's other marks (F).

    g = mark - median of the others in the panel, as a share of the highest mark; the mean of g on each contestant is one observation x.
    Asked where |mean x| is at least `gap` and the mean |g| of all other referees, how far a single mark usually is from its panel, and
    Student's t = mean x / (s / √n) is at least `t`. The worst is found first, and the others are measured again without them. (The
    severity of many-facet rating models, Linacre 1989, estimated by leaving one out; nobody's marks are adjusted.)

    gap: how far a referee's average may be from the panels, as a share of the highest mark
    t: how many standard errors it has to be from nothing
    least: on how many contestants a referee must have given marks
    """

    rule: ClassVar[str] = "referee_severity"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    gap: Decimal = Decimal("0.07")
    t: Decimal = Decimal(5)
    least: int = 10

    def __post_init__(self) -> None:
        check_share("gap", self.gap)
        check_number("t", self.t, low=Decimal(1), high=Decimal(100))
        if self.least < 3:
            raise ValueError(Said("least is {least}; a mean with its error needs at least 3 contestants", least=self.least))

    def survey(self, board: Survey) -> Sequence[Finding]:
        return [self._finding(each) for each in self.apart(board)]

    def apart(self, board: Survey) -> Iterator[Leaning]:
        """The referees who are severe or lenient, the worst one first."""
        return worst_first(board, self._measure)

    def _measure(self, tally: Tally, usual_ppm: Fraction) -> Leaning | None:
        if len(tally.by_contestant) < self.least:
            return None
        leanings, limit = tally.leanings(), max(in_ppm(self.gap), usual_ppm)
        size = mean_size(leanings)
        return Leaning(tally.referee, size, limit, len(leanings)) if size.exceeds(limit, Fraction(self.t) ** 2) else None

    def _finding(self, each: Leaning) -> Finding:
        is_severe = each.size.effect < 0
        detail = Said(
            "{referee} is {word}: on average {effect} of the highest mark {way} the panel's other marks, on {count} contestants; "
            "up to {limit} is usual",
            referee=each.referee,
            word=Said("severe") if is_severe else Said("lenient"),
            effect=percent(abs(each.size.effect)),
            way=Said("below") if is_severe else Said("above"),
            count=each.count,
            limit=percent(each.limit_ppm),
        )
        advice = Said(
            "Compare a few works that {referee} marked with the panel, and decide whether they are marked again.", referee=each.referee
        )
        opinion = Opinion(
            Doubt.QUESTIONABLE, detail, "referee_severity", percent(each.limit_ppm), percent(each.size.effect), suggestion=advice
        )
        return Finding(opinion, f"referee {each.referee}")


def marked_apart(board: Survey) -> Collection[StageId]:
    """The stages where a referee gave marks who is severe or lenient by the usual limits."""
    apart = {each.referee for each in RefereeSeverity().apart(board)}
    if not apart:
        return ()
    return {panel.stage for panel in board.panels if any(name_of(board, panel, mark) in apart for mark in panel.marks)}
