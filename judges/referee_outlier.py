"""Single marks that are far from the rest of their panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import ClassVar

from contest_server.core.facts import ContestantId
from contest_server.core.judging import API_VERSION, Doubt, Finding, Opinion, Panel, PanelMark, Said, Survey
from judges.exact import check_number
from judges.referees import check_share, in_ppm, name_of, percent, tallies, usual_ppm
from judges.robust import SIGMA_OF_MEAN

AROUND = 5
"""A referee's own severity is that on so many contestants before and after; where there are not as many in all, it is not known."""
STEPS = Fraction(8, 5)
"""On a scale of few steps the next mark is no outlier: an aspect's own step is the least distance between two marks that were given."""


@dataclass(frozen=True, slots=True)
class RefereeOutlier:
    """Ask about a mark that is far from the median of the panel's other marks (leave one out), even for this referee (F).

    r = (mark - median of the others) - the referee's mean distance on the five contestants before and after, as a share of the highest
    mark. Asked about the largest |r| of a
    panel, where it is at least `gap`, `sigmas` times 1.2533 · the mean distance of all marks, which is their standard deviation, and 1.6
    steps of the aspect's scale. A referee who is severe all along is another question (referee_severity).

    gap: how far a mark may always be from the others, as a share of the highest mark
    sigmas: how many standard deviations of all marks it may be away
    least: how many marks there must be in all before anybody is asked
    """

    rule: ClassVar[str] = "referee_outlier"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    gap: Decimal = Decimal("0.25")
    sigmas: Decimal = Decimal(5)
    least: int = 60

    def __post_init__(self) -> None:
        check_share("gap", self.gap)
        check_number("sigmas", self.sigmas, low=Decimal(1), high=Decimal(100))
        if self.least < 3:
            raise ValueError(Said("least is {least}; it counts marks from 3", least=self.least))

    def survey(self, board: Survey) -> Sequence[Finding]:
        found = board.once(tallies)
        if sum(tally.count for tally in found.values()) < self.least:
            return []
        limit = max(in_ppm(self.gap), Fraction(self.sigmas) * SIGMA_OF_MEAN * usual_ppm(found))
        return list(self._findings(board, board.once(own_severity), limit))

    def _findings(self, board: Survey, own: Mapping[tuple[str, ContestantId], int], usual: Fraction) -> Iterator[Finding]:
        least = int(usual) - max(map(abs, own.values()), default=0)
        steps = board.once(steps_ppm)
        for panel in board.panels:
            limit = max(usual, STEPS * steps[panel.stage, panel.aspect])
            suspects = [mark for mark in panel.marks if mark.gap_ppm is not None and abs(mark.gap_ppm) >= least]
            named = [(abs((mark.gap_ppm or 0) - own[name_of(board, panel, mark), panel.contestant]), mark) for mark in suspects]
            size, mark = max(named, key=lambda each: (each[0], each[1].referee), default=(0, None))
            if mark is not None and size >= limit:
                yield _finding(name_of(board, panel, mark), panel, mark, limit)


def steps_ppm(board: Survey) -> Mapping[tuple[str, str], int]:
    """The least distance between two marks that were given to each aspect, in ppm; 0 where all are the same."""
    given: dict[tuple[str, str], set[int]] = {}
    for panel in board.panels:
        given.setdefault((panel.stage, panel.aspect), set()).update(mark.share_ppm for mark in panel.marks)
    return {aspect: min((later - earlier for earlier, later in pairwise(sorted(shares))), default=0) for aspect, shares in given.items()}


def own_severity(board: Survey) -> Mapping[tuple[str, ContestantId], int]:
    """Each referee's mean distance, in ppm, on the contestants around each one: a referee may be severe, and may change over the day."""
    found = {}
    for name, tally in board.once(tallies).items():
        order = tally.in_time()
        sums = [0, *accumulate(leaning for _, leaning in order)]
        for place, (contestant, leaning) in enumerate(order):
            low, high = max(0, place - AROUND), min(len(order), place + AROUND + 1)
            others = high - low - 1
            found[name, contestant] = (sums[high] - sums[low] - leaning) // others if others >= AROUND else 0
    return found


def _finding(referee: str, panel: Panel, mark: PanelMark, limit: Fraction) -> Finding:
    gap = mark.gap_ppm or 0
    way = Said("below") if gap < 0 else Said("above")
    detail = Said(
        "{referee} gave {mark} of the highest mark, {gap} {way} the median of the others; up to {limit} is usual",
        referee=referee,
        mark=percent(mark.share_ppm),
        gap=percent(abs(gap)),
        way=way,
        limit=percent(limit),
    )
    advice = Said("Ask {referee} whether the mark was meant, and look at the work again.", referee=referee)
    opinion = Opinion(Doubt.QUESTIONABLE, detail, "referee_outlier", percent(limit), percent(gap), suggestion=advice)
    return Finding(opinion, f"aspect {panel.aspect}, referee {referee}", panel.contestant, panel.stage)
