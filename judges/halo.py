"""Referees who give every aspect of a contestant the same mark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from contest_server.core.facts import ContestantId
from contest_server.core.judging import API_VERSION, Doubt, Finding, Opinion, Said, Survey
from judges.referees import check_share, in_ppm, name_of, percent

Aspects = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Halo:
    """Ask about a referee whose marks hardly differ between the aspects of a contestant, while those of the panel do (F).

    The range of a referee on a contestant is the highest less the lowest share over at least `aspects` aspects; the panel's is the mean
    range of the other referees over the same aspects. Asked where the mean of the referee's ranges over at least `least` contestants is at
    most `share` of the mean of the panels', and those are at least `panel_range` of the highest mark. (The halo error of Thorndike 1920, by
    the spread within a ratee as in Saal, Downey & Lahey 1980.)

    share: the part of the panel's range below which a referee is asked
    panel_range: how much the panels' marks must differ between aspects, as a share of the highest mark
    aspects: how many aspects of a contestant a referee must have marked
    least: on how many contestants
    """

    rule: ClassVar[str] = "halo"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    share: Decimal = Decimal("0.25")
    panel_range: Decimal = Decimal("0.05")
    aspects: int = 3
    least: int = 10

    def __post_init__(self) -> None:
        check_share("share", self.share)
        check_share("panel_range", self.panel_range)
        if self.aspects < 2 or self.least < 2:
            raise ValueError(Said("aspects and least are at least 2; one mark cannot differ from itself"))

    def survey(self, board: Survey) -> Sequence[Finding]:
        ranges: dict[str, list[tuple[int, Fraction]]] = {}
        for marks in board.once(marks_by_contestant).values():
            for referee, own, panel in self._ranges(marks):
                ranges.setdefault(referee, []).append((own, panel))
        return [found for referee, each in sorted(ranges.items()) if (found := self._finding(referee, each)) is not None]

    def _ranges(self, marks: Mapping[str, Aspects]) -> Iterator[tuple[str, int, Fraction]]:
        """Each referee's range on this contestant, beside that of the others who marked the same aspects."""
        ranges = {referee: max(own.values()) - min(own.values()) for referee, own in marks.items() if len(own) >= self.aspects}
        for referee, own_range in ranges.items():
            own = marks[referee]
            others = [
                _range(marks[name], own, known) for name, known in ranges.items() if name != referee and own.keys() <= marks[name].keys()
            ]
            if len(others) >= 2:
                yield referee, own_range, Fraction(sum(others), len(others))

    def _finding(self, referee: str, ranges: Sequence[tuple[int, Fraction]]) -> Finding | None:
        count = len(ranges)
        own, panel = Fraction(sum(each for each, _ in ranges), count), sum((each for _, each in ranges), Fraction(0)) / count
        if count < self.least or panel < in_ppm(self.panel_range) or own > Fraction(self.share) * panel:
            return None
        detail = Said(
            "{referee} gives the aspects of a contestant nearly the same mark: over {count} contestants they differ by {own} "
            "of the highest mark on average, those of the panel by {panel}",
            referee=referee,
            count=count,
            own=percent(own),
            panel=percent(panel),
        )
        advice = Said("Ask {referee} to mark each aspect by itself, and have the marks of a few contestants checked.", referee=referee)
        limit = percent(Fraction(self.share) * panel)
        return Finding(Opinion(Doubt.QUESTIONABLE, detail, "halo", limit, percent(own), suggestion=advice), f"referee {referee}")


def marks_by_contestant(board: Survey) -> Mapping[ContestantId, Mapping[str, Aspects]]:
    """Shares in ppm by contestant, referee, and stage with aspect."""
    found: dict[ContestantId, dict[str, dict[tuple[str, str], int]]] = {}
    for panel in board.panels:
        for mark in panel.marks:
            referees = found.setdefault(panel.contestant, {})
            referees.setdefault(name_of(board, panel, mark), {})[panel.stage, panel.aspect] = mark.share_ppm
    return found


def _range(marks: Aspects, aspects: Aspects, known: int) -> int:
    """The range over these aspects; `known` over all that the referee marked."""
    if len(marks) == len(aspects):
        return known
    shares = [marks[aspect] for aspect in aspects]
    return max(shares) - min(shares)
