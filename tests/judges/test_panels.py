"""Panels of referees: complete or not judged, exact means, and a question where a mark stands apart."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import force_setattr

from contest_server.core.facts import ContestantId
from contest_server.core.judging import Field, GivenMark, MissingEvidence, Score
from judges.judgement_0_3 import Judgement03
from judges.max_deviation import MaxDeviation
from judges.middle_k import MiddleK
from judges.trimmed_mean import TrimmedMean
from tests.judges.cases import attempt, codes, evidence, made, marks, refusal, result, stage

MARKS = st.lists(st.decimals(0, 100, places=2), min_size=3, max_size=9)


def panel(*given: Any) -> dict[str, Any]:
    return {"panel": [{"referee": f"R{number}", "mark": mark} for number, mark in enumerate(given, start=1)]}


def judged(judge: Any, *given: Any) -> Score:
    found = judge.score(evidence(panel(*given)))
    assert isinstance(found, Score)
    return found


@pytest.mark.parametrize(
    ("given_marks", "maximum", "expected"),
    [
        ((2, 2, 3), "1.5", "1.1667"),  # 7/3 / 3 · 1.5 = 7/6
        ((1, 2, 2), "1.5", ".8333"),  # 5/3 / 3 · 1.5 = 5/6
        ((3, 3, 3), "1.5", "1.5"),
        ((0, 0, 0), "4", "0"),
        ((0, 1, 1), "9", "2"),  # 2/3 / 3 · 9
        ((1, 2, 3, 3), "6", "4.5"),  # 9/4 / 3 · 6
    ],
)
def test_judgement_vectors_a7(given_marks: tuple[int, ...], maximum: str, expected: str) -> None:
    judge = made(Judgement03, max=maximum, field="panel")
    assert marks(judged(judge, *given_marks)) == Decimal(expected)
    assert marks(judge.score(evidence({"panel": list(given_marks)}))) == Decimal(expected), "plain marks are a panel, too"


def test_a_spread_above_the_allowed_one_is_asked_about_and_counts() -> None:
    judge = made(Judgement03, max="3", field="panel")
    assert codes(judged(judge, 1, 2, 2).opinions) == []
    found = judged(judge, 1, 3, 2)
    [opinion] = found.opinions
    assert (opinion.code, opinion.threshold, opinion.seen, found.marks) == ("spread_too_wide", 1, 2, Decimal(2))
    assert codes(judged(made(Judgement03, max="3", field="panel", spread=2), 1, 3, 2).opinions) == []


@pytest.mark.parametrize(("spread", "asked"), [(None, False), ("24.9", True), ("25", False)])
@pytest.mark.parametrize("judge", [TrimmedMean, MiddleK, MaxDeviation])
def test_any_panel_may_have_an_allowed_spread(judge: Any, spread: str | None, asked: bool) -> None:
    more = {"deviation": 100} if judge is MaxDeviation else {}
    found = judged(made(judge, max=100, field="panel", spread=spread, **more), 88, 90, 91, 95, 70)
    assert codes(found.opinions) == (["spread_too_wide"] if asked else []), "the marks that are dropped count for it"
    if asked:
        [opinion] = found.opinions
        assert (opinion.threshold, opinion.seen) == ("24.9", "25")
        assert "R5 and R4" in opinion.suggestion


@pytest.mark.parametrize("judge", [Judgement03, TrimmedMean, MiddleK, MaxDeviation])
def test_a_panel_tells_surveys_the_marks_that_name_their_referee(judge: Any) -> None:
    scorer = made(judge, max=3, field="panel", **({"deviation": 1} if judge is MaxDeviation else {}))
    rows = [{"referee": "R1", "mark": "3"}, {"referee": "R2", "mark": 0, "at_ms": 1_000}, {"referee": "R3", "mark": "9"}, {"mark": 2}, 1]
    assert scorer.marks_given({"panel": rows}) == [GivenMark("R1", Fraction(1)), GivenMark("R2", Fraction(0), 1_000)]
    with pytest.raises(MissingEvidence):
        scorer.marks_given({})


@pytest.mark.parametrize(
    ("given_marks", "parameters", "expected"),
    [
        ((88, 90, 91, 95, 70), {"drop": 1, "places": 3}, "89.667"),  # (88 + 90 + 91) / 3
        ((88, 90, 91, 95, 70), {"drop": 2}, "90"),
        ((88, 90, 91, 95, 70), {"drop": 0}, "86.8"),  # 434 / 5
        ((80, 80, 80), {"drop": 1}, "80"),
        ((6, 7, 8, 9, 10), {"drop": 1, "out_of": 10}, "80"),  # (7 + 8 + 9) / 3 = 8 of 10
    ],
)
def test_trimmed_mean_vectors_a8(given_marks: tuple[int, ...], parameters: dict[str, Any], expected: str) -> None:
    assert marks(judged(made(TrimmedMean, max=100, field="panel", **parameters), *given_marks)) == Decimal(expected)


@pytest.mark.parametrize(
    ("given_marks", "k", "expected"),
    [
        (("8.1", "8.4", "8.3", "8.6", "9.5", "7.0", "8.2"), 3, "8.3"),  # 8.2 8.3 8.4
        (("8.1", "8.4", "8.3", "8.6", "9.5", "7.0", "8.2"), 5, "8.32"),  # 8.1 8.2 8.3 8.4 8.6 = 41.6 / 5
        (("8.1", "8.4", "8.3", "8.6", "9.5", "7.0", "8.2"), 1, "8.3"),
        (("9", "7", "8"), 3, "8"),
        (("9", "7", "8", "6"), 2, "7.5"),
    ],
)
def test_middle_k_vectors_a9(given_marks: tuple[str, ...], k: int, expected: str) -> None:
    assert marks(judged(made(MiddleK, max=10, field="panel", k=k), *given_marks)) == Decimal(expected)


@pytest.mark.parametrize(
    ("given_marks", "deviation", "expected", "pulled"),
    [
        (("9.92", "9.96", "9.95"), "0.02", "9.9467", 1),  # 9.93 + 9.96 + 9.95 = 29.84, / 3
        (("9.90", "10", "9.95"), "0.02", "9.95", 2),  # 9.93 + 9.97 + 9.95 = 29.85
        (("9.93", "9.95", "9.97"), "0.02", "9.95", 0),  # exactly as far as allowed
        (("1", "5", "9"), "0", "5", 2),
        (("1", "4", "5", "6", "9"), "1", "5", 2),  # 4 4 5 6 6
    ],
)
def test_max_deviation_vectors_a10(given_marks: tuple[str, ...], deviation: str, expected: str, pulled: int) -> None:
    found = judged(made(MaxDeviation, max=10, field="panel", deviation=deviation), *given_marks)
    assert marks(found) == Decimal(expected)
    assert codes(found.opinions) == ["mark_pulled"] * pulled


JUDGES = [
    made(Judgement03, max=3, field="panel"),
    made(TrimmedMean, max=100, field="panel"),
    made(MiddleK, max=100, field="panel"),
    made(MaxDeviation, max=100, field="panel", deviation=1),
]
every_judge = pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge.rule)


@every_judge
@pytest.mark.parametrize("bad", [None, "", "n/a", "NaN", "1e999", True, -1, 101, [], {}])
def test_one_missing_mark_leaves_the_aspect_unjudged(judge: Any, bad: Any) -> None:
    for data in (panel(2, bad, 2), {"panel": [2, bad, 2]}):
        with pytest.raises(MissingEvidence, match="panel"):
            judge.score(evidence(data))


@every_judge
def test_what_is_no_panel_is_not_judged(judge: Any) -> None:
    twice = [{"referee": "R1", "mark": 2}, {"referee": "R1", "mark": 2}, {"referee": "R2", "mark": 2}]
    wrong: list[dict[str, Any]] = [{}, {"panel": "2 2 2"}, {"panel": []}, {"panel": [2, 2]}, {"panel": twice}, {"panel": [2] * 51}]
    for data in wrong:
        with pytest.raises(MissingEvidence):
            judge.score(evidence(data))


@every_judge
@given(seed=st.integers(0, 99), given_marks=st.lists(st.integers(0, 3), min_size=3, max_size=3))
def test_the_order_of_the_marks_decides_nothing(judge: Any, seed: int, given_marks: list[int]) -> None:
    rows = panel(*given_marks)["panel"]
    shuffled = random.Random(seed).sample(rows, len(rows))
    assert judge.score(evidence({"panel": rows})) == judge.score(evidence({"panel": shuffled}))


@given(given_marks=MARKS)
def test_every_mean_lies_between_the_lowest_and_the_highest_mark(given_marks: list[Decimal]) -> None:
    for judge in (made(TrimmedMean, max=100, field="panel", drop=1), made(MaxDeviation, max=100, field="panel", deviation=5)):
        if len(given_marks) % 2:
            assert min(given_marks) <= marks(judged(judge, *map(str, given_marks))) <= max(given_marks)


@given(given_marks=MARKS)
def test_a_deviation_without_limit_pulls_nothing(given_marks: list[Decimal]) -> None:
    if len(given_marks) % 2:
        found = judged(made(MaxDeviation, max=100, field="panel", deviation=100, places=6), *map(str, given_marks))
        exact = sum(map(Fraction, given_marks), Fraction(0)) / len(given_marks)
        assert abs(Fraction(marks(found)) - exact) <= Fraction(1, 2_000_000)
        assert not found.opinions


def test_a_middle_that_cannot_be_taken_is_not_judged() -> None:
    with pytest.raises(MissingEvidence, match="the middle 3 of 4"):
        judged(made(MiddleK, max=10, field="panel"), 7, 8, 9, 10)


def test_a_referee_whose_marks_are_always_dropped_is_asked_about() -> None:
    judge = made(TrimmedMean, max=10, field="panel", often=2)
    severe, usual = panel(1, 8, 9, 9, 8), panel(8, 9, 9, 7, 8)

    def field(*data: dict[str, Any]) -> Field:
        where = stage()
        cells = {}
        for number, each in enumerate(data, start=1):
            cell = result(where, clear_ms=number)
            force_setattr(cell, "deciding", attempt("a", data=each))
            cells[ContestantId(f"c{number}")] = cell
        return Field(where, [(number, ContestantId(f"c{number}")) for number in range(1, len(data) + 1)], None, cells)

    assert judge.question(field(severe, severe)) == {}
    found = judge.question(field(severe, severe, severe))
    assert [codes(opinions) for opinions in found.values()] == [["referee_dropped_often", "referee_dropped_often"]], (
        "R1 always lowest, R4 highest"
    )
    assert judge.question(field(usual, {}, severe)) == {}


def test_impossible_panels_are_refused_in_words() -> None:
    assert "at least 3" in refusal(Judgement03, max=3, field="p", referees=2)
    assert "at least one must be left" in refusal(TrimmedMean, max=3, field="p", drop=2, least=4)
    assert "at least one mark counts" in refusal(MiddleK, max=3, field="p", k=0)
    assert "it must be odd" in refusal(MaxDeviation, max=3, field="p", deviation=1, referees=4)
    assert "must not be below 0" in refusal(MaxDeviation, max=3, field="p", deviation=-1)
