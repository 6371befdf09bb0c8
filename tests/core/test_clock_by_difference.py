"""When the contest's clock moves, only work that is later than that is judged again, and nothing is missed by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.facts import Clock, Event, Fact, Scope
from contest_server.core.judging import API_VERSION, Evidence, Score
from tests.contests import CUP, JUDGES, START_US, adopted, clock, document, entries, event, fold, standing
from tests.strategies import DICE, histories, in_some_order

ACTIONS = ("start", "pause", "resume", "extend", "end")
CLOCKS = st.lists(st.builds(clock, st.sampled_from(ACTIONS), st.integers(-5, 12), st.sampled_from([0, -7_195_000, 60_000])), max_size=6)
"""What is taken off or added makes the two hours of the contest end in the midst of the work, or not."""


LATER: Any = replace(
    adopted(document(version=2, stages=[{"id": "quiz", "points": 7}, {"id": "final", "points": 9}])),
    scope=Scope(from_us=START_US + 4_000_000),
)
"""Rules that hold for what was decided from the fourth second on."""


@given(histories(), CLOCKS, DICE, st.booleans())
def test_the_board_and_the_questions_are_those_of_judging_everything_again(
    history: dict[str, list[Event]], clocks: list[Clock], dice: Random, rejudged: bool
) -> None:
    facts = list[Fact](in_some_order(history, dice))
    for each in [*clocks, *([LATER] if rejudged else [])]:
        facts.insert(dice.randint(0, len(facts)), each)
    contest = Contest(CUP, JUDGES)
    for entry in entries([adopted(), *facts]):
        contest.advance(entry)
        contest.settle()
        if isinstance(entry.fact, Clock):
            found = standing(contest), flags_of(contest)
            for sheet in contest.sheets.values():
                contest._judge_again(sheet.contestant, None)
            contest.settle()
            assert found == (standing(contest), flags_of(contest))


ASKED: list[str] = []


@dataclass(frozen=True, slots=True)
class Counted:
    """One mark, and a note of whom it was asked about."""

    rule: ClassVar[str] = "counted"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal

    def score(self, evidence: Evidence) -> Score:
        ASKED.append(evidence.attempt.contestant)
        return Score(Decimal(1), Decimal(1))


def asked_again(*acts: Clock) -> Sequence[str]:
    """Whose work is judged again when the clock moves: A1's is of the tenth second, B1's of the hundredth."""
    aspects = [{"id": "all", "rule": "counted", "max": 1}]
    work = [event(1, at_s=10), event(2, contestant="B1", at_s=100)]
    contest = fold(
        [adopted(document(stages=[{"id": "quiz", "aspects": aspects}])), clock("start", 0), *work], {**JUDGES, "counted": Counted}
    )
    ASKED.clear()
    for entry in entries(acts, after=contest.position):
        contest.advance(entry)
        contest.settle()
    return list(ASKED)


@pytest.mark.parametrize(
    ("acts", "whose"),
    [
        ([clock("pause", 200)], []),
        ([clock("pause", 200), clock("resume", 300)], []),
        ([clock("pause", 50)], ["B1"]),
        ([clock("pause", 50), clock("resume", 150)], ["B1"]),
        ([clock("pause", 5)], ["A1", "B1"]),
        ([clock("extend", 200, 60_000)], []),
        ([clock("end", 200)], []),
        ([clock("start", 1)], ["A1", "B1"]),
    ],
)
def test_only_work_that_is_later_is_judged_again(acts: list[Clock], whose: list[str]) -> None:
    assert asked_again(*acts) == whose
