"""What a stage costs in marks and time."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.judging import CellView, Charge
from judges.attempts_penalty import AttemptsPenalty
from judges.penalty_time import PenaltyTime
from judges.retry import Retry
from tests.judges.cases import attempt, cell, made, refusal, violation

OUTCOMES = st.sampled_from(["accepted", "rejected", "free", "pending", None])


def tried(outcomes: list[str]) -> CellView:
    return cell(*(attempt(f"a{number}", outcome, number) for number, outcome in enumerate(outcomes)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcomes", "expected_ms"),
    [
        (["accepted"], 0),
        (["rejected", "accepted"], 1_200_000),
        (["rejected", "rejected", "accepted", "rejected"], 2_400_000),
        (["free", "rejected", "free", "accepted"], 1_200_000),
        (["rejected", "rejected"], 0),
        (["rejected", "pending"], 0),
        ([], 0),
    ],
)
def test_rejected_attempts_before_the_first_accepted_one_cost_b12(outcomes: list[str], expected_ms: int) -> None:
    assert made(AttemptsPenalty).charge(tried(outcomes)).time_ms == expected_ms


def test_an_attempt_may_cost_marks() -> None:
    charge = made(AttemptsPenalty, seconds=0, marks="0.5").charge(tried(["rejected", "rejected", "accepted"]))
    assert (charge.marks, charge.time_ms) == (Decimal(1), 0)
    assert [(step.what, step.result) for step in charge.steps] == [("2 rejected × 0.5", "-1")]


@given(outcomes=st.lists(OUTCOMES, max_size=8), after=st.lists(OUTCOMES, max_size=4))
def test_what_comes_after_the_clear_costs_nothing(outcomes: list[str], after: list[str]) -> None:
    cleared = [*outcomes, "accepted"]
    for judge in (made(AttemptsPenalty), made(Retry, cost_s=30, cost_marks="1")):
        assert judge.charge(tried(cleared)) == judge.charge(tried([*cleared, *after]))


def test_a_time_with_faults_is_shown_as_a_sum_a23() -> None:
    judge = made(PenaltyTime, penalties=[{"code": "touch", "seconds": 5}, {"code": "drop", "seconds": "0.5"}])
    done = attempt(time_ms=200_000, start_ms=7_582)
    charge = judge.charge(
        cell(done, violations=[violation("touch", 1), violation("drop", 2), violation("touch", 3), violation("other", 4)])
    )
    assert charge.time_ms == 10_500
    assert [(step.what, step.result) for step in charge.steps] == [
        ("touch: 2 × 5 s", "10 s"),
        ("drop: 1 × 0.5 s", "0.5 s"),
        ("192.418 s + 10.5 s", "202.918 s"),
    ]


def test_the_shown_time_may_be_contest_time() -> None:
    done = attempt(time_ms=200_000, start_ms=7_582)
    contest = made(PenaltyTime, penalties=[{"code": "touch", "seconds": 5}], of="contest").charge(
        cell(done, violations=[violation("touch")])
    )
    assert contest.steps[-1].what == "200 s + 5 s"
    unstarted = made(PenaltyTime, penalties=[{"code": "touch", "seconds": 5}]).charge(cell(attempt(time_ms=200_000)))
    assert unstarted.steps[-1].what == "200 s + 0 s"


def test_faults_without_a_clear_cost_nothing_yet() -> None:
    judge = made(PenaltyTime, penalties=[{"code": "touch", "seconds": 5}])
    assert judge.charge(cell(attempt(outcome="rejected"), violations=[violation("touch")])) == Charge()


@given(codes=st.lists(st.sampled_from(["touch", "drop", "other"]), max_size=8), seed=st.integers(0, 99))
def test_the_order_of_faults_decides_nothing(codes: list[str], seed: int) -> None:
    judge = made(PenaltyTime, penalties=[{"code": "touch", "seconds": 5}, {"code": "drop", "seconds": 2}])
    violations = [violation(code, seq) for seq, code in enumerate(codes)]
    shuffled = random.Random(seed).sample(violations, len(violations))
    charge = judge.charge(cell(attempt(), violations=violations))
    assert charge == judge.charge(cell(attempt(), violations=shuffled))
    assert charge.time_ms == codes.count("touch") * 5_000 + codes.count("drop") * 2_000


@pytest.mark.parametrize(
    ("outcomes", "retries"), [(["accepted"], 0), (["rejected", "accepted"], 1), (["rejected", "free", "rejected"], 1), ([], 0)]
)
def test_each_retry_costs_b2(outcomes: list[str], retries: int) -> None:
    charge = made(Retry, cost_marks="2", cost_s=30).charge(tried(outcomes))
    assert (charge.marks, charge.time_ms) == (Decimal(2 * retries), 30_000 * retries)
    assert bool(charge.steps) == bool(retries)


def test_impossible_costs_are_refused_in_words() -> None:
    assert "must not be below 0" in refusal(AttemptsPenalty, seconds=-1)
    assert "whole milliseconds" in refusal(AttemptsPenalty, seconds=Decimal("0.0005"))
    assert "touch more than once" in refusal(PenaltyTime, penalties=[{"code": "touch", "seconds": 1}] * 2)
    assert "limits nothing and costs nothing" in refusal(Retry)
