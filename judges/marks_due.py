"""Marks of a panel that are missing, or came long after the work was handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from contest_server.core.facts import StageId
from contest_server.core.judging import API_VERSION, Doubt, Finding, Opinion, Panel, PanelMark, Said, Survey
from judges.exact import check_time
from judges.referees import name_of, together

PANELS_LEAST = 5
"""How many panels at a venue tell how many referees it has for an aspect."""
USUAL = 80
"""Percent of them that have to agree."""


@dataclass(frozen=True, slots=True)
class MarksDue:
    """Ask about panels that miss a mark which the venue's other panels have, and about marks that came late (F).

    How many marks are due at an aspect, and whose, is what at least 80 % of at least five panels of the venue have. A mark is missing once
    `due_ms` have passed since the work was handed in, reckoned to the latest moment that anything in the contest tells of. (Where the
    definition itself states the panel, the server asks at once.)

    due_ms: how long after the work was handed in a mark may come, in milliseconds
    """

    rule: ClassVar[str] = "marks_due"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    due_ms: int = 600_000

    def __post_init__(self) -> None:
        check_time("due_ms", self.due_ms)

    def survey(self, board: Survey) -> Sequence[Finding]:
        return [*self._missing(board), *self._late(board)]

    def _missing(self, board: Survey) -> Iterator[Finding]:
        stated = {(aspect.stage, aspect.id) for aspect in board.aspects if aspect.panel is not None}
        for panels in _by_desk(board).values():
            if len(panels) < PANELS_LEAST or (panels[0].stage, panels[0].aspect) in stated:
                continue
            size, whose = _usual(board, panels)
            for panel in panels:
                if len(panel.marks) < size and board.latest_ms - panel.at_ms > self.due_ms:
                    yield self._short(board, panel, size, whose)

    def _short(self, board: Survey, panel: Panel, size: int, whose: Sequence[str]) -> Finding:
        there = {name_of(board, panel, mark) for mark in panel.marks}
        missing = [name for name in whose if name not in there]
        detail = Said("{aspect} has {count} marks, {size} are usual here", aspect=panel.aspect, count=len(panel.marks), size=size)
        advice = (
            Said("Ask for the mark of {missing}.", missing=together(missing))
            if missing
            else Said("Ask the panel for the marks that are missing.")
        )
        opinion = Opinion(Doubt.QUESTIONABLE, detail, "missing_mark", size, len(panel.marks), suggestion=advice)
        return Finding(opinion, f"aspect {panel.aspect}", panel.contestant, panel.stage)

    def _late(self, board: Survey) -> Iterator[Finding]:
        """One question a referee and stage: somebody who marks late is late with many."""
        late: dict[tuple[str, StageId], _Late] = {}
        for panel in board.panels:
            for mark in panel.marks:
                if (waited_ms := _waited_ms(panel, mark)) > self.due_ms:
                    late.setdefault((name_of(board, panel, mark), panel.stage), _Late()).take(panel, waited_ms)
        for (referee, stage), each in sorted(late.items()):
            most_ms = max(each.waits_ms)
            detail = Said(
                "{count} marks of {referee} came up to {most_ms:ms} after the work was handed in, on {contestants}; "
                "up to {due_ms:ms} is in time",
                count=len(each.waits_ms),
                referee=referee,
                most_ms=most_ms,
                contestants=together(each.contestants),
                due_ms=self.due_ms,
            )
            advice = Said("Ask {referee} what the marks were given from, so long after the work was seen.", referee=referee)
            opinion = Opinion(Doubt.QUESTIONABLE, detail, "late_mark", self.due_ms, most_ms, suggestion=advice)
            yield Finding(opinion, f"referee {referee}", None, stage)


@dataclass(slots=True)
class _Late:
    waits_ms: list[int] = field(default_factory=list)
    contestants: list[str] = field(default_factory=list)

    def take(self, panel: Panel, waited_ms: int) -> None:
        self.waits_ms.append(waited_ms)
        if panel.contestant not in self.contestants:
            self.contestants.append(panel.contestant)


def _waited_ms(panel: Panel, mark: PanelMark) -> int:
    return 0 if mark.at_ms is None else mark.at_ms - panel.at_ms


def _by_desk(board: Survey) -> Mapping[tuple[str, str, str], Sequence[Panel]]:
    """The panels of each venue for each aspect."""
    found: dict[tuple[str, str, str], list[Panel]] = {}
    for panel in board.panels:
        found.setdefault((panel.venue or "", panel.stage, panel.aspect), []).append(panel)
    return found


def _usual(board: Survey, panels: Sequence[Panel]) -> tuple[int, Sequence[str]]:
    """How many marks nearly all panels have, and whose; 0 where they differ."""
    size, often = max(Counter(len(panel.marks) for panel in panels).items(), key=lambda each: (each[1], each[0]))
    if 100 * often < USUAL * len(panels):
        return 0, ()
    names = Counter(name_of(board, panel, mark) for panel in panels for mark in panel.marks)
    return size, sorted(name for name, count in names.items() if 100 * count >= USUAL * len(panels))
