"""Marks that fall with attempts and violations, and marks for being early."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.judging import Evidence, MissingEvidence, Score
from judges.attempt_decay import AttemptDecay
from judges.deduction_ledger import DeductionLedger
from judges.time_bonus import TimeBonus
from tests.judges.cases import attempt, cell, codes, evidence, made, marks, refusal, violation

DAMAGE = {"code": "damage", "marks": "5", "disqualify_after": 2}
CODES = ("damage", "no_helmet", "late_tool", "unknown")


def commissioning(rejected: int, free: int = 0) -> Evidence:
    tries = [attempt(f"r{number}", "rejected", number) for number in range(rejected)]
    tries += [attempt(f"f{number}", "free", number) for number in range(free)]
    done = attempt("z", time_ms=60_000)
    return Evidence(done, cell(*tries, done))


def decay(**more: object) -> AttemptDecay:
    return made(AttemptDecay, **{"max": "4", "table": ["4", "2", "1"], **more})


@pytest.mark.parametrize(("rejected", "expected"), [(0, 4), (1, 2), (2, 1), (3, 1), (30, 1)])
def test_first_power_up_that_works_a6(rejected: int, expected: int) -> None:
    score = decay().score(commissioning(rejected))
    assert marks(score) == expected
    assert codes(score.opinions) == (["too_many_attempts"] if rejected >= 3 else [])


def test_free_attempts_cost_nothing() -> None:
    assert marks(decay().score(commissioning(0, free=5))) == 4


def test_attempts_that_are_not_counted_are_ignored_with_the_reason() -> None:
    assert decay().score(commissioning(rejected=1, free=2)).ignored == {"f0": "is free", "f1": "is free"}


def test_more_attempts_than_allowed_ask_a_referee() -> None:
    [opinion] = decay(allowed=1).score(commissioning(1)).opinions
    assert (opinion.threshold, opinion.seen) == (1, 2)


def test_without_success_there_is_nothing_to_judge() -> None:
    tried = attempt("r", "rejected")
    with pytest.raises(MissingEvidence):
        decay().score(Evidence(tried, cell(tried)))


def test_impossible_tables_are_refused_in_words() -> None:
    assert "must not be above 3" in refusal(AttemptDecay, max="3", table=["4"])
    assert "grows" in refusal(AttemptDecay, max="4", table=["1", "2"])
    assert "table is empty" in refusal(AttemptDecay, max="4", table=[])


def deductions(found: list[str], **more: object) -> Score:
    judge = made(
        DeductionLedger, **{"max": "5", "deductions": [DAMAGE, {"code": "no_helmet", "marks": "1", "cap": "2", "stop": True}], **more}
    )
    done = attempt()
    return judge.score(Evidence(done, cell(done, violations=[violation(code, seq) for seq, code in enumerate(found)])))


@pytest.mark.parametrize(
    ("found", "expected"),
    [([], 5), (["damage"], 0), (["damage", "damage"], 0), (["no_helmet"], 4), (["no_helmet"] * 3, 3), (["damage", "no_helmet"], 0)],
)
def test_marks_are_taken_off_and_never_below_zero_a11(found: list[str], expected: int) -> None:
    assert marks(deductions(found)) == expected


def test_a_second_damage_proposes_disqualification_and_a_safety_code_asks_for_a_stop() -> None:
    assert codes(deductions(["damage"]).opinions) == []
    assert codes(deductions(["damage", "damage"]).opinions) == ["propose_disqualification"]
    assert codes(deductions(["no_helmet"]).opinions) == ["safety_stop"]


def test_all_deductions_together_may_be_capped() -> None:
    assert marks(deductions(["damage", "no_helmet"], cap="3")) == 2


def test_a_violation_without_a_price_is_ignored_with_the_reason() -> None:
    score = deductions(["damage", "chatting"])
    assert score.used == {"yongjia/desk#0": "damage"}
    assert score.ignored == {"yongjia/desk#1": "chatting costs nothing here"}


@given(found=st.lists(st.sampled_from(CODES), max_size=8), seed=st.integers(0, 99))
def test_the_order_of_violations_decides_nothing(found: list[str], seed: int) -> None:
    judge = made(DeductionLedger, max="9", deductions=[DAMAGE, {"code": "no_helmet", "marks": "1"}, {"code": "late_tool", "marks": ".5"}])
    violations = [violation(code, seq) for seq, code in enumerate(found)]
    shuffled = random.Random(seed).sample(violations, len(violations))
    done = attempt()
    first, second = (judge.score(Evidence(done, cell(done, violations=each))) for each in (violations, shuffled))
    assert repr(first) == repr(second), "even the order in which the inputs are shown"


@given(found=st.lists(st.sampled_from(CODES), max_size=8), one_more=st.sampled_from(CODES))
def test_one_more_violation_never_helps(found: list[str], one_more: str) -> None:
    assert marks(deductions([*found, one_more])) <= marks(deductions(found))


def test_impossible_ledgers_are_refused_in_words() -> None:
    assert "damage more than once" in refusal(DeductionLedger, max="5", deductions=[DAMAGE, DAMAGE])
    assert "at least one" in refusal(DeductionLedger, max="5", deductions=[])
    assert "counts violations from 1" in refusal(DeductionLedger, max="5", deductions=[{**DAMAGE, "disqualify_after": 0}])
    assert "must not be above 5" in refusal(DeductionLedger, max="5", deductions=[DAMAGE], cap="6")


def bonus(**more: object) -> TimeBonus:
    usual = {"max": "5", "limit_s": 3600, "marks_per_s": ".01", "quality_field": "quality", "quality_min": "60", "of": "contest"}
    return made(TimeBonus, **{**usual, **more})


@pytest.mark.parametrize(
    ("time_s", "quality", "expected"), [(3300, 80, "3.0"), (2900, 80, "5"), (3300, 59, "0"), (3700, 80, "0"), (3300, 60, "3")]
)
def test_time_bonus_a20(time_s: int, quality: int, expected: str) -> None:
    assert marks(bonus().score(evidence({"quality": str(quality)}, time_ms=time_s * 1000))) == Decimal(expected)


def test_elapsed_time_runs_from_the_start_event() -> None:
    judge = bonus(of="elapsed")
    assert marks(judge.score(evidence({"quality": 80}, time_ms=9_300_000, start_ms=6_000_000))) == 3
    with pytest.raises(MissingEvidence, match="no start event"):
        judge.score(evidence({"quality": 80}, time_ms=3_300_000))


@pytest.mark.parametrize("data", [{}, {"quality": "good"}, {"quality": "1e999"}])
@pytest.mark.parametrize("time_ms", [1, 9_999_000])
def test_unknown_quality_is_not_judged(data: dict[str, object], time_ms: int) -> None:
    with pytest.raises(MissingEvidence, match="quality"):
        bonus().score(evidence(data, time_ms=time_ms))


@given(early=st.integers(0, 4_000_000), late=st.integers(0, 4_000_000))
def test_later_never_earns_more(early: int, late: int) -> None:
    early, late = sorted((early, late))
    first, second = (marks(bonus().score(evidence({"quality": 80}, time_ms=time_ms))) for time_ms in (early, late))
    assert first >= second


def test_faster_than_plausible_asks_a_referee() -> None:
    judge = bonus(plausible_s="600")
    assert codes(judge.score(evidence({"quality": 80}, time_ms=599_999)).opinions) == ["implausibly_fast"]
    assert codes(judge.score(evidence({"quality": 80}, time_ms=600_000)).opinions) == []


def test_impossible_bonuses_are_refused_in_words() -> None:
    assert "quality_field names no field" in refusal(TimeBonus, max="5", limit_s=3600, marks_per_s=".01", quality_min="60")
    assert "whole milliseconds" in refusal(TimeBonus, max="5", limit_s="3600.0001", marks_per_s=".01")
