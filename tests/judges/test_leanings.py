"""Severity as an adjustment: what referees add, by exact least squares, and everybody's points without it, beside the raw ones."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.acts import Action, Override, Ruled
from contest_server.core.contest import Contest
from contest_server.core.conversions import conversions_of
from contest_server.core.facts import ContestantId, Fact, StageId, VenueId
from contest_server.core.ids import ActId, OfficialId
from contest_server.core.judging import PPM, Converted, MissingEvidence, Opinion, Panel, PanelMark
from judges.judgement_0_3 import Judgement03
from judges.leanings import REFEREES_MAX, leanings_of
from judges.max_deviation import MaxDeviation
from judges.middle_k import MiddleK
from judges.trimmed_mean import TrimmedMean
from tests.contests import START_US, adopted, document, event, fold, mark
from tests.judges.cases import evidence, made

D = Decimal
SHARES = st.integers(0, PPM)
CHAIN = st.lists(st.dictionaries(st.sampled_from(["R1", "R2", "R3", "R4"]), SHARES, min_size=1, max_size=4), min_size=1, max_size=8).map(
    lambda works: [*works, {"R1": 1, "R2": 2}, {"R2": 3, "R3": 5}, {"R3": 8, "R4": 13}]
)


def work(marks: dict[str, int]) -> Panel:
    given_marks = [PanelMark(referee, share_ppm, None) for referee, share_ppm in marks.items()]
    return Panel(ContestantId("c"), VenueId("A"), StageId("s"), "a", 0, given_marks)


def leanings(*works: dict[str, int]) -> dict[str, Fraction]:
    return dict(leanings_of([work(each) for each in works]).ppm)


def test_what_a_referee_adds_is_found_exactly_where_marks_are_a_sum() -> None:
    # R1 is 60,000 below and R3 30,000 above R2; of six marks two are R1's, three R2's, one R3's: on average 15,000 below R2
    found = leanings({"R1": 440_000, "R2": 500_000}, {"R1": 640_000, "R2": 700_000}, {"R2": 900_000, "R3": 930_000})
    assert found == {"R1": -45_000, "R2": 15_000, "R3": 45_000}


def test_referees_who_disagree_now_and_then_are_as_far_apart_as_on_average() -> None:
    assert leanings({"R1": 0, "R2": 20}, {"R1": 0, "R2": 40}) == {"R1": -15, "R2": 15}
    # the chain R1, R2, R3 says 10 + 10, the works of R1 and R3 say 26: (1·26 + .5·20) / 1.5 = 24 apart
    assert leanings({"R1": 0, "R2": 10}, {"R2": 0, "R3": 10}, {"R1": 0, "R3": 26}) == {"R1": -12, "R2": 0, "R3": 12}


@given(works=CHAIN, seed=st.integers(0, 9))
def test_nothing_that_is_left_over_leans(works: list[dict[str, int]], seed: int) -> None:
    """The law of least squares: each referee's residuals add up to nothing; and neither the order of works nor of marks says anything."""
    found = leanings(*works)
    left = dict.fromkeys(found, Fraction(0))
    for each in works:
        level = {referee: share - found[referee] for referee, share in each.items()}
        worth = sum(level.values(), Fraction(0)) / len(level)
        for referee, value in level.items():
            left[referee] += value - worth
    assert all(abs(each) <= Fraction(1, 100) for each in left.values()), "up to what leanings are rounded to"
    assert abs(sum((found[referee] for each in works for referee in each), Fraction(0))) <= 1, "the mean over all marks is 0"
    shuffled = [dict(random.Random(seed).sample(sorted(each.items()), len(each))) for each in works]
    random.Random(seed).shuffle(shuffled)
    assert leanings(*shuffled) == found


@pytest.mark.parametrize(
    ("works", "words"),
    [
        ([], "no referee has given a mark"),
        ([{"R1": 1, "R2": 2}, {"R3": 1, "R4": 2}], "through others: R1, R2; R3, R4"),
        ([{"R1": 1, "R2": 2}, {"R3": 1}], "through others: R1, R2; R3"),
        ([{f"R{n}": 1 for n in range(REFEREES_MAX + 1)}], "at most 100 can be compared"),
    ],
)
def test_who_cannot_be_compared_is_refused_in_words(works: list[dict[str, int]], words: str) -> None:
    with pytest.raises(MissingEvidence, match=words):
        leanings(*works)


def test_one_work_that_both_groups_mark_is_enough_to_compare_them() -> None:
    apart = {"R1": 100, "R2": 100}, {"R3": 500, "R4": 500}
    with pytest.raises(MissingEvidence):
        leanings(*apart)
    found = leanings(*apart, {"R1": 100, "R3": 160})
    assert found["R3"] - found["R1"] == 60
    assert found["R4"] == found["R3"]


def test_a_hundred_referees_in_a_chain_are_solved_to_the_last_digit() -> None:
    names = [f"R{n:03}" for n in range(REFEREES_MAX)]
    found = leanings(*({one: n, other: n + 2} for n, (one, other) in enumerate(pairwise(names))))
    assert {found[other] - found[one] for one, other in pairwise(names)} == {2}


@given(
    shares=st.lists(st.integers(0, 3), min_size=5, max_size=5),
    judge=st.sampled_from([(Judgement03, {}), (TrimmedMean, {}), (MiddleK, {}), (MaxDeviation, {"deviation": "0.5"})]),
)
def test_a_rule_makes_of_shares_what_it_makes_of_marks(shares: list[int], judge: Any) -> None:
    kind, more = judge
    rule = made(kind, max=3, field="panel", **more)
    rows = [{"referee": f"R{n}", "mark": mark} for n, mark in enumerate(shares)]
    worth = rule.share_of([Fraction(mark, 3) for mark in shares]) * 3
    assert abs(worth - Fraction(rule.score(evidence({"panel": rows})).marks)) <= Fraction(1, 20_000)
    with pytest.raises(MissingEvidence):
        rule.share_of([Fraction(1)])


# ---- in the fold -----------------------------------------------------------------------------------------------------------------

ADJUSTED = [{"rule": "referee_severity"}]
OFFICIALS = [*({"id": name} for name in ("R1", "R2", "R3", "R4")), {"id": "C1", "role": "chief"}]
OWN: tuple[dict[str, Any], ...] = {"R1": 7, "R2": 7}, {"R1": 5, "R2": 5}, {"R3": 6, "R4": 6}, {"R3": 8, "R4": 8}
"""The marks of A1 and A2 at Yongjia, B1 and B2 at Yueqing, out of 10."""
ALL_FOUR = {"R1": 7, "R2": 7, "R3": 6, "R4": 6}
"""Those of the guest, whose work all four mark: R3 and R4 give one mark less."""


def judged(
    *marks: dict[str, Any], conversions: Any = ADJUSTED, more: list[Fact] | None = None, pass_marks: str = "", **changes: Any
) -> Contest:
    aspect = {"id": "layout", "rule": "trimmed_mean", "drop": 0, "least": 2, "max": 10, "field": "panel"}
    stage = {"id": "quiz", "group": "work", "aspects": [aspect]} | ({"pass_marks": pass_marks} if pass_marks else {})
    definition = document(stages=[stage], **{"officials": OFFICIALS, "conversions": conversions} | changes)
    facts = [
        event(n, contestant=who, data={"panel": [{"referee": name, "mark": str(mark)} for name, mark in given.items()]})
        for n, (who, given) in enumerate(zip(("A1", "A2", "B1", "B2", "G1"), marks, strict=False), start=1)
    ]
    return fold([adopted(definition), *facts, *(more or [])])


def found(contest: Contest) -> dict[str, Converted]:
    [(_, answer)] = conversions_of(contest)
    assert not isinstance(answer, Opinion), answer.detail
    return {str(who): each for who, each in answer.items()}


def refused(contest: Contest) -> str:
    [(_, answer)] = conversions_of(contest)
    assert isinstance(answer, Opinion)
    assert answer.code == "not_judged"
    return str(answer.detail)


def test_a_venue_with_severe_referees_is_levelled_by_a_work_that_all_of_them_marked() -> None:
    contest = judged(*OWN, ALL_FOUR)
    assert {who: each.value for who, each in found(contest).items()} == {"A1": D("6.5"), "A2": D("4.5"), "B1": D("6.5"), "B2": D("8.5")}
    steps = [(str(step.what), str(step.result)) for step in found(contest)["B1"].steps]
    assert steps == [("quiz, layout: R3 -5 %, R4 -5 % of the highest mark", "0.5 marks"), ("6 as they are", "6.5")]
    assert contest.digest() == judged(*OWN, ALL_FOUR, conversions=None).digest(), "the standing stays as it is"


def test_referees_who_share_no_contestants_get_no_figures() -> None:
    assert "share no contestants with each other, directly or through others: R1, R2; R3, R4" in refused(judged(*OWN))
    assert refused(judged()) == "no referee has given a mark"


def test_whoever_is_no_official_is_somebody_else_at_each_venue() -> None:
    again = [{"R1": 7, "R2": 7}, {"R1": 5, "R2": 5}, {"R1": 6, "R2": 6}]
    named = judged(*again)
    assert {each.value for each in found(named).values()} >= {D(7), D(5), D(6)}, "the same two persons marked all"
    assert "yongjia/R1" in refused(judged(*again, officials=[{"id": "C1", "role": "chief"}]))


def test_what_a_ruling_set_is_not_levelled_and_no_levelled_mark_leaves_the_scale() -> None:
    action: Action = Override(marks="9")
    ruling = Ruled(ActId("r1"), START_US, OfficialId("C1"), action, "evidence_reviewed", "seen", ContestantId("B2"), StageId("quiz"))
    assert found(judged(*OWN, ALL_FOUR, more=[ruling]))["B2"].value == 9
    edge = judged({"R1": 0, "R2": 0}, *OWN[1:3], {"R3": 10, "R4": 10}, ALL_FOUR)
    assert [found(edge)[who].value for who in ("A1", "B2")] == [0, 10]


def test_what_is_below_the_pass_marks_counts_and_is_levelled_too() -> None:
    """B1 has 6 of 10, which is below the 7 of the pass: the marks stand in the points, and say as much about the referees as others."""
    passing, every = judged(*OWN, ALL_FOUR, pass_marks="7"), judged(*OWN, ALL_FOUR)
    assert mark(passing, "B1").state == "tried"
    assert {who: each.value for who, each in found(passing).items()} == {who: each.value for who, each in found(every).items()}


def test_few_contestants_and_few_shared_works_are_told_beside_every_figure() -> None:
    told = [(each.code, each.threshold, each.seen) for each in found(judged(*OWN, ALL_FOUR))["A1"].opinions]
    assert told == [("few_contestants", 30, 2), ("few_shared_works", 10, 3)]
    enough = [{"rule": "referee_severity", "warn_below": 2, "least": 3}]
    assert found(judged(*OWN, ALL_FOUR, conversions=enough))["A1"].opinions == ()


def test_levelled_marks_go_through_the_rule_of_the_total() -> None:
    doubled = {"rule": "weighted_sum", "parts": [{"group": "work", "weight": 1}]}
    contest = judged(*OWN, ALL_FOUR, total=doubled)
    assert {who: each.value for who, each in found(contest).items()} == {"A1": 65, "A2": 45, "B1": 65, "B2": 85}, "of 100"


def test_what_charges_left_of_the_marks_is_not_levelled_below_nothing() -> None:
    """A1 is told 7 by lenient referees, and a rejected attempt before took 6.8: levelled by half a mark, nothing is left of 0.2."""
    charged = [{"rule": "attempts_penalty", "marks": "6.8"}]
    before: list[Fact] = [
        event(90, "attempt", contestant="A1", attempt="0", at_s=-60, data={"outcome": "rejected"}, source="yongjia/other")
    ]
    contest = judged(*OWN, ALL_FOUR, rules=charged, more=before)
    assert contest.rows[ContestantId("A1")].row.points == "0.2"
    assert found(contest)["A1"].value == 0
