"""Rules that level referees or venues are chosen before marks are seen: what holds since when, and a question where that was late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from contest_server.core.adjusting import adjustments_of
from contest_server.core.auditing import Auditor
from contest_server.core.facts import Fact
from contest_server.core.questions import questions_of
from tests.contests import JUDGES, adopted, document, entries, event, fold

LEVEL = {"rule": "venue_fairness", "adjust": "percentile"}


def told(version: int, *conversions: dict[str, Any]) -> Fact:
    return adopted(document(contest={"version": version}, conversions=list(conversions)))


def late(*facts: Fact) -> list[tuple[Any, ...]]:
    flags = [flag for flag in questions_of(fold(list(facts))) if flag.code == "late_adjustment"]
    assert all(flag.severity == "review" and flag.suggestion for flag in flags)
    return [(flag.rule, flag.subject, flag.threshold, flag.seen) for flag in flags]


START, CLEAR = event(1, "start"), event(2)
ASKED = [("venue_fairness", "conversion 1", 2, 3)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([told(1, LEVEL), CLEAR], []),
        ([told(1), told(2, LEVEL), CLEAR], []),
        ([told(1), START, told(2, LEVEL), CLEAR], []),  # who began has no mark
        ([told(1), CLEAR, told(2, LEVEL)], ASKED),
        ([told(1), event(1, "violation", data={"code": "helmet"}, stage="wiring"), told(2, LEVEL)], ASKED),
        ([told(1, LEVEL), CLEAR, told(2, LEVEL)], []),  # it held all along
        ([told(1, LEVEL), CLEAR, told(2, {"rule": "team"}, LEVEL)], []),  # in another place
        ([told(1, LEVEL), CLEAR, told(2, {**LEVEL, "adjust": "robust700"})], ASKED),  # another scale
        ([told(1, LEVEL), CLEAR, told(2), told(3, LEVEL)], [("venue_fairness", "conversion 1", 2, 4)]),  # taken out, and in again
        ([told(1), CLEAR, told(2, {"rule": "team"}, {"rule": "season_points"}, {"rule": "robust700"})], []),  # levels nobody
        ([told(1), CLEAR, told(2, {"rule": "referee_severity"})], [("referee_severity", "conversion 1", 2, 3)]),
    ],
)
def test_a_scale_that_is_chosen_after_marks_could_be_seen_is_a_question(facts: Sequence[Fact], expected: list[Any]) -> None:
    assert late(*facts) == expected


def test_what_levels_is_told_with_who_enabled_it() -> None:
    [found] = adjustments_of(fold([told(1), told(2, {"rule": "team"}, LEVEL)]))
    assert (found.number, found.rule, found.since.position, found.since.author, found.first_mark) == (2, "venue_fairness", 2, "test", None)
    assert not found.is_late
    assert adjustments_of(fold([told(1)])) == []


def test_the_audit_remarks_on_it_once_where_it_was_adopted() -> None:
    for facts, expected in (
        ([told(1, LEVEL), CLEAR, told(2, LEVEL)], []),
        ([told(1), CLEAR, told(2, LEVEL), told(3, LEVEL)], [(3, "late_adjustment")]),
    ):
        auditor = Auditor(JUDGES)
        for entry in entries(facts):
            auditor.take(entry)
        assert [(each.position, each.code) for each in auditor.findings] == expected
