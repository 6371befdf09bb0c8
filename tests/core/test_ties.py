"""Ties: countback, play-off, medals that are shared."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.contest_flags import flags_of
from contest_server.core.ties import medals, play_offs
from tests.contests import adopted, document, event, fold
from tests.ranks import competition_ranks

D = Decimal


def ranked(*points: str) -> list[tuple[int, Decimal]]:
    ranks = competition_ranks([(-int(D(each) * 100),) for each in points])
    return list(zip(ranks, map(D, points), strict=True))


def letters(*points: str, delta: str = "0", counts: tuple[int, ...] = (1, 1, 1)) -> str:
    return "".join("-" if medal is None else medal[0] for medal in medals(ranked(*points), counts, D(delta)))


@pytest.mark.parametrize(
    ("points", "delta", "expected"),
    [
        (("98", "95", "90", "80"), "0", "gsb-"),
        (("98", "95", "95", "90"), "0", "gss-"),  # two silvers leave no bronze
        (("98", "98", "95", "90"), "0", "ggb-"),
        (("98", "97", "90", "80"), "2", "ggb-"),
        (("98", "96", "94", "80"), "2", "ggb-"),  # 94 is 4 from the first: the chain is not followed
        (("98", "96", "95.99", "80"), "2", "ggb-"),
        (("98", "95", "94", "93"), "2", "gsss"),
        (("98", "95", "90", "88"), "2", "gsbb"),
        (("90",), "2", "g"),
        ((), "2", ""),
    ],
)
def test_medals_are_shared_within_delta_d5(points: tuple[str, ...], delta: str, expected: str) -> None:
    assert letters(*points, delta=delta) == expected


@pytest.mark.parametrize(
    ("points", "expected"), [(("10", "12", "14", "15"), "gsbb"), (("10", "10.5", "14", "15"), "ggbb"), (("9", "30", "8"), "gsb")]
)
def test_within_delta_is_a_distance_whichever_way_the_board_is_ordered_d5(points: tuple[str, ...], expected: str) -> None:
    """Where fewer points are better, or something else than points comes first, who is far above is as far away as who is far below."""
    placed = list(enumerate(map(D, points), start=1))
    assert "".join(medal[0] if medal else "-" for medal in medals(placed, (1, 1, 1), D(1))) == expected


def test_there_may_be_several_of_each_medal() -> None:
    assert letters("9", "8", "7", "6", "5", counts=(2, 2)) == "ggss-"
    assert letters("9", "8", "8", "6", "5", counts=(2, 1, 1)) == "gggb-", "the third gold uses up the silver"


@given(points=st.lists(st.integers(0, 30), max_size=10), delta=st.integers(0, 5))
def test_a_better_contestant_never_has_a_lesser_medal_and_equals_share(points: list[int], delta: int) -> None:
    ordered = sorted(points, reverse=True)
    given_ = medals(ranked(*map(str, ordered)), (1, 1, 1), D(delta))
    order = {"gold": 0, "silver": 1, "bronze": 2, None: 3}
    assert [order[medal] for medal in given_] == sorted(order[medal] for medal in given_)
    for (points_a, medal_a), (points_b, medal_b) in zip(
        zip(ordered, given_, strict=True), list(zip(ordered, given_, strict=True))[1:], strict=False
    ):
        assert points_a != points_b or medal_a == medal_b


@pytest.mark.parametrize(
    ("ranks", "down_to", "expected"),
    [
        ([1, 2, 2, 4], 3, [(2, 2)]),
        ([1, 2, 2, 4], 1, []),
        ([1, 1, 3, 3, 3], 3, [(1, 2), (3, 3)]),
        ([1, 2, 3, 4, 4], 3, []),
        ([], 3, []),
    ],
)
def test_a_tie_at_a_place_that_matters_is_played_off_d4(ranks: list[int], down_to: int, expected: list[tuple[int, int]]) -> None:
    assert list(play_offs(ranks, down_to)) == expected


STAGES = [{"id": name, "points": points} for name, points in (("one", 10), ("two", 10), ("three", 15), ("four", 5))]


def ranks(by: str, *cleared: tuple[str, str], order: str = "desc") -> dict[str, int | None]:
    definition = document(stages=STAGES, ranking=[{"by": "points"}, {"by": by, "order": order}])
    contest = fold([adopted(definition), *(event(n, contestant=who, stage=stage) for n, (who, stage) in enumerate(cleared, start=1))])
    return {who: contest.ranking.rank_of(who) for who in contest.ranking if contest.rows[who].row.cleared}


def test_countback_compares_the_best_results_first_d3() -> None:
    cleared = [("A1", "one"), ("A1", "two"), ("B1", "three"), ("B1", "four"), ("A2", "two"), ("A2", "one")]
    assert ranks("countback", *cleared) == {"B1": 1, "A1": 2, "A2": 2}, "20 each: 15 5 before 10 10"
    assert ranks("countback", *cleared, order="asc") == {"A1": 1, "A2": 1, "B1": 3}


def test_countback_may_begin_at_the_last_stage_d3() -> None:
    cleared = [("A1", "one"), ("A1", "four"), ("B1", "three"), ("A2", "two"), ("A2", "four")]
    assert ranks("countback_last", *cleared) == {"A2": 1, "A1": 2, "B1": 3}, "15 each: A1 and A2 have the last stage, A2 the second, too"
    assert ranks("countback", *cleared) == {"B1": 1, "A1": 2, "A2": 2}


def test_a_definition_asks_for_a_play_off_among_those_who_have_begun() -> None:
    definition = document(stages=STAGES, ranking=[{"by": "points"}], ties={"play_off": 3})
    assert [flag for flag in flags_of(fold([adopted(definition)])) if flag.code == "play_off"] == [], "nobody has begun"
    told = [event(1, stage="one"), event(2, contestant="B1", stage="two")]
    [flag] = [flag for flag in flags_of(fold([adopted(definition), *told])) if flag.code == "play_off"]
    assert (flag.threshold, flag.seen, flag.detail) == (3, 1, "2 contestants share rank 1: A1, B1; a play-off decides")
    assert "play_off" not in [flag.code for flag in flags_of(fold([adopted(definition), *told, event(3, stage="four")]))]
