"""Whom a simulated venue lets begin: who has passed what the stage waits for, as the real judges see it. Others rarely slip through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contest_server.core.bench import Bench
from contest_server.core.clock import ContestClock
from contest_server.core.definition import ContestantDef
from contest_server.core.facts import ContestantId, Entry, Event, VenueId
from contest_server.core.office import Office
from contest_server.core.rulebook import Rulebook, StageRules
from contest_server.core.sheet import Sheet
from contest_server.demo.dice import Dice

SLIPS_THROUGH = 0.02
"""Of those whom a venue should not let begin."""


class Gatekeeper:
    """One contestant's progress, judged as it happens."""

    def __init__(self, book: Rulebook, who: ContestantDef) -> None:
        clock = ContestClock()
        clock.plan(book.definition.contest.starts, book.definition.contest.minutes)
        self._bench = Bench(book, clock, Office())
        self._sheet = Sheet(ContestantId(who.id), VenueId(who.venue or ""), guest=False)
        self._marked: set[str] = set()

    def take(self, stage: StageRules, events: Sequence[Event]) -> None:
        """What happened at a stage. What referees still have to mark counts as passed: nobody waits for that."""
        for position, event in enumerate(events, start=1):
            self._sheet.file(Entry(position, event.at_us, "simulation", event), event)
        self._sheet.settle(self._bench)
        if stage.marked:
            self._marked.add(stage.view.id)

    def lets_begin(self, stage: StageRules, dice: Dice) -> bool:
        """Whether what the stage waits for is passed."""
        waits_for = _waits_for(stage)
        passed = {name for name, cell in self._sheet.cells.items() if cell.state == "cleared" and cell.passed} | self._marked
        own = stage.view.id
        all_ = all(passed >= {each for each in judge.stages if each != own} for judge in waits_for)
        any_ = all(not judge.any_of or passed & set(judge.any_of) or own in judge.any_of for judge in waits_for)
        return (all_ and any_) or dice.chance(SLIPS_THROUGH)


def waits_anywhere(book: Rulebook) -> bool:
    """Whether any stage waits for another one."""
    return any(_waits_for(stage) for stage in book.stages.values())


def _waits_for(stage: StageRules) -> list[Any]:
    """The judges that name what has to be passed before."""
    return [rule.judge for rule in stage.gates if hasattr(rule.judge, "stages") and hasattr(rule.judge, "any_of")]
