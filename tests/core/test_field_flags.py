"""The questions about a stage are flags, made once: there may be one for everybody who cleared it."""

from __future__ import annotations

import pytest

from contest_server.core import field_flags as made
from contest_server.core.contest import Contest
from contest_server.core.contest_flags import field_flags
from contest_server.core.facts import StageId
from contest_server.core.flags import flag_of
from tests.contests import adopted, document, entries, event, fold

FAST = StageId("fast")
TIMED = {"id": "fast", "aspects": [{"id": "time", "rule": "relative_time", "max": 10}]}


def raced() -> Contest:
    """Two who cleared a stage, of whom nobody saw the start."""
    return fold([adopted(document(stages=[TIMED])), event(1, stage="fast", at_s=5), event(2, contestant="B1", stage="fast", at_s=9)])


def keys(contest: Contest) -> list[str]:
    return [flag.key for flag in field_flags(contest, FAST)]


def anew(contest: Contest) -> list[str]:
    """The same of a field that was never asked."""
    asked = contest.fields[FAST]._ask(contest.fields[FAST]._field())
    return [flag_of(opinion, rule.name, who, FAST, "award").key for rule, who, opinion in asked]


def test_while_nothing_moves_flags_are_made_once_and_then_anew() -> None:
    contest = raced()
    found = field_flags(contest, FAST)
    assert found
    assert all(one is other for one, other in zip(found, field_flags(contest, FAST), strict=True))
    assert keys(contest) == anew(contest)
    for entry in entries([event(3, contestant="A2", stage="fast", at_s=30)], after=contest.position):
        contest.advance(entry)
    contest.settle()
    assert keys(contest) == anew(contest)
    assert len(keys(contest)) > len(found)


def test_what_is_asked_aside_comes_with_its_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes it on the loop makes none of them there."""
    field = raced().fields[FAST]
    ask = field.to_ask()
    assert ask is not None
    asked = ask()

    def on_the_loop(*_: object) -> None:
        raise AssertionError("a flag was made where the questions are taken")

    monkeypatch.setattr(made, "flag_of", on_the_loop)
    assert len(asked.flags) == len(asked) > 0
