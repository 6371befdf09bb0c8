"""The questions that are asked in every contest. A doubt never changes a mark."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from contest_server.core.judging import AspectView, Doubt
from contest_server.words import in_both
from judges.catalogue import built_in
from judges.clock import Clock
from judges.duplicate import Duplicate
from judges.late import Late
from judges.pace import Pace
from judges.sequence import Sequence
from tests.judges.cases import attempt, made, record, refusal, result, stage

A, B = stage("a", 0), stage("b", 1)


def code(judge: Any, about: Any, *cells: Any) -> str | None:
    opinion = judge.doubt(about, record(*cells))
    if opinion is None:
        return None
    assert opinion.doubt is Doubt.QUESTIONABLE
    return str(opinion.code)


@pytest.mark.parametrize(("gap_ms", "expected"), [(0, "too_fast"), (999, "too_fast"), (1_000, None), (-999, "too_fast"), (-1_000, None)])
def test_two_clears_too_close_together(gap_ms: int, expected: str | None) -> None:
    first, second = result(A, 60_000), result(B, 60_000 + gap_ms)
    assert code(made(Pace), second.deciding, first, second) == expected
    assert code(made(Pace), first.deciding, first, second) == expected


def test_the_nearest_clear_decides_on_whichever_side_it_is() -> None:
    cells = [result(A, 60_000), result(B, 60_500), result(stage("c", 2), 90_000), result(stage("d", 3), 10_000)]
    assert code(made(Pace), cells[0].deciding, *cells) == "too_fast"
    assert code(made(Pace), cells[1].deciding, *cells) == "too_fast"
    assert code(made(Pace), cells[2].deciding, *cells) is None


def test_one_clear_is_not_close_to_itself_and_rejected_attempts_are_not_clears() -> None:
    first = result(A, 60_000)
    assert code(made(Pace), first.deciding, first) is None
    assert code(made(Pace), attempt("x", "rejected", 60_000, at="b"), first) is None


def test_faster_than_physically_possible() -> None:
    judge = made(Pace, minimums=[{"stage": "a", "elapsed_ms": 30_000}])
    assert code(judge, attempt(time_ms=39_999, start_ms=10_000, at="a")) == "implausibly_fast"
    assert code(judge, attempt(time_ms=40_000, start_ms=10_000, at="a")) is None
    assert code(judge, attempt(time_ms=39_999, start_ms=10_000, at="b")) is None
    assert code(judge, attempt(time_ms=39_999, at="a")) is None, "without a start nobody knows"
    assert list(judge.faults([B])) == ["pace: 'a' is not a stage; stages are b"]


def test_events_that_tell_no_story() -> None:
    assert code(made(Sequence), attempt(time_ms=5, start_ms=6)) == "ended_before_start"
    assert code(made(Sequence), attempt(time_ms=6, start_ms=6)) is None
    assert code(made(Sequence), attempt(in_order=False)) == "events_out_of_order"
    assert code(made(Sequence), attempt(outcome=None, in_order=False)) is None
    assert code(made(Sequence), attempt()) is None
    assert code(made(Sequence, require_start=True), attempt()) == "start_missing"


def test_a_second_clear_of_a_cleared_stage() -> None:
    first = result(A, 60_000)
    assert code(made(Duplicate), attempt("later", time_ms=90_000, at="a"), first) == "duplicate"
    assert code(made(Duplicate), first.deciding, first) is None
    assert code(made(Duplicate), attempt("later", "rejected", 90_000, at="a"), first) is None
    assert code(made(Duplicate), attempt("later", time_ms=90_000, at="b"), first) is None
    assert code(made(Duplicate), attempt("early", time_ms=30_000, at="a"), first) is None, "not admitted: that rule says why"
    assert code(made(Duplicate), attempt("A", time_ms=60_000, at="a"), first) == "duplicate", (
        "in one ms a name does not tell which came first"
    )


@pytest.mark.parametrize("rule", ["average_of_5", "best_of", "mean_of_3", "top_and_zone"])
def test_further_attempts_are_no_question_where_a_rule_looks_at_several(rule: str) -> None:
    several = result(stage("a", aspects=(AspectView("time", rule, Decimal(10)),)), 60_000)
    assert code(made(Duplicate), attempt("later", time_ms=90_000, at="a"), several) is None
    assert code(made(Duplicate, several=["another_rule"]), attempt("later", time_ms=90_000, at="a"), several) == "duplicate"


def test_every_scorer_that_looks_at_several_attempts_is_known_as_one() -> None:
    scorers = [judge for judge in built_in() if hasattr(judge, "score")]
    looking = {judge.rule for judge in scorers if {"results_of", "counted"} & set(judge.score.__code__.co_names)}
    assert looking == set(made(Duplicate).several)


@pytest.mark.parametrize(("late_ms", "expected"), [(120_000, None), (120_001, "late")])
def test_what_took_long_to_arrive(late_ms: int, expected: str | None) -> None:
    assert code(made(Late), attempt(late_ms=late_ms)) == expected


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ({"offset_ms": 500}, None),
        ({"offset_ms": 501}, "clock_offset"),
        ({"offset_ms": -501}, "clock_offset"),
        ({"offset_ms": 900, "corrected": True}, "clock_offset"),
        ({"offset_ms": 0, "error_ms": 501}, "clock_error"),
        ({"error_ms": 500}, None),
        ({}, None),
    ],
)
def test_clocks_that_are_off(clock: dict[str, Any], expected: str | None) -> None:
    assert code(made(Clock), attempt(**clock)) == expected


@pytest.mark.parametrize(
    ("clock", "zh", "en"),
    [
        ({"offset_ms": 47_000}, "设备时钟偏差 +47.000 秒（未修正）", "the device's clock was +47.000 s off (not corrected)"),
        ({"error_ms": 1_030}, "设备时钟只知道在 ±1.030 秒以内", "the device's clock is known to ±1.030 s only"),
    ],
)
def test_how_far_a_clock_is_off_is_told_in_seconds(clock: dict[str, Any], zh: str, en: str) -> None:
    asked = made(Clock).doubt(attempt(**clock), record())
    assert asked is not None
    assert in_both(asked.detail) == {"zh": zh, "en": en}


def test_impossible_limits_are_refused_in_words() -> None:
    for judge, parameters in ((Pace, {"floor_ms": -1}), (Late, {"late_after_ms": -1}), (Clock, {"max_offset_ms": -1})):
        assert "not below 0" in refusal(judge, **parameters)
    assert "a more than once" in refusal(Pace, minimums=[{"stage": "a", "elapsed_ms": 1}] * 2)
