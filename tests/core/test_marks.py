"""Marks that referees give alone become evidence only when they are complete, and then as the rule reads it."""

from __future__ import annotations

import pytest

from contest_server.core.acts import Marked
from contest_server.core.contest_flags import flags_of
from contest_server.core.facts import Fact
from contest_server.core.ids import ActId, AttemptId, ContestantId, OfficialId, StageId
from tests.contests import START_US, Json, adopted, document, event, fold, mark

CLEAR = event(1, at_s=10, stage="wiring", data={"mohm": "2"})


def entered(official: str, value: str, aspect: str = "labels", at_s: int = 20) -> Marked:
    name, at_us = ActId(f"{official}-{aspect}-{at_s}"), START_US + at_s * 1_000_000
    return Marked(name, at_us, OfficialId(official), StageId("wiring"), aspect, value, ContestantId("A1"), AttemptId("1"))


def twice(**aspect: object) -> Json:
    changed = document()
    changed["stages"][0]["aspects"].append({"id": "labels", "max": 2, "field": "labels", "double_entry": True, **aspect})
    return changed


def points(*facts: Fact, **aspect: object) -> str:
    return str(mark(fold([adopted(twice(**aspect)), CLEAR, *facts]), stage="wiring").points)


def test_a_yes_that_two_persons_entered_is_a_yes() -> None:
    without = points(rule="check")
    assert points(entered("R1", "true"), rule="check") == without, "one entry is none"
    assert points(entered("R1", "true"), entered("R1", "true", at_s=30), rule="check") == without, "nobody agrees with themselves"
    both = points(entered("R1", "true"), entered("R2", "true"), rule="check")
    assert float(both) == float(points(entered("R1", "false"), entered("R2", "false"), rule="check")) + 2


def test_two_entries_agree_as_numbers_and_a_third_person_settles_a_difference() -> None:
    aspect = {"rule": "threshold", "limit": "1"}
    agreed = points(entered("R1", "2.40"), entered("R2", "2.4"), **aspect)
    differ = fold([adopted(twice(**aspect)), CLEAR, entered("R1", "2.4"), entered("R2", "4.2")])
    assert "double_entry_mismatch" in {flag.code for flag in flags_of(differ) if flag.severity == "block"}
    assert points(entered("R1", "2.4"), entered("R2", "4.2"), entered("R3", "2.4"), **aspect) == agreed


@pytest.mark.parametrize("other", ["２.4", "٢.4"])
def test_entries_in_other_digits_agree_as_the_numbers_that_they_are_and_are_judged(other: str) -> None:
    """A Chinese keyboard types full-width digits, which look like the others; whichever of the two came last."""
    aspect = {"rule": "threshold", "limit": "1"}
    agreed = points(entered("R1", "2.4"), entered("R2", "2.4"), **aspect)
    assert points(entered("R1", "2.4"), entered("R2", other, at_s=30), **aspect) == agreed
    assert points(entered("R1", other), entered("R2", "2.4", at_s=30), **aspect) == agreed
