"""From cells to points and time."""

from __future__ import annotations

import random
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.judging import AspectView, CellResult, StageView
from judges.count_then_time import CountThenTime
from judges.marking_tree import MarkingTree, parent_of
from judges.plain_sum import PlainSum
from judges.weighted_sum import WeightedSum
from tests.contests import JUDGES
from tests.judges.cases import made, record, refusal, result, stage

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
STAGES = [stage(name, index) for index, name in enumerate("abcd")]
CELLS = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 400_000)), st.integers(0, 3)),
    min_size=4,
    max_size=4,
).map(lambda cells: [result(where, time, penalty_ms=1_200_000 * n) for where, (time, n) in zip(STAGES, cells, strict=True)])


def total(judge: Any, *cells: CellResult, stages: list[StageView] | None = None) -> tuple[Any, int]:
    found = judge.total(record(*cells, stages=stages or STAGES))
    assert found.steps, "a total explains itself"
    return found.points, found.time_ms


def test_the_plain_sum_adds_marks_and_takes_the_last_clear() -> None:
    cells = [result(STAGES[0], 1_000, "7.5", penalty_ms=20), result(STAGES[1], 5_000, "2", penalty_ms=3), result(STAGES[2], rejected=1)]
    assert total(made(PlainSum), *cells) == (Decimal("9.5"), 5_023)
    assert total(made(PlainSum, time="sum"), *cells) == (Decimal("9.5"), 6_023)
    assert total(made(PlainSum)) == (0, 0)


def test_a_held_stage_brings_nothing_until_a_referee_rules() -> None:
    held = result(STAGES[0], 1_000, "7.5", state="held")
    assert total(made(PlainSum), held) == (0, 0)
    assert total(made(CountThenTime), held) == (0, 0)
    assert total(made(MarkingTree, criteria=CRITERIA), held) == (0, 0)
    assert total(made(WeightedSum, preset="theory30_practical70"), result(THEORY, 1, "40", state="held"), stages=PARTED) == (0, 0)


# ---- C5 ------------------------------------------------------------------------------------------------------------------------


def test_minutes_floored_at_each_stage_or_once_c5() -> None:
    cells = [result(STAGES[0], 119_999), result(STAGES[1], 119_999, penalty_ms=1_200_000)]
    assert total(made(CountThenTime, unit="minute"), *cells) == (2, (1 + 1 + 20) * 60_000)
    assert total(made(CountThenTime, unit="minute", floor="total"), *cells) == (2, (3 + 20) * 60_000)
    assert total(made(CountThenTime, unit="second"), *cells) == (2, (119 + 119 + 1200) * 1_000)
    assert total(made(CountThenTime), *cells) == (2, 239_998 + 1_200_000)


def test_only_cleared_stages_count() -> None:
    cells = [result(STAGES[0], 60_000), result(STAGES[1], rejected=5, penalty_ms=6_000_000)]
    assert total(made(CountThenTime, unit="minute"), *cells) == (1, 60_000)


def test_the_furthest_stage_and_the_time_at_it() -> None:
    cells = [result(STAGES[0], 90_000), result(STAGES[2], 61_500, penalty_ms=500)]
    assert total(made(CountThenTime, count="furthest", time="last"), *cells) == (3, 62_000)
    assert total(made(CountThenTime, count="furthest", time="sum"), *cells) == (3, 152_000)
    assert total(made(CountThenTime, count="cleared", time="last"), *cells) == (2, 90_500)
    assert total(made(CountThenTime, count="furthest", time="last", unit="second"), *cells) == (3, 61_500), "floored, then the penalty"
    assert total(made(CountThenTime, count="furthest")) == (0, 0)


@given(cells=CELLS)
def test_flooring_each_stage_never_gives_more_than_flooring_the_sum(cells: list[CellResult]) -> None:
    whole = record(*cells)
    each = made(CountThenTime, unit="minute").total(whole)
    once = made(CountThenTime, unit="minute", floor="total").total(whole)
    exact = made(CountThenTime).total(whole)
    assert each.points == once.points == exact.points
    assert each.time_ms <= once.time_ms <= exact.time_ms < each.time_ms + 60_000 * len(cells) + 1
    assert each.time_ms % 60_000 == once.time_ms % 60_000 == 0


@given(cells=CELLS, seed=st.integers(0, 99))
def test_the_order_of_cells_decides_nothing(cells: list[CellResult], seed: int) -> None:
    shuffled = random.Random(seed).sample(cells, len(cells))
    for judge in (made(CountThenTime), made(CountThenTime, count="furthest", time="last"), made(PlainSum)):
        assert judge.total(record(*cells)) == judge.total(record(*shuffled))


# ---- C1 ------------------------------------------------------------------------------------------------------------------------

THEORY = stage("quiz", 0, "50", "theory")
WIRING, TRACING = stage("wiring", 1, "120", "practical"), stage("tracing", 2, "80", "practical")
PARTED = [THEORY, WIRING, TRACING]


def test_parts_are_weighed_against_their_own_maximum_c1() -> None:
    cells = [result(THEORY, 1_000, "40"), result(WIRING, 2_000, "90"), result(TRACING, 3_000, "60")]
    assert total(made(WeightedSum, preset="theory30_practical70"), *cells, stages=PARTED) == (Decimal("76.5"), 3_000)
    assert total(made(WeightedSum, preset="theory40_practical60"), *cells, stages=PARTED) == (77, 3_000)
    parts = [{"group": "theory", "weight": "0.5"}, {"group": "practical", "weight": "0.5"}]
    assert total(made(WeightedSum, parts=parts), *cells, stages=PARTED) == (Decimal("77.5"), 3_000)


def test_a_stage_nobody_touched_still_counts_in_the_maximum() -> None:
    assert total(made(WeightedSum, preset="theory30_practical70"), result(WIRING, 1_000, "120"), stages=PARTED)[0] == 42


def test_a_part_never_brings_more_than_its_weight() -> None:
    over = result(THEORY, 1_000, "55")
    assert total(made(WeightedSum, preset="theory30_practical70"), over, stages=PARTED)[0] == 30


@given(
    theory=st.decimals(0, 50, places=2),
    wiring=st.decimals(0, 120, places=2),
    more=st.decimals(0, 5, places=2),
)
def test_weighted_points_stay_within_100_and_more_marks_never_harm(theory: Decimal, wiring: Decimal, more: Decimal) -> None:
    judge = made(WeightedSum, preset="theory30_practical70")
    less, larger = (
        total(judge, result(THEORY, 1, str(theory)), result(WIRING, 1, str(marks)), stages=PARTED)[0] for marks in (wiring, wiring + more)
    )
    assert 0 <= less <= larger <= 100


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"parts": [{"group": "a", "weight": "0.3"}, {"group": "b", "weight": "0.6"}]}, "add up to 0.9"),
        ({"parts": [{"group": "a", "weight": "0.333333333333"}] * 1}, "add up to 0.333333333333"),
        ({"parts": [{"group": "a", "weight": "0.5"}] * 2}, "a more than once"),
        ({"parts": [{"group": "a", "weight": "1.5"}]}, "must not be above 1"),
        ({}, "either parts or preset"),
        ({"preset": "theory30_practical70", "parts": [{"group": "a", "weight": "1"}]}, "either parts or preset"),
    ],
)
def test_weights_total_exactly_one(wrong: dict[str, object], words: str) -> None:
    assert words in refusal(WeightedSum, **wrong)


def test_stages_outside_the_parts_are_named_when_the_definition_is_read() -> None:
    faults = list(made(WeightedSum, preset="theory30_practical70").faults([WIRING, stage("x", 3)]))
    assert len(faults) == 2
    assert "no stage of the group 'theory'" in faults[0]
    assert "'x' is in no part" in faults[1]


# ---- C2 ------------------------------------------------------------------------------------------------------------------------


def aspect(name: str, worth: int, criterion: str | None = "B1", abilities: tuple[str, ...] = ("measuring",)) -> AspectView:
    return AspectView(name, "check", Decimal(worth), criterion=criterion, abilities=abilities)


CRITERIA = [{"id": "A", "marks": "40"}, {"id": "B"}, {"id": "B1", "marks": "35"}, {"id": "B.2", "marks": "25"}]
GOOD = (aspect("one", 40, "A"), aspect("two", 35, "B1"), aspect("three", 25, "B.2"))


def tree_faults(*aspects: AspectView, criteria: list[dict[str, str]] | None = None, **more: object) -> list[str]:
    faults = made(MarkingTree, criteria=criteria or CRITERIA, **more).faults([stage(aspects=aspects)])
    return [str(each) for each in faults]


def test_a_whole_tree_has_no_faults_c2() -> None:
    assert tree_faults(*GOOD) == []
    assert total(made(MarkingTree, criteria=CRITERIA), result(STAGES[0], 1_000, "61.5")) == (Decimal("61.5"), 1_000)


def test_every_aspect_without_an_ability_tag_is_named() -> None:
    untagged = [aspect("one", 40, "A", ()), aspect("two", 35, "B1", ()), GOOD[2]]
    assert tree_faults(*untagged) == [
        "marking_tree: aspect 'one' of the stage 'wiring' has no ability tag",
        "marking_tree: aspect 'two' of the stage 'wiring' has no ability tag",
    ]


def test_unknown_and_missing_criteria_are_named() -> None:
    faults = tree_faults(*GOOD, aspect("four", 0, "C"), aspect("five", 0, None))
    assert faults == [
        "marking_tree: aspect 'four' of the stage 'wiring' names the unknown criterion 'C'; criteria are A, B, B.2, B1",
        "marking_tree: aspect 'five' of the stage 'wiring' names no criterion",
    ]


def test_the_tree_adds_up_at_every_node_and_to_its_total() -> None:
    faults = tree_faults(aspect("one", 41, "A"), *GOOD[1:])
    assert faults == [
        "marking_tree: criterion 'A' is worth 40, its aspects add up to 41",
        "marking_tree: the aspects add up to 101, not to 100",
    ]
    assert tree_faults(*GOOD, criteria=[*CRITERIA[:1], {"id": "B", "marks": "59"}, *CRITERIA[2:]]) == [
        "marking_tree: criterion 'B' is worth 59, its aspects add up to 60"
    ]
    assert tree_faults(aspect("one", 5, "A"), criteria=[{"id": "A"}], out_of="5") == []


def test_a_stage_outside_the_tree_is_named() -> None:
    faults = list(made(MarkingTree, criteria=CRITERIA).faults([stage(aspects=GOOD), stage("extra", 1, "3")]))
    assert faults == ["marking_tree: the stage 'extra' is worth 3 without aspects; give it aspects, or points = 0"]


def test_a_sub_criterion_begins_with_its_parent() -> None:
    known = {"A", "A1", "A10", "A1.a", "AB", "B.1", "B"}
    assert {name: parent_of(name, known) for name in known} == {
        "A": None, "A1": "A", "A10": "A", "A1.a": "A1", "AB": None, "B": None, "B.1": "B",
    }  # fmt: skip


def test_impossible_trees_are_refused_in_words() -> None:
    assert "at least one criterion" in refusal(MarkingTree, criteria=[])
    assert "A more than once" in refusal(MarkingTree, criteria=[{"id": "A"}, {"id": "A"}])


def test_criteria_may_stand_in_a_definition_without_marks_of_their_own() -> None:
    document = tomllib.loads((EXAMPLES / "insurance_claims" / "contest.toml").read_text(encoding="utf-8"))
    for criterion in document["criteria"][1:]:
        del criterion["marks"]
    rulebook = compile_rulebook(read_definition(document), JUDGES)
    assert [each.id for each in rulebook.total.judge.criteria] == ["A", "B", "C", "D", "E", "F"]
