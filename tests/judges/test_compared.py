"""Aspects whose marks depend on the others: every clear revalues all of them, and the order of arrival decides nothing."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import force_setattr

from contest_server.core.acts import Disqualify, Override
from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.explanation import explain
from contest_server.core.facts import ContestantId, Entry, Finalised, StageId
from contest_server.core.faults import DefinitionError
from contest_server.core.judging import Field
from judges.dynamic_value import DynamicValue
from judges.relative_time import RelativeTime
from tests.contests import adopted, document, event, fold, points
from tests.core.test_rulings import ruling, undo
from tests.judges.cases import attempt, made, refusal, result, stage

PEOPLE = ("A1", "A2", "B1", "B2")


def field(**elapsed_s: int | None) -> Field:
    where, cells = stage(), {}
    for name, seconds in elapsed_s.items():
        cells[ContestantId(name)] = result(where, clear_ms=900_000)
        start_ms = None if seconds is None else 900_000 - seconds * 1000
        force_setattr(cells[ContestantId(name)], "deciding", attempt("a", time_ms=900_000, start_ms=start_ms))
    return Field(where, [], None, cells)


@pytest.mark.parametrize(
    ("elapsed_s", "expected"),
    [
        ({"a": 600, "b": 720, "c": 1200}, {"a": "10", "b": "8.3333", "c": "5"}),  # 10 · 600 / T
        ({"a": 600}, {"a": "10"}),
        ({"a": 300, "b": 300}, {"a": "10", "b": "10"}),
        ({"a": 1, "b": 3}, {"a": "10", "b": "3.3333"}),
        ({"a": 400, "b": None}, {"a": "10", "b": None}),  # without a start nobody knows
        ({"a": 0, "b": 500}, {"a": None, "b": "10"}),  # a time of 0 is no time
        ({}, {}),
    ],
)
def test_relative_time_vectors_a21(elapsed_s: dict[str, int | None], expected: dict[str, str | None]) -> None:
    found = made(RelativeTime, max=10).compare(field(**elapsed_s))
    assert {who: score.marks for who, score in found.items()} == {who: None if m is None else Decimal(m) for who, m in expected.items()}


def test_the_time_of_a_relative_aspect_includes_penalties_unless_it_should_not() -> None:
    slow = field(a=600, b=500)
    force_setattr(slow.cells[ContestantId("b")], "penalty_ms", 300_000)
    assert [score.marks for score in made(RelativeTime, max=10).compare(slow).values()] == [10, Decimal("7.5")]
    assert [score.marks for score in made(RelativeTime, max=10, penalties=False).compare(slow).values()] == [Decimal("8.3333"), 10]


@pytest.mark.parametrize(("clears", "expected"), [(1, 100), (2, 86), (5, 58), (10, 37), (50, 25), (0, 100), (3, 75)])
def test_dynamic_value_exponential_vectors_b5(clears: int, expected: int) -> None:
    # x = 3: 25 + 75 · e^-.4 = 25 + 75 · .67032 = 75.27
    assert made(DynamicValue, max=100, share="0.25", decay=5).value(clears) == expected


@pytest.mark.parametrize(("clears", "expected"), [(0, 500), (10, 496), (50, 388), (100, 50), (101, 50), (1, 500), (20, 482), (9, 497)])
def test_dynamic_value_parabola_vectors_b5(clears: int, expected: int) -> None:
    # n = 20: -450 / 10000 · 400 + 500 = 482; n = 1: 499.955 and n = 9: 496.355, rounded up
    assert made(DynamicValue, max=500, formula="parabola", least=50, decay=100).value(clears) == expected


def test_a_value_shows_the_formula_with_its_figures() -> None:
    falling = made(DynamicValue, max=100, share="0.25", decay=5).compare(field(a=1, b=2))
    bent = made(DynamicValue, max=500, formula="parabola", least=50, decay=100, free=1).compare(field(a=1, b=2, c=3))
    told = [[(str(step.what), str(step.result)) for step in found[ContestantId("a")].steps] for found in (falling, bent)]
    assert told == [
        [("exponential, 2 clears: ⌊100 · (0.25 + (1 - 0.25) · e^((1 - 2) / 5))⌋", "86")],
        [("parabola, 3 clears: ⌈(50 - 500) / 100² · 2² + 500⌉, not below 50", "500")],
    ]


def test_the_first_clears_may_be_free() -> None:
    judge = made(DynamicValue, max=500, formula="parabola", least=50, decay=2, free=1)
    assert [judge.value(clears) for clears in (1, 2, 3, 4)] == [500, 388, 50, 50]  # 500 - 112.5, 500 - 450


@given(share=st.decimals(0, 1, places=3), decay=st.integers(1, 50), clears=st.integers(1, 60))
def test_a_value_never_grows_and_stays_within_its_limits(share: Decimal, decay: int, clears: int) -> None:
    for judge in (
        made(DynamicValue, max=100, share=str(share), decay=decay),
        made(DynamicValue, max=100, formula="parabola", least=20, decay=decay),
    ):
        assert judge.value(clears + 1) <= judge.value(clears) <= judge.value(1) <= 100
        assert judge.value(clears) >= (int(100 * share) if judge.formula == "exponential" else 20)


# ---- in the fold --------------------------------------------------------------------------------------------------------------


def contest(*facts: Any, **more: Any) -> Contest:
    aspects = [{"id": "pace", "rule": "relative_time", "max": 10}, {"id": "worth", "rule": "dynamic_value", "max": 100, "decay": 5}]
    rules = [{"rule": "retry", "cost_marks": 4}, {"rule": "first_clear", "shares": ["0.1"]}]
    where = {"id": "quiz", "aspects": aspects, "rules": rules} | more
    return fold([adopted(document(stages=[where])), *facts])


def cleared(seq: int, who: str, start_s: int, end_s: int) -> list[Any]:
    source = f"yongjia/{who}"
    return [
        event(seq, "start", who, attempt="1", at_s=start_s, source=source),
        event(seq + 1, "clear", who, attempt="1", at_s=end_s, source=source),
    ]


def test_everybody_is_revalued_when_another_clears() -> None:
    first = cleared(1, "A1", 0, 600)
    assert points(contest(*first)) == "121", "10 for the best time, 100 for the first, 11 for the first clear of 110"
    both = contest(*first, *cleared(1, "B1", 300, 600))
    # 10 · 300 / 600, ⌊100 · e^-.2⌋ = 81, and both cleared at the same moment
    assert (points(both, "A1"), points(both, "B1")) == ("97", "102")
    assert points(contest(*cleared(1, "G1", 0, 1), *first)) == "121", "a guest takes nothing away"


def test_the_lines_add_up_and_say_that_it_is_provisional() -> None:
    found = explain(contest(*cleared(1, "A1", 0, 600), *cleared(1, "B1", 300, 900)), ContestantId("A1"), StageId("quiz"))
    assert found is not None
    assert [(line.rule, line.subject, line.marks) for line in found.lines] == [
        ("relative_time", "aspect pace", Decimal(10)),
        ("dynamic_value", "aspect worth", Decimal(81)),
        ("first_clear", "field", Decimal(11)),
    ]
    assert sum(line.marks or 0 for line in found.lines) == Decimal(found.points) == 102
    assert {flag.code for flag in found.flags} == {"provisional"}


def test_what_is_final_is_no_longer_provisional() -> None:
    codes = [flag.code for flag in flags_of(contest(*cleared(1, "A1", 0, 600), *cleared(1, "B1", 300, 900)))]
    assert codes.count("provisional") == 2, "once for each aspect, not for each contestant"
    assert "provisional" not in [flag.code for flag in flags_of(contest(*cleared(1, "A1", 0, 600), Finalised()))]


def test_charges_are_taken_off_the_marks_that_depend_on_others() -> None:
    tries = [event(n, "attempt", "A1", attempt=str(n), at_s=n, data={"outcome": "rejected"}) for n in (1, 2)]
    done = [event(3, "start", "A1", attempt="9", at_s=10), event(4, "clear", "A1", attempt="9", at_s=20)]
    made_ = contest(*tries, *done)
    assert points(made_) == "113", "10 + 100 - 2 · 4 + 11"
    found = explain(made_, ContestantId("A1"), StageId("quiz"))
    assert found is not None
    assert [(line.rule, int(line.marks or 0)) for line in found.lines] == [
        ("retry", -8), ("floor", 8), ("relative_time", 10), ("dynamic_value", 100), ("floor", -8), ("first_clear", 11),
    ]  # fmt: skip


BOTH = [*cleared(1, "A1", 0, 600), *cleared(1, "B1", 300, 900)]
"""Each has 10 for the pace and 81 for the worth."""
RULED: list[tuple[Override | Disqualify, int]] = [
    (Override("pace", "4"), -6),
    (Override("worth", "100"), 19),
    (Disqualify("pace"), -10),
    (Override(marks="20"), 20 - 91),
]


@pytest.mark.parametrize(("action", "moves"), RULED)
def test_a_ruling_outweighs_a_rule_that_compares(action: Override | Disqualify, moves: int) -> None:
    """Of one aspect or of the whole stage; nobody else's marks move, and undone it is as before."""
    ruled = ruling(action, contestant="B1")
    plain, after = contest(*BOTH), contest(*BOTH, ruled)
    assert Decimal(points(after, "B1")) - Decimal(points(plain, "B1")) == moves
    assert points(after, "A1") == points(plain, "A1")
    assert contest(*BOTH, ruled, undo("r1")).digest() == plain.digest()
    found = explain(after, ContestantId("B1"), StageId("quiz"))
    assert found is not None
    assert sum(line.marks or 0 for line in found.lines) == Decimal(found.points) == Decimal(points(after, "B1"))
    assert any("ruling r1" in str(step.what) for line in found.lines for step in line.steps)


def test_a_ruling_sets_the_marks_of_a_rule_that_fails_for_somebody() -> None:
    """Without a start nobody knows the time, so it is not judged until a referee says what it is worth."""
    unknown = event(1, "clear", "B1", attempt="1", at_s=900, source="yueqing/desk")
    ruled = ruling(Override("pace", "2.5"), contestant="B1")
    assert Decimal(points(contest(unknown, ruled), "B1")) - Decimal(points(contest(unknown), "B1")) == Decimal("2.5")


@given(
    times=st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(0, 50), st.integers(1, 50)), max_size=4, unique_by=lambda each: each[0]),
    seed=st.integers(0, 99),
)
def test_neither_the_order_of_arrival_nor_when_it_is_judged_matters(times: list[tuple[str, int, int]], seed: int) -> None:
    told = [fact for who, start, length in times for fact in cleared(1, who, start, start + length)]
    again = random.Random(seed).sample(told, len(told))
    assert contest(*told).digest() == contest(*again).digest()


def test_a_start_that_arrives_after_the_board_was_settled_changes_the_marks() -> None:
    start, clear = cleared(1, "A1", 0, 600)
    told = [*cleared(1, "B1", 0, 300), event(1, "clear", "A1", attempt="1", at_s=600, source="yongjia/A1")]
    settled = contest(*told)
    late = event(1, "start", "A1", attempt="1", at_s=500, source="yongjia/late")
    settled.advance(Entry(settled.position + 1, clear.at_us, "test", late))
    settled.settle()
    assert settled.digest() == contest(*told, late).digest() != contest(*told, start).digest()


def test_nobody_passes_by_being_compared() -> None:
    with pytest.raises(DefinitionError, match=r"stages\[0\].pass_marks: 5 cannot be reached without pace, worth"):
        contest(pass_marks=5)


def test_impossible_values_are_refused_in_words() -> None:
    assert "whole numbers" in refusal(DynamicValue, max="99.5")
    assert "must not be above 1" in refusal(DynamicValue, max=100, share=2)
    assert 'share belongs to "exponential"' in refusal(DynamicValue, max=100, least=10)
    assert "decay counts clears from 1" in refusal(DynamicValue, max=100, decay=0)
