"""An attempt has one hand-in and, at last, one verdict, whatever the clocks of the venue and of the jury say."""

from __future__ import annotations

from itertools import permutations

import pytest

from contest_server.core.acts import Disqualify
from contest_server.core.contest_flags import flags_of
from contest_server.core.facts import ContestantId, Event, Finalised, Standing
from tests.contests import fold, mark, points, tried
from tests.core.test_rulings import ruling, undo


def handed_in(at_s: float) -> Event:
    return tried(1, "pending", at_s=at_s)


def verdict(seq: int, outcome: str, at_s: float) -> Event:
    return tried(seq, outcome, at_s=at_s, source="yongjia/jury")


@pytest.mark.parametrize("jury_s", [5.0, 10.0, 15.0])
def test_a_jury_whose_clock_is_behind_settles_the_attempt_all_the_same(jury_s: float) -> None:
    for order in permutations([handed_in(10.0), verdict(1, "accepted", jury_s)]):
        cell = mark(fold(order))
        assert (cell.state, cell.pending, cell.ms) == ("cleared", 0, 10_000)


def test_who_gave_the_verdict_can_open_it_again() -> None:
    assert mark(fold([handed_in(10.0), verdict(1, "accepted", 15.0), verdict(2, "pending", 20.0)])).pending == 1
    assert (
        mark(fold([handed_in(10.0), verdict(1, "accepted", 15.0), verdict(2, "pending", 20.0), verdict(3, "rejected", 21.0)])).state
        == "tried"
    )


def test_the_last_verdict_counts() -> None:
    facts = [handed_in(10.0), verdict(1, "rejected", 15.0), verdict(2, "accepted", 16.0)]
    assert {mark(fold(order)).state for order in ([facts[0], facts[1], facts[2]], [facts[1], facts[0], facts[2]])} == {"cleared"}


def test_who_is_disqualified_gives_first_clears_and_pending_attempts_up() -> None:
    out = Standing(ContestantId("B1"), "dsq", "ruled")
    first, second = tried(1, "accepted", contestant="B1", at_s=1, source="yueqing/desk"), tried(1, "accepted", at_s=2)
    assert fold([first, second, out]).first_clears()["quiz"] == (("A1",), 2000)  # type: ignore[index]
    waiting = tried(1, "pending", contestant="B1", at_s=1, source="yueqing/desk")
    assert fold([waiting, second]).first_clears() == {}
    assert fold([waiting, second, out]).first_clears()["quiz"] == (("A1",), 2000)  # type: ignore[index]


def test_who_is_disqualified_from_a_stage_holds_up_nobody_there() -> None:
    """An attempt that can no longer clear the stage, whatever its verdict, keeps no first clear from another."""
    waiting, second = tried(1, "pending", contestant="B1", at_s=1, source="yueqing/desk"), tried(1, "accepted", at_s=2)
    out = ruling(Disqualify(), contestant="B1", attempt=None)
    assert fold([waiting, second, out]).first_clears()["quiz"] == (("A1",), 2000)  # type: ignore[index]
    assert points(fold([waiting, second, out])) == "10.5", "with its bonus"
    assert fold([waiting, second, out, undo("r1")]).first_clears() == {}


def test_what_arrives_after_the_result_is_final_is_kept_and_flagged_and_does_not_count() -> None:
    early, late = tried(1, "accepted", at_s=1), tried(2, "accepted", contestant="A2", attempt="2", at_s=2)
    contest = fold([early, Finalised(), late])
    assert contest.digest() == fold([early, Finalised()]).digest()
    assert [flag.code for flag in flags_of(contest) if flag.contestant == "A2"] == ["after_final"]
