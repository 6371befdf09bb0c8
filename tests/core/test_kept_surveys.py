"""The questions about a contest as a whole are reckoned once, and anew as soon as a row, the rules or the officials change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of, keep_survey
from contest_server.core.flags import Flag
from contest_server.core.judging import API_VERSION, Doubt, Finding, Opinion, Survey
from tests.contests import JUDGES, adopted, document, entries, event, fold

ASKED: list[int] = []


@dataclass(frozen=True, slots=True)
class Clears:
    """A survey that asks about how often anybody cleared anything, and counts how often it was asked."""

    rule: ClassVar[str] = "clears"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    def survey(self, board: Survey) -> Sequence[Finding]:
        count = sum(len(each.record.cleared) for each in board.contenders)
        ASKED.append(count)
        return [Finding(Opinion(Doubt.INFO, f"{count} clears", code="clears"), "contest")]


def contest() -> Contest:
    ASKED.clear()
    return fold([adopted(document(doubts=[{"rule": "clears"}])), event(1)], {**JUDGES, "clears": Clears})


def asked(found: Contest) -> list[str]:
    return [str(flag.detail) for flag in flags_of(found) if flag.code == "clears"]


def goes_on(found: Contest) -> None:
    [entry] = entries([event(2, contestant="A2", at_s=30)], after=found.position)
    found.advance(entry)
    found.settle()


def test_a_survey_is_reckoned_once_and_anew_once_a_row_changed() -> None:
    found = contest()
    assert [asked(found), asked(found)] == [["1 clears"]] * 2
    goes_on(found)
    assert asked(found) == ["2 clears"]
    assert ASKED == [1, 2]


def test_what_a_survey_of_an_earlier_state_found_is_not_kept() -> None:
    found = contest()
    moves, bench = found.moves, found.bench
    assert bench is not None
    goes_on(found)
    assert asked(found) == ["2 clears"]
    keep_survey(found, moves, bench, [Flag("clears", "info", "clears", None, None, "contest", "what was true before")])
    assert (asked(found), ASKED) == (["2 clears"], [2]), "what is kept of now stays"
    keep_survey(found, found.moves, bench, [Flag("clears", "info", "clears", None, None, "contest", "reckoned aside")])
    assert asked(found) == ["reckoned aside"]
