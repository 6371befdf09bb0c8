"""A draft is checked as a definition is; besides, what is odd is told, and sums are there while there are faults."""

from __future__ import annotations

from typing import Any

import pytest

from contest_server.builder.beginnings import beginnings
from contest_server.builder.checking import check, totals_of
from contest_server.core.definition_reading import digest_of, ledger_document, read_definition
from tests.contests import JUDGES, document


def aspect(**told: Any) -> list[dict[str, Any]]:
    """Stages with one aspect."""
    return [{"id": "s", "aspects": [{"id": "a", "max": 5, **told}]}]


def waiting(stage: str, other: str) -> dict[str, Any]:
    return {"id": stage, "rules": [{"rule": "opens_after", "stages": [other]}]}


GOOD: dict[str, Any] = beginnings()[0]["draft"]


def codes(draft: Any) -> list[tuple[str, str]]:
    return [(each["where"], each["code"]) for each in check(draft, JUDGES).warnings]


def changed(**tables: Any) -> dict[str, Any]:
    return {**GOOD, **tables}


def test_the_contests_to_begin_from_are_sound() -> None:
    for each in beginnings():
        found = check(each["draft"], JUDGES)
        assert (found.faults, [one["code"] for one in found.warnings if one["code"] != "no_tie_time"]) == ([], []), each["id"]


def test_the_digest_is_that_of_the_adopted_definition() -> None:
    assert check(document(), JUDGES).digest == digest_of(ledger_document(read_definition(document())))


@pytest.mark.parametrize(
    ("draft", "where", "code"),
    [
        (changed(contest={"id": "a b", "name": "x"}), "contest.id", "bad_id"),
        (changed(contest={"id": "a"}), "contest.name", "missing"),
        (changed(contest={"id": "a", "name": "x", "minutes": 0}), "contest.minutes", "too_small"),
        (changed(contest={"id": "a", "name": "x", "starts": "2026-01-01T09:00:00"}), "contest.starts", "no_zone"),
        (changed(contest={"id": "a", "name": "x", "freeze_minutes": 5}), "contest.freeze_minutes", "freeze_without_end"),
        (changed(contest={"id": "a", "name": "x", "minuets": 5}), "contest.minuets", "unknown_key"),
        (changed(venues=[]), "venues", "too_few"),
        (changed(contestants=[{"id": "A", "venue": "nowhere"}]), "contestants[0].venue", "unknown_venue"),
        (changed(stages=[{"id": "s", "points": 5, "pass_marks": 9}]), "stages[0].pass_marks", "cannot_pass"),
        (changed(stages=aspect(rule="thresold")), "stages[0].aspects[0].rule", "unknown_rule"),
        (changed(stages=aspect(rule="retry")), "stages[0].aspects[0].rule", "wrong_place"),
        (
            changed(stages=aspect(rule="threshold", field="x", limit="much")),
            "stages[0].aspects[0].limit",
            "not_a_number",
        ),
        (
            changed(stages=aspect(rule="checklist", items=[{"field": "x", "marks": 4}])),
            "stages[0].aspects[0]",
            "bad_option",
        ),
        (changed(ranking=[{"by": "beauty"}]), "ranking[0].by", "unknown_measure"),
        (changed(clock={"max_offset_ms": -1}), "clock.max_offset_ms", "too_small"),
        (changed(clock={"correct": "maybe"}), "clock.correct", "not_yes_or_no"),
        (changed(clock={"late_after_s": "long"}), "clock.late_after_s", "not_a_number"),
        (changed(doubts_defaults={"off": ["a b"]}), "doubts_defaults.off[0]", "bad_id"),
        (changed(criteria=[{"id": "A", "marks": 1}, {"id": "A", "marks": "much"}]), "criteria[1].marks", "not_a_number"),
        (changed(criteria=[{"id": "A", "marks": 1}, {"id": "A", "marks": 1}]), "criteria[1].id", "duplicate_id"),
        (changed(criteria=[{"id": "A", "marks": 1}], total={"rule": "sum"}), "total.criteria", "unknown_option"),
        (changed(contestants=[{"id": "A", "venue": "east"}, {"id": "A", "venue": "east"}]), "contestants[1].id", "duplicate_id"),
        (
            changed(stages=[waiting("a", "b"), waiting("b", "a")]),
            "stages[0].rules",
            "never_opens",
        ),
        ([], "document", "document"),
    ],
)
def test_a_fault_points_at_its_field_in_both_languages(draft: Any, where: str, code: str) -> None:
    faults = check(draft, JUDGES).faults
    fault = next((each for each in faults if each["where"] == where), None)
    assert fault is not None, faults
    assert fault["code"] == code, fault
    assert fault["message"]["zh"] != fault["message"]["en"]


@pytest.mark.parametrize(
    ("draft", "where", "code"),
    [
        (changed(stages=[{"id": "s", "points": 40}]), "stages", "total_not_100"),
        (changed(stages=[{"id": "s"}, {"id": "t", "points": 99}]), "stages[0]", "no_aspects"),
        (changed(stages=[{"id": "s", "points": 0}, {"id": "t", "points": 100}]), "stages[0]", "worthless_stage"),
        (changed(contestants=[]), "contestants", "no_contestants"),
        (changed(contestants=[{"id": "A", "venue": "east"}]), "venues[1]", "empty_venue"),
        (changed(officials=[{"id": "R1"}]), "officials", "no_chief"),
        (changed(ranking=[{"by": "points"}]), "ranking", "no_tie_time"),
        (changed(contest={"id": "a", "name": "x"}), "contest.minutes", "no_minutes"),
        (
            changed(contestants=[{"id": "A", "venue": "east", "name": "Li"}, {"id": "B", "venue": "west", "name": "Li"}]),
            "contestants[1].name",
            "same_name",
        ),
    ],
)
def test_what_is_odd_is_a_warning_and_no_fault(draft: Any, where: str, code: str) -> None:
    assert check(draft, JUDGES).faults == []
    assert (where, code) in codes(draft)
    assert (where, code) not in codes(GOOD)


def test_sums_are_there_whatever_is_wrong() -> None:
    draft = changed(
        contest={}, stages=[*GOOD["stages"], {"id": "x", "points": "much"}, {"aspects": [{"max": "2.5", "abilities": ["a"]}, 7]}, 3]
    )
    found = totals_of(draft)
    assert (found["points"], found["contestants"], found["venues"]) == ("102.5", 4, {"east": 2, "west": 2})
    assert [each["points"] for each in found["stages"]] == ["20", "40", "40", "0", "2.5"]
    assert found["abilities"] == {"a": "2.5"}
    assert totals_of({})["points"] == "0"
