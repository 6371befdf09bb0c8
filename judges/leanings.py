"""How much higher each referee's marks are than those of all: least squares over the works that several marked, in whole numbers.

A mark is taken for what the work is worth plus what its referee adds (two-way additive model; Yates 1934). What a referee adds is their
leaning, in parts per million (ppm) of the highest mark: the sum of the squares of what is left over is the least there can be, and the mean
leaning over all marks is 0. Its normal equations are solved exactly (fraction-free elimination of Bareiss 1968), so that every machine
finds the same. Refuses referees whom no chain of shared works connects: whose contestants were better, nobody can tell then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from contest_server.core.judging import PPM, MissingEvidence, Panel, Said
from judges.exact import half_up
from judges.referees import together

LEANING_PLACES = 3
"""Leanings are rounded to a thousandth of a ppm: far below what a mark is rounded to."""
REFEREES_MAX = 100
"""Of so many the equations are solved in about a second."""
CORRECTED_MIN, CORRECTED_MAX = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Leanings:
    """What each referee adds to a mark, in ppm of the highest mark and as a `share` of it, and how many marks of shared works that follows
    from.
    """

    ppm: Mapping[str, Fraction]
    share: Mapping[str, Fraction]
    marks: Mapping[str, int]

    def correction(self, panel: Panel) -> Fraction:
        """By how much the panel's result changes as a share of its maximum, if nobody leant. Raises MissingEvidence: it has no result."""
        given = [Fraction(mark.share_ppm, PPM) for mark in panel.marks]
        level = [
            min(max(share - self.share[mark.referee], CORRECTED_MIN), CORRECTED_MAX) for share, mark in zip(given, panel.marks, strict=True)
        ]
        return _share_of(panel, level) - _share_of(panel, given)


def _share_of(panel: Panel, shares: Sequence[Fraction]) -> Fraction:
    return sum(shares, Fraction(0)) / len(shares) if panel.share_of is None else panel.share_of(shares)


def leanings_of(panels: Sequence[Panel]) -> Leanings:
    """The leaning of everybody who gave a mark.

    Raises:
        MissingEvidence: nobody marked, too many did, or no chain of shared works connects all of them.
    """
    works = [{mark.referee: mark.share_ppm for mark in panel.marks} for panel in panels if panel.marks]
    referees = sorted({referee for work in works for referee in work})
    if not referees:
        raise MissingEvidence(Said("no referee has given a mark"))
    if len(referees) > REFEREES_MAX:
        raise MissingEvidence(Said("{count} referees gave marks; at most {most} can be compared", count=len(referees), most=REFEREES_MAX))
    shared = [work for work in works if len(work) > 1]
    _check_connected(referees, shared)
    found = dict(zip(referees, [*_solved(*_equations(referees, shared)), Fraction(0)], strict=True))
    marks = {referee: sum(referee in work for work in shared) for referee in referees}
    given = {referee: sum(referee in work for work in works) for referee in referees}
    mean = sum((found[referee] * count for referee, count in given.items()), Fraction(0)) / sum(given.values())
    ppm = {referee: Fraction(half_up(each - mean, LEANING_PLACES)) for referee, each in found.items()}
    return Leanings(ppm, {referee: each / PPM for referee, each in ppm.items()}, marks)


def _check_connected(referees: Sequence[str], works: Sequence[Mapping[str, int]]) -> None:
    """Raises MissingEvidence where there are several groups."""
    some, *others = _groups(referees, works)
    if others:
        raise MissingEvidence(
            Said(
                "these referees share no contestants with each other, directly or through others: {some}; {others}. "
                "Whether marks differ by the referees or by the contestants cannot be told",
                some=together(some),
                others=together(others[0]),
            )
        )


def _groups(referees: Sequence[str], works: Sequence[Mapping[str, int]]) -> list[list[str]]:
    """The referees whom chains of shared works connect, group by group, in the order of their names."""
    group = {referee: {referee} for referee in referees}
    for work in works:
        first, *others = work
        for other in others:
            if group[first] is not group[other]:
                joined = group[first] | group[other]
                group.update(dict.fromkeys(joined, joined))
    return sorted({id(each): sorted(each) for each in group.values()}.values())


def _equations(referees: Sequence[str], works: Sequence[Mapping[str, int]]) -> tuple[list[list[int]], list[int]]:
    """The normal equations of all but the last referee, whose leaning is 0 here, times the least multiple of the sizes of works."""
    place = {referee: number for number, referee in enumerate(referees)}
    common, size = lcm(*(len(work) for work in works)), len(referees)
    left, right = [[0] * size for _ in referees], [0] * size
    for work in works:
        weight, total = common // len(work), sum(work.values())
        for referee, share_ppm in work.items():
            row = left[place[referee]]
            row[place[referee]] += common
            right[place[referee]] += common * share_ppm - weight * total
            for other in work:
                row[place[other]] -= weight
    return [row[:-1] for row in left[:-1]], right[:-1]


def _solved(left: list[list[int]], right: list[int]) -> Iterator[Fraction]:
    """The exact solution. `left` is symmetric and positive definite: no pivot is 0."""
    rows = [[*row, value] for row, value in zip(left, right, strict=True)]
    before = 1
    for place, pivot in enumerate(rows):
        for row in rows[place + 1 :]:
            factor = row[place]
            row[place:] = [
                (pivot[place] * value - factor * above) // before for value, above in zip(row[place:], pivot[place:], strict=True)
            ]
        before = pivot[place]
    found = [0] * len(rows)
    for place in reversed(range(len(rows))):
        row = rows[place]
        known = sum(row[other] * found[other] for other in range(place + 1, len(rows)))
        found[place] = (before * row[-1] - known) // row[place]
    yield from (Fraction(each, before) for each in found)
