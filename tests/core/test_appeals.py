"""An appeal goes from state to state as the law allows, in the order in which it was moved, and nobody decides on their own matter."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import get_args

import pytest

from contest_server.core.acts import Annul, AppealMoved, AppealState, Confirm, Override, Step
from contest_server.core.appeals import NEXT, Appeal, appeals_of, deadline_us, parties
from contest_server.core.contest import Contest
from contest_server.core.facts import Fact
from contest_server.core.ids import ActId, AttemptId, ContestantId, OfficialId, StageId
from tests.contests import adopted, document, event, fold
from tests.core.stated import appealed, at, moved, published
from tests.core.test_rulings import ruling, second, undo

CLEARS: list[Fact] = [event(1, at_s=10), event(2, at_s=20, attempt="2"), event(3, contestant="A2", at_s=30)]
WITH_A_WINDOW = adopted(document() | {"referees": {"appeal_minutes": 30}})


def contest(*facts: Fact) -> Contest:
    return fold([WITH_A_WINDOW, *CLEARS, *facts])


def state(*facts: Fact) -> AppealState:
    [appeal] = appeals_of(contest(*facts))
    return appeal.state


def heard(*facts: Fact) -> Appeal:
    [appeal] = appeals_of(contest(*facts))
    return appeal


def test_every_state_is_reached_and_leads_on_or_is_the_last() -> None:
    assert set(NEXT) == {*get_args(AppealState)}
    assert {to for following in NEXT.values() for to in following} | {"filed", "late"} == set(NEXT)
    assert [each for each, following in NEXT.items() if not following] == ["final"]


def test_the_window_begins_with_the_first_publication_that_stands() -> None:
    assert deadline_us(contest()) is None
    assert deadline_us(contest(published("p2", 8_000), published("p1", 7_200))) == at(7_200 + 1_800)
    assert deadline_us(contest(published("p2", 8_000), published("p1", 7_200), undo("p1", at_s=7_300))) == at(8_000 + 1_800)
    assert deadline_us(fold([*CLEARS, published()])) is None, "there is no window"


@pytest.mark.parametrize(
    ("after_s", "expected"), [(-9_000, "filed"), (0, "filed"), (1_800, "filed"), (1_800.001, "late"), (90_000, "late")]
)
def test_an_appeal_is_late_after_its_deadline_and_not_at_it(after_s: float, expected: AppealState) -> None:
    assert state(published(), appealed(at_s=7_200 + after_s)) == expected


def test_where_nothing_is_published_nothing_is_late() -> None:
    assert state(appealed(at_s=90_000)) == "filed"
    assert state(appealed(at_s=90_000), published()) == "late"


WAY = [moved("admitted", 8_000), moved("under_review", 8_100), moved("upheld", 8_200, ("R3",)), moved("final", 8_300)]


def test_moves_count_in_their_own_order_whatever_arrived_first() -> None:
    facts: list[Fact] = [appealed(), *WAY]
    for order in permutations(facts):
        appeal = heard(*order)
        assert (appeal.state, [each.to for each in appeal.moves]) == ("final", ["admitted", "under_review", "upheld", "final"])


def test_a_move_that_its_state_does_not_allow_moves_nothing() -> None:
    assert state(appealed(), WAY[2]) == "filed"
    assert state(appealed(), WAY[0], WAY[3], WAY[1]) == "under_review"
    assert state(appealed(), *WAY, moved("admitted", 9_000)) == "final"
    assert state(appealed(), moved("admitted", 8_000, of="a9")) == "filed"


def test_a_move_that_is_undone_leaves_the_appeal_where_it_was() -> None:
    assert state(appealed(), *WAY[:2], undo("m8100", at_s=8_150)) == "admitted"
    assert state(appealed(), *WAY, undo("m8100", at_s=8_400)) == "admitted", "and what came after it falls"
    assert appeals_of(contest(appealed(), undo("a1", at_s=8_000))) == []


@pytest.mark.parametrize(
    ("way", "is_open"),
    [
        (WAY[:0], True), (WAY[:1], True), (WAY[:2], True), (WAY[:3], False), (WAY, False),
        ([moved("dismissed", 8_000)], False),
        ([*WAY[:3], moved("second_level", 8_250)], True),
        ([*WAY[:3], moved("second_level", 8_250), moved("dismissed", 8_260, ("R2",))], False),
    ],
)  # fmt: skip
def test_an_appeal_is_open_until_it_is_decided(way: list[AppealMoved], is_open: bool) -> None:
    assert heard(appealed(), *way).is_open == is_open


def test_there_is_one_second_level() -> None:
    again = [moved("second_level", 8_250), moved("dismissed", 8_260, ("R2",))]
    assert heard(appealed(), *WAY[:3]).next == ["second_level", "final"]
    assert heard(appealed(), *WAY[:3], *again).next == ["final"]
    assert state(appealed(), *WAY[:3], *again, moved("second_level", 8_270)) == "dismissed"


def test_the_rulings_that_carry_an_appeal_out_are_listed_once() -> None:
    carried = ruling(Override(marks="9"), "r7", at_s=8_150, appeal=ActId("a1"))
    named = AppealMoved(ActId("m1"), at(8_200), carried.official, ActId("a1"), "upheld", "as heard", (), (ActId("r7"), ActId("r8")))
    other = ruling(Annul(), "r8", at_s=8_160)
    assert heard(appealed(), *WAY[:2], carried, other, named).rulings == ["r7", "r8"]
    assert heard(appealed(), carried, undo("r7", at_s=8_170)).rulings == []


# ---- who is a party --------------------------------------------------------------------------------------------------------------


def involved(*facts: Fact) -> Mapping[OfficialId, str]:
    found = contest(*facts)
    return parties(found, appeals_of(found)[0])


BEFORE = 7_000


def test_who_ruled_on_the_matter_or_approved_that_is_a_party() -> None:
    ruled = ruling(Annul(), at_s=BEFORE, official="R3", needs=("changes a medal",))
    assert involved(appealed(), ruled, second("r1", at_s=BEFORE + 1)) == {"R3": "r1", "R2": "s1"}
    assert involved(appealed(), ruling(Confirm(), at_s=BEFORE, flags=("k",))) == {"R1": "r1"}
    assert involved(appealed(stage=None, ruling=ActId("r1")), ruled) == {"R3": "r1"}


def test_other_matters_make_nobody_a_party() -> None:
    others = [
        ruling(Annul(), "r1", stage="wiring", at_s=BEFORE),
        ruling(Annul(), "r2", contestant="A2", at_s=BEFORE),
        ruling(Step("ready"), "r3", at_s=BEFORE),
        ruling(Override(marks="9"), "r4", at_s=8_000, appeal=ActId("a1")),
    ]
    assert involved(appealed(), *others) == {}
    second_attempt = ruling(Annul(), "r5", attempt="2", at_s=BEFORE)
    assert involved(appealed(attempt=AttemptId("1")), second_attempt) == {}
    assert involved(appealed(attempt=AttemptId("2")), second_attempt) == {"R1": "r5"}
    assert involved(appealed(stage=None, ruling=ActId("r5")), second_attempt, ruling(Annul(), "r6", official="R3", at_s=BEFORE)) == {
        "R1": "r5"
    }


def test_who_decided_at_the_first_level_does_not_decide_at_the_second() -> None:
    first: list[Fact] = [appealed(), *WAY[:3]]
    assert involved(*first) == {}
    assert involved(*first, moved("second_level", 8_250)) == {"R3": "m8200"}


def test_an_appeal_knows_what_it_is_about() -> None:
    filed = heard(appealed(evidence=("video 3",))).filed
    assert (filed.contestant, filed.stage, filed.evidence) == (ContestantId("A1"), StageId("quiz"), ("video 3",))
