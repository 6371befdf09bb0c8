"""What referees' marks tell about the referees: each mark against the median of the panel's other marks, gathered by referee.

Distances are in parts per million (ppm) of the highest mark. Marks that name no referee tell nothing about one, and are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from contest_server.core.facts import ContestantId
from contest_server.core.judging import PPM, Panel, PanelMark, Said, Survey, Text, gaps_ppm
from judges.exact import check_number, plain
from judges.robust import Size


@dataclass(slots=True)
class Tally:
    """One referee's distances from the panels. `by_contestant` holds the sum, the count and the moment (ms) of those on each contestant."""

    referee: str
    by_contestant: dict[ContestantId, list[int]] = field(default_factory=dict)
    distance_ppm: int = 0
    count: int = 0

    def take(self, contestant: ContestantId, gap_ppm: int, at_ms: int) -> None:
        known = self.by_contestant.setdefault(contestant, [0, 0, at_ms])
        known[0] += gap_ppm
        known[1] += 1
        known[2] = max(known[2], at_ms)
        self.distance_ppm += abs(gap_ppm)
        self.count += 1

    def in_time(self) -> list[tuple[ContestantId, int]]:
        """The mean distance on each contestant, in ppm, in the order of time."""
        order = sorted(self.by_contestant.items(), key=lambda item: (item[1][2], item[0]))
        return [(contestant, total // count) for contestant, (total, count, _) in order]

    def leanings(self) -> list[int]:
        """The mean distances alone: one for each contestant, because marks on one contestant are no independent observations."""
        return [leaning for _, leaning in self.in_time()]


Tallies = Mapping[str, Tally]


def name_of(board: Survey, panel: Panel, mark: PanelMark) -> str:
    """The referee. A name that several venues use for persons of their own is told with its venue."""
    return f"{panel.venue}/{mark.referee}" if mark.referee in board.shared_names else mark.referee


def tallies(board: Survey) -> Tallies:
    """Every referee's distances from the panels."""
    found: dict[str, Tally] = {}
    for panel in board.panels:
        for mark in panel.marks:
            if mark.gap_ppm is not None:
                _tally(found, name_of(board, panel, mark)).take(panel.contestant, mark.gap_ppm, _moment(panel, mark))
    return found


def tallies_without(board: Survey, referees: Collection[str]) -> Tallies:
    """The same, as if these referees had given no marks: nobody is measured against them."""
    found: dict[str, Tally] = {}
    for panel in board.panels:
        named = [(name, mark) for mark in panel.marks if (name := name_of(board, panel, mark)) not in referees]
        gaps = gaps_ppm([mark.share_ppm for _, mark in named])
        for (name, mark), gap in zip(named, gaps, strict=True):
            if gap is not None:
                _tally(found, name).take(panel.contestant, gap, _moment(panel, mark))
    return found


def _tally(found: dict[str, Tally], name: str) -> Tally:
    known = found.get(name)
    if known is None:
        known = found[name] = Tally(name)
    return known


def _moment(panel: Panel, mark: PanelMark) -> int:
    return panel.at_ms if mark.at_ms is None else mark.at_ms


def usual_ppm(found: Tallies, without: str = "") -> Fraction:
    """How far a mark usually is from the others of its panel: the mean distance of all referees but this one."""
    own = found.get(without, Tally(without))
    count = sum(tally.count for tally in found.values()) - own.count
    return Fraction(sum(tally.distance_ppm for tally in found.values()) - own.distance_ppm, count) if count else Fraction(0)


@dataclass(frozen=True, slots=True)
class Leaning:
    """A referee who stands apart: by how much, what was allowed, and on how many contestants."""

    referee: str
    size: Size
    limit_ppm: Fraction
    count: int


def worst_first(board: Survey, measure: Callable[[Tally, Fraction], Leaning | None]) -> Iterator[Leaning]:
    """The referees that `measure` finds, the worst one first, each time without those found before: who is measured against a severe
    referee looks lenient. `measure` gets a tally and the usual distance of the others.
    """
    found: list[str] = []
    while True:
        marks = tallies_without(board, found) if found else board.once(tallies)
        leaning = [each for name, tally in sorted(marks.items()) if (each := measure(tally, usual_ppm(marks, name))) is not None]
        if not leaning:
            return
        worst = max(leaning, key=lambda each: abs(each.size.effect))
        yield worst
        found.append(worst.referee)


def percent(ppm: Fraction | int) -> str:
    """A share of the highest mark as a referee reads it: 123456 ppm is "12.3 %"."""
    return f"{plain(Fraction(round(Fraction(ppm) * 1_000 / PPM), 10))} %"


def check_share(name: str, value: Decimal) -> None:
    """Hold a share of the highest mark between 0 and 1. Raises ValueError outside."""
    check_number(name, value, low=Decimal(0), high=Decimal(1))


def in_ppm(share: Decimal) -> Fraction:
    return Fraction(share) * PPM


def together(numbers: Sequence[str], most: int = 6) -> Text:
    """Names in a row, the first few and how many more."""
    more = len(numbers) - most
    if more <= 0:
        return Said("{names}", names=list(numbers))
    return Said("{names} and {more} more", names=numbers[:most], more=more)
