"""Figures out of the standing: season points, passes, teams, the scale of 700; they come from the board and never change it."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.conversions import conversions_of, medals_of, standing_of
from contest_server.core.facts import ContestantId, Event, StageId, Standing, VenueId
from contest_server.core.judging import ContestantRecord, MissingEvidence, Opinion, Placed
from judges.pass_parts import Pass
from judges.robust700 import Robust700
from judges.season_points import SeasonPoints, season_points
from judges.team import Team
from judges.venue_fairness import VenueFairness
from tests.contests import adopted, document, event, fold, tried
from tests.judges.cases import codes, made, record, refusal, result, stage
from tests.ranks import competition_ranks

D = Decimal
NOBODY: ContestantRecord = record()


def board(*points: Any, teams: str = "") -> list[Placed]:
    """A standing with these points, in order; None is somebody without a rank."""
    keys = [(-D(each),) for each in points if each is not None]
    ranks = iter(competition_ranks(keys))
    return [
        Placed(ContestantId(f"c{n}"), None if each is None else next(ranks), D(each or 0), 0, NOBODY, teams[n] if teams else None)
        for n, each in enumerate(points)
    ]


def figures(judge: Any, *points: Any, teams: str = "") -> dict[str, Decimal]:
    return {who: found.value for who, found in judge.convert(board(*points, teams=teams)).items()}


@pytest.mark.parametrize(
    ("rank", "count", "team", "age_days", "expected"),
    [
        (1, 100, 1, 0, 200_000),  # log10(100) = 2
        (10, 100, 1, 0, 35_566),  # 10^-.75 = .1778279: 35565.588
        (1, 100, 4, 0, 100_000),  # √4 = 2
        (1, 100, 1, 365, 100_000),  # half of two years
        (1, 100, 1, 730, 0),
        (1, 100, 1, 731, 0),
        (16, 1000, 1, 0, 37_500),  # 16^-.75 = 1/8, log10 = 3
        (1, 1, 1, 0, 0),  # alone: log10(1) = 0
        (81, 10, 1, 0, 3_704),  # 81^-.75 = 1/27: 3703.70
    ],
)
def test_season_points_vectors_c4(rank: int, count: int, team: int, age_days: int, expected: int) -> None:
    assert season_points(rank, count, team, age_days) == expected


def test_season_points_of_a_board_count_who_is_ranked() -> None:
    points = [D(100 - n) for n in range(100)]
    found = figures(made(SeasonPoints), *points, None)
    assert (found["c0"], found["c9"], len(found)) == (D(200_000), D(35_566), 100)
    assert figures(made(SeasonPoints), 9, 9, 1)["c0"] == figures(made(SeasonPoints), 9, 9, 1)["c1"]
    assert figures(made(SeasonPoints)) == {}


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (["82.5", "79", "76.25", "70", "64", "58.5", "40"], [728, 720, 714, 700, 687, 674, 633]),
        (["5", "5", "5", "1"], [700, 700, 700, 700]),  # more than half are equal: MAD 0
        (["3", "2", "1"], [720, 700, 680]),  # MAD 1: 30 / 1.4826 = 20.23
        (["4", "3", "2", "1"], [730, 710, 690, 670]),  # median 2.5, MAD 1: 1.5 · 20.2347 = 30.35, .5 · 20.2347 = 10.12
        (["12", "3", "2", "1", "0"], [902, 720, 700, 680, 660]),  # MAD 1: 10 · 20.2347 = 202.35, 2 · 20.2347 = 40.47
        (["7"], [700]),
    ],
)
def test_robust700_vectors_c8(points: list[str], expected: list[int]) -> None:
    assert list(figures(made(Robust700), *points).values()) == expected


@given(points=st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=12), factor=st.integers(1, 9), shift=st.integers(0, 50))
def test_the_scale_of_700_does_not_depend_on_the_unit(points: list[Decimal], factor: int, shift: int) -> None:
    points.sort(reverse=True)
    assert figures(made(Robust700), *points) == figures(made(Robust700), *(each * factor + shift for each in points))


def part_board(theory: str, practical: str) -> list[Placed]:
    one, two = stage("quiz", 0, "40", "theory"), stage("wiring", 1, "60", "practical")
    return [Placed(ContestantId("c"), 1, D(0), 0, record(result(one, 1, theory), result(two, 2, practical)))]


@pytest.mark.parametrize(
    ("theory", "practical", "expected"),
    [("24", "36", 1), ("23.99", "60", 0), ("40", "35.99", 0), ("40", "60", 1), ("0", "0", 0)],  # 60 % of 40 is 24, of 60 is 36
)
def test_pass_vectors_c6(theory: str, practical: str, expected: int) -> None:
    assert made(Pass).convert(part_board(theory, practical))["c"].value == expected


def test_a_part_that_nobody_touched_is_not_passed() -> None:
    one, two = stage("quiz", 0, "40", "theory"), stage("wiring", 1, "60", "practical")
    alone = [Placed(ContestantId("c"), 1, D(0), 0, record(result(one, 1, "40"), stages=[one, two]))]
    assert made(Pass).convert(alone)["c"].value == 0
    assert made(Pass, groups=["theory"]).convert(alone)["c"].value == 1
    assert [(step.what, step.result) for step in made(Pass).convert(alone)["c"].steps] == [
        ("practical: 0 of 60 >= 60 %", "false"),
        ("theory: 40 of 40 >= 60 %", "true"),
    ]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ({"mode": "sum"}, {"x": "240", "y": "150"}),
        ({"mode": "best", "k": 2}, {"x": "170", "y": "150"}),
        ({"mode": "best", "k": 3}, {"x": "240", "y": "150"}),
        ({"mode": "mean"}, {"x": "80", "y": "50"}),
        ({"mode": "mean", "places": 1}, {"x": "80", "y": "50"}),
    ],
)
def test_team_vectors_c3(mode: dict[str, Any], expected: dict[str, str]) -> None:
    # x has 90 80 70, y has 85 65 and one who was disqualified
    found = figures(made(Team, **mode), "90", "85", "80", "70", "65", None, teams="xyxxyy")
    assert found == {team: D(points) for team, points in expected.items()}


def test_a_team_of_another_size_is_a_question_and_who_has_no_team_brings_nothing() -> None:
    found = made(Team, size=3).convert(board("90", "85", "80", teams="xxy"))
    assert {team: codes(each.opinions) for team, each in found.items()} == {"x": ["team_size"], "y": ["team_size"]}
    assert made(Team).convert(board("90")) == {}
    assert "k counts members from 1" in refusal(Team, k=0)


@given(points=st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=9), seed=st.integers(0, 99))
def test_the_best_members_are_never_worth_more_than_all(points: list[Decimal], seed: int) -> None:
    points.sort(reverse=True)
    teams = "".join(random.Random(seed).choice("xy") for _ in points)
    best, everybody = figures(made(Team, mode="best", k=2), *points, teams=teams), figures(made(Team), *points, teams=teams)
    assert all(best[team] <= everybody[team] for team in everybody)
    assert sum(everybody.values()) == sum(points)


# ---- in the fold ---------------------------------------------------------------------------------------------------------------

PEOPLE = [{"id": name, "venue": "yongjia", "team": team} for name, team in (("A1", "x"), ("A2", "x"), ("B1", "y"), ("B2", "y"))]
RULES = [{"rule": "team"}, {"rule": "season_points"}, {"rule": "robust700"}, {"rule": "pass", "groups": ["theory"]}]


def test_a_definition_names_what_is_made_of_its_standing() -> None:
    stages = [{"id": "quiz", "group": "theory", "points": 10}, {"id": "final", "points": 5}]
    definition = document(stages=stages, contestants=PEOPLE, conversions=RULES, ties={"medal_delta": 5, "medals": [1, 1, 1]})
    told = [
        event(1, contestant="A1"),
        event(2, contestant="A1", stage="final"),
        event(3, contestant="B1"),
        event(4, contestant="B2", stage="final"),
    ]
    contest = fold([adopted(definition), *told])
    found = {rule.name: answer for rule, answer in conversions_of(contest)}
    assert not any(isinstance(answer, Opinion) for answer in found.values())
    values = {
        name: {who: str(each.value) for who, each in answer.items()} for name, answer in found.items() if not isinstance(answer, Opinion)
    }
    assert values["team"] == {"x": "15.0000", "y": "15.0000"}
    assert values["pass"] == {"A1": "1", "B1": "1", "B2": "0", "A2": "0"}
    assert [placed.rank for placed in standing_of(contest)] == [1, 2, 3, 4]
    assert medals_of(contest) == {"A1": "gold", "B1": "gold", "B2": "bronze"}, "15 and 10 lie within 5; nobody gets silver"
    out = fold([adopted(definition), *told, Standing(ContestantId("A1"), "dsq", "a reason")])
    assert medals_of(out) == {"B1": "gold", "B2": "gold"}
    assert {rule.name: answer for rule, answer in conversions_of(out)}["team"]["x"].value == 0  # type: ignore[index]


A_AND_B = {"A": [70, 75, 80, 85, 90], "B": [60, 66, 72, 78, 84]}


def of_venues(points: dict[str, list[Any]]) -> list[Placed]:
    """A standing of these venues' contestants, called "A1", "A2", …; None is somebody without a rank."""
    there = {venue: ContestantRecord(ContestantId(""), VenueId(venue), {}) for venue in points}
    return [
        Placed(ContestantId(f"{venue}{n}"), None if each is None else n, D(each or 0), 0, there[venue])
        for venue, several in points.items()
        for n, each in enumerate(several, start=1)
    ]


def on_one_scale(points: dict[str, list[Any]], venue: str, **more: Any) -> list[Decimal]:
    found = made(VenueFairness, **more).convert(of_venues(points))
    return [each.value for who, each in found.items() if who.startswith(venue)]


@pytest.mark.parametrize(
    ("adjust", "points", "venue", "expected"),
    [
        ({"reference": "A"}, A_AND_B, "B", [70, 75, 80, 85, 90]),
        ({"reference": "A"}, A_AND_B, "A", [70, 75, 80, 85, 90]),
        ({"reference": "B"}, A_AND_B, "A", [60, 66, 72, 78, 84]),
        ({"reference": "A"}, {"A": [70, 90], "B": [60, 60, None]}, "B", [80, 80]),  # nobody differs: the mean of the reference
        ({}, {"A": [5, 7]}, "A", [5, 7]),  # one venue is its own reference
        ({"adjust": "percentile"}, {"A": [50, 60, 60, 70, 90], "B": [0]}, "A", [20, 60, 60, 80, 100]),
        ({"adjust": "percentile"}, {"A": [50, 60, 60], "B": [0]}, "A", [D("33.3333"), 100, 100]),
        ({"adjust": "robust700"}, {"A": ["82.5", "79", "76.25", "70", "64", "58.5", "40"]}, "A", [728, 720, 714, 700, 687, 674, 633]),
        ({"adjust": "robust700"}, {"A": [3, 2, 1], "B": [30, 20, 10]}, "B", [720, 700, 680]),
    ],
)
def test_vectors_of_fairness_across_venues(adjust: Any, points: dict[str, list[Any]], venue: str, expected: list[Any]) -> None:
    assert on_one_scale(points, venue, **adjust) == expected


@given(st.lists(st.integers(0, 100), min_size=1, max_size=6), st.lists(st.integers(0, 100), min_size=1, max_size=6))
def test_no_scale_turns_the_order_within_a_venue_round(some: list[int], others: list[int]) -> None:
    for adjust in ("linear", "percentile", "robust700"):
        found = on_one_scale({"A": sorted(some), "B": others}, "A", adjust=adjust)
        assert found == sorted(found)


ANCHORED = {"A": [80, 60, 75], "B": [70, 52, 66]}
"""The first two of each venue are two works that both assessed: B gave 9 less on average, and 18 apart instead of 20."""
WORKS = [{"entries": ["A1", "B1"]}, {"entries": ["A2", "B2"]}]


def assessed(points: dict[str, list[Any]]) -> list[Placed]:
    """The same standing, with work that was judged."""
    cells = {StageId("s"): result(stage("s"), 1, "1")}
    return [replace(each, record=ContestantRecord(each.contestant, each.record.venue, cells)) for each in of_venues(points)]


@pytest.mark.parametrize(
    ("more", "venue", "expected"),
    [
        ({"reference": "A"}, "B", [79, 61, 75]),  # + 9
        ({"reference": "A"}, "A", [80, 60, 75]),
        ({"reference": "B"}, "A", [71, 51, 66]),
        ({}, "A", [D("75.5"), D("55.5"), D("70.5")]),  # both go half the way
        ({}, "B", [D("74.5"), D("56.5"), D("70.5")]),
        ({"reference": "A", "stretch": True}, "B", [80, 60, D("75.5556")]),  # 70 + (66 - 61) · 20 / 18
    ],
)
def test_vectors_of_anchor_works(more: Any, venue: str, expected: list[Any]) -> None:
    found = made(VenueFairness, adjust="anchor", anchors=WORKS, **more).convert(assessed(ANCHORED))
    assert [each.value for who, each in found.items() if who.startswith(venue)] == expected


@given(
    own=st.lists(st.integers(0, 100), min_size=1, max_size=6), lower=st.integers(-20, 20), others=st.lists(st.integers(0, 100), max_size=4)
)
def test_a_venue_that_gives_every_anchor_work_so_much_less_is_raised_by_as_much(own: list[int], lower: int, others: list[int]) -> None:
    points = {"A": own, "B": [each - lower for each in own] + others}
    works = [{"entries": [f"A{n}", f"B{n}"]} for n in range(1, len(own) + 1)]
    found = made(VenueFairness, adjust="anchor", anchors=works, reference="A").convert(assessed(points))
    assert [each.value for each in found.values()] == [*own, *own, *(each + lower for each in others)]


@pytest.mark.parametrize(
    ("works", "more", "points", "words"),
    [
        (WORKS, {}, {**ANCHORED, "C": [1]}, "C has assessed no anchor work that another venue assessed, too"),
        ([{"entries": ["A1", "B9"]}], {}, ANCHORED, "the anchor work B9 has not been assessed yet"),
        ([{"entries": ["A1", "A2"]}], {}, ANCHORED, "A2 is not the only entry of its anchor work at A"),
        (WORKS, {"reference": "C"}, ANCHORED, "C has not assessed the anchor work A1, B1"),
        (WORKS, {"stretch": True}, {"A": [80, 60], "B": [70, 70]}, "a scale needs two that differ"),
    ],
)
def test_without_anchor_works_nothing_is_guessed(works: Any, more: Any, points: Any, words: str) -> None:
    with pytest.raises(MissingEvidence, match=words):
        made(VenueFairness, adjust="anchor", anchors=works, **more).convert(assessed(points))
    unseen = made(VenueFairness, adjust="anchor", anchors=WORKS)
    with pytest.raises(MissingEvidence, match="A1 has not been assessed yet"):
        unseen.convert(of_venues(ANCHORED))


@pytest.mark.parametrize(
    ("more", "is_whole"),
    [
        ([], False),  # the second stage, that A assessed, was not begun at B
        ([event(4, "start", contestant="B1", stage="wiring")], False),
        ([tried(4, "pending", contestant="B1", stage="wiring")], False),
        ([event(4, contestant="B1", stage="wiring", data={"mohm": "2"})], True),
        ([tried(4, "rejected", contestant="B1", stage="wiring")], True),
    ],
)
def test_half_an_anchor_work_is_not_held_against_the_whole(more: list[Event], is_whole: bool) -> None:
    level = {"rule": "venue_fairness", "adjust": "anchor", "reference": "yongjia", "anchors": [{"entries": ["A1", "B1"]}]}
    facts = [event(1), event(2, stage="wiring", data={"mohm": "2"}), event(3, contestant="B1")]
    [(_, answer)] = conversions_of(fold([adopted(document(conversions=[level])), *facts, *more]))
    assert isinstance(answer, Opinion) != is_whole
    assert is_whole or "the anchor work B1 has not been assessed yet" in str(getattr(answer, "detail", ""))


def test_anchor_works_that_cannot_be_meant_are_refused_in_words() -> None:
    assert "name them in anchors" in refusal(VenueFairness, adjust="anchor")
    assert "at least 2 entries" in refusal(VenueFairness, adjust="anchor", anchors=[{"entries": ["A1"]}])
    assert "none of them twice" in refusal(VenueFairness, adjust="anchor", anchors=[{"entries": ["A1", "A1"]}])
    assert "at least 2 anchor works" in refusal(VenueFairness, adjust="anchor", anchors=WORKS[:1], stretch=True)
    assert 'belong to "anchor", not to "linear"' in refusal(VenueFairness, anchors=WORKS)


def test_venues_of_few_are_told_beside_every_figure() -> None:
    for size, told in ((29, ["few_contestants"]), (30, [])):
        found = made(VenueFairness).convert(of_venues({"A": [1] * size, "B": [2] * 40}))
        assert {tuple(codes(each.opinions)) for each in found.values()} == {tuple(told)}
    assert made(VenueFairness).convert([]) == {}
    assert 'reference belongs to "linear"' in refusal(VenueFairness, adjust="percentile", reference="A")


def test_points_on_one_scale_stand_beside_the_standing_and_never_change_it() -> None:
    venues = [{"rule": "venue_fairness", "adjust": "percentile"}]
    facts = [event(1), event(2, contestant="A2", stage="wiring"), event(3, contestant="B1")]
    plain, converted = (fold([adopted(document(conversions=rules)), *facts]) for rules in (None, venues))
    assert converted.digest() == plain.digest()
    [(_, found)] = conversions_of(converted)
    assert not isinstance(found, Opinion)
    assert {who: each.value for who, each in found.items()} == {"A1": 50, "A2": 100, "B1": 100, "B2": 50}
    [(_, asked)] = conversions_of(fold([adopted(document(conversions=[{"rule": "venue_fairness", "reference": "nowhere"}]))]))
    assert isinstance(asked, Opinion), "nobody is there, so that nothing is guessed"
