"""What happened first is first: by the moments of events and rulings themselves, also where contest time stands still."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given

from contest_server.core.acts import Action, Annul, Disqualify, Hold, Override, Penalise, Remove, Rerun, Ruled
from contest_server.core.facts import Fact
from contest_server.core.ids import ActId, AttemptId, ContestantId, OfficialId, StageId
from tests.contests import START_US, adopted, document, event, fold, mark, points, standing, tried
from tests.core.stated import at
from tests.strategies import DICE

OUTCOMES_OF: dict[str, Any] = {"b": "accepted", "a": "rejected"}
STANDSTILL = (0, 600)
"""From when to when the contest's time is removed for everybody, in seconds."""
STAGES = [{"id": "quiz", "points": 10, "rules": [{"rule": "attempts_penalty", "seconds": 60, "marks": 2}]}, {"id": "final", "points": 10}]


def ruled(name: str, at_s: float, action: Action, contestant: str | None = "A1", stage: str | None = "quiz", **more: Any) -> Ruled:
    who, where = (None if contestant is None else ContestantId(contestant)), (None if stage is None else StageId(stage))
    return Ruled(ActId(name), at(at_s), OfficialId("C1"), action, "other", "as drawn", who, where, **more)


def stoppage() -> Ruled:
    begin, end = STANDSTILL
    return ruled("stop", 900, Remove(at(begin), at(end)), contestant=None, stage=None)


def cup(**changes: Any) -> Any:
    return adopted(document(stages=STAGES, **changes))


@pytest.mark.parametrize("names", [("9", "10"), ("10", "9"), ("b", "a")])
def test_attempts_keep_their_order_while_contest_time_stands_still(names: tuple[str, str]) -> None:
    """Both have the same contest time; what they are called decides nothing."""
    first, second = names
    contest = fold([cup(), stoppage(), tried(1, "rejected", attempt=first, at_s=100), event(2, attempt=second, at_s=200)])
    assert (points(contest), mark(contest).tries, mark(contest).penalty_ms) == ("8", 2, 60_000)
    contest = fold([cup(), stoppage(), event(1, attempt=first, at_s=100), tried(2, "rejected", attempt=second, at_s=200)])
    assert (points(contest), mark(contest).tries, mark(contest).penalty_ms) == ("10", 1, 0), "rejected after the clear"


@pytest.mark.parametrize("names", [("9", "10"), ("10", "9")])
def test_of_attempts_in_one_millisecond_the_moments_and_then_the_numbers_decide(names: tuple[str, str]) -> None:
    first, second = names
    for later in (0.0005, 0):
        contest = fold([cup(), tried(1, "rejected", attempt=first, at_s=100), event(2, attempt=second, at_s=100 + later)])
        assert (points(contest), mark(contest).tries) == ("8", 2)


def test_a_hold_begins_at_its_own_moment_while_contest_time_stands_still() -> None:
    hold = ruled("h", 950, Hold(at(300)), contestant=None)
    told = [event(1, at_s=200), event(2, contestant="B1", at_s=300)]
    contest = fold([cup(), stoppage(), hold, *told])
    assert (mark(contest).state, mark(contest, "B1").state) == ("cleared", "pending")


def test_a_re_run_while_contest_time_stands_still_waits_for_a_ruling() -> None:
    rerun = ruled("r", 300, Rerun(), attempt=AttemptId("1"))
    contest = fold([cup(), stoppage(), rerun, tried(1, "rejected", at_s=200), event(2, attempt="2", at_s=400)])
    assert mark(contest).state == "held"
    contest = fold([cup(), stoppage(), rerun, tried(1, "rejected", attempt="1", at_s=200), event(2, attempt="0", at_s=250)])
    assert mark(contest).state == "cleared", "it was handed in before anybody granted a re-run"


def test_work_that_began_after_the_clear_is_not_when_the_clear_began() -> None:
    """No start of the clear was seen. An attempt that was begun afterwards does not make it a matter of no time."""
    ranking = [{"by": "points"}, {"by": "stage_ms:quiz"}]
    told = [event(1, at_s=100), event(2, "start", attempt="2", at_s=150), tried(3, "rejected", attempt="2", at_s=160)]
    other = [event(1, "start", contestant="B1", at_s=40, source="yueqing/desk"), event(2, contestant="B1", at_s=100, source="yueqing/desk")]
    contest = fold([cup(ranking=ranking), *told, *other])
    assert [contest.ranking.rank_of(ContestantId(who)) for who in ("B1", "A1")] == [1, 2]
    earlier = [event(1, "start", attempt="0", at_s=90), event(2, at_s=100)]
    contest = fold([cup(ranking=ranking), *earlier, *other])
    assert [contest.ranking.rank_of(ContestantId(who)) for who in ("B1", "A1")] == [2, 1], "what was begun before does"


def test_what_is_given_back_of_a_penalty_is_reckoned_before_nothing_is_left() -> None:
    """10 points, 15 taken, 5 given back: 0, not 5; the same of time."""
    taken = [ruled("p1", 900, Penalise("15", -120_000), stage=None), ruled("p2", 910, Penalise("-5", 70_000), stage=None)]
    for order in (taken, taken[::-1]):
        contest = fold([cup(), event(1, at_s=100), *order])
        assert (points(contest), contest.rows[ContestantId("A1")].row.time_ms) == ("0", 50_000)


def test_a_penalty_after_the_marks_of_a_stage_were_ruled_is_taken_off_them() -> None:
    """The marks of the ruling replace what was taken before it, and what is taken later is taken off them; never below zero."""
    marks = ruled("o", 910, Override(marks="6"), attempt=AttemptId("1"))
    before, after = ruled("p", 900, Penalise("1")), ruled("p", 920, Penalise("1"))
    facts: list[Fact] = [cup(), tried(1, "rejected", attempt="0", at_s=50), event(2, at_s=100), marks]
    assert points(fold([*facts, before])) == "6"
    assert points(fold([*facts, after])) == "5"
    assert points(fold([*facts, ruled("p", 920, Penalise("7"))])) == "0"
    assert points(fold([*facts, ruled("p", 920, Penalise("-1"))])) == "7"


def test_of_two_rulings_on_an_aspect_the_later_holds_whether_they_name_the_attempt_or_not() -> None:
    stages = [{"id": "quiz", "aspects": [{"id": "power_up", "rule": "attempt_decay", "max": 4, "table": [4, 2]}]}]
    facts: list[Fact] = [adopted(document(stages=stages)), event(1, at_s=100)]
    marks, gone = Override(aspect="power_up", marks="3"), Disqualify("power_up")
    one = AttemptId("1")
    assert points(fold([*facts, ruled("a", 900, marks, attempt=one), ruled("b", 910, gone)])) == "0"
    assert points(fold([*facts, ruled("a", 900, gone), ruled("b", 910, marks, attempt=one)])) == "3"


def test_a_clear_keeps_its_time_when_another_device_says_so_again() -> None:
    """What was handed in as pending counts from then; else the first word counts, whichever kind of event says it."""
    again = tried(1, "accepted", at_s=300, source="yueqing/jury")
    assert mark(fold([cup(), event(1, at_s=100), again])).ms == 100_000
    assert mark(fold([cup(), tried(1, "pending", at_s=90), event(2, at_s=100), again])).ms == 90_000
    assert mark(fold([cup(), event(2, at_s=100), tried(1, "pending", at_s=90, source="yueqing/desk"), again])).ms == 90_000


def test_penalties_of_the_whole_contest_are_penalties_in_the_tie_chain() -> None:
    ranking = [{"by": "points"}, {"by": "penalty_ms"}]
    told = [event(1, at_s=100), event(2, contestant="B1", at_s=200), event(3, contestant="A2", at_s=300)]
    of_all, of_stage = ruled("p1", 900, Penalise(time_ms=2_000), stage=None), ruled("p2", 900, Penalise(time_ms=1_000), contestant="B1")
    contest = fold([cup(ranking=ranking), *told, of_all, of_stage])
    assert [contest.ranking.rank_of(ContestantId(who)) for who in ("A2", "B1", "A1")] == [1, 2, 3]


@given(DICE)
def test_what_attempts_are_called_decides_nothing(dice: Any) -> None:
    """The same story under other names of attempts, with time standing still: the same board."""
    told = [(dice.choice(("accepted", "rejected")), dice.choice((100, 100.0004, 101, 650))) for _ in range(4)]
    told.sort(key=lambda each: each[1])
    boards = []
    for names in ("abcd", "dcba", dice.sample("wxyz", 4)):
        events = [tried(seq, outcome, attempt=names[seq - 1], at_s=at_s) for seq, (outcome, at_s) in enumerate(told, start=1)]
        gone = ruled("x", 950, Annul(), attempt=AttemptId(names[0]))
        boards.append(standing(fold([cup(), stoppage(), *events, gone]))["rows"])
    assert boards[0] == boards[1] == boards[2]


def test_the_beginning_is_where_it_is_thought_to_be() -> None:
    assert at(0) == START_US


@pytest.mark.parametrize("arrived", list(permutations(range(3))))
def test_attempts_that_nobody_decided_have_one_order_whatever_arrived_first(arrived: tuple[int, ...]) -> None:
    """Both begin with a start of no attempt, so that their moments are the same."""
    told = [
        event(1, "start", attempt=None, at_s=1),
        event(2, "evidence", attempt="a", at_s=2),
        event(1, "evidence", attempt="b", at_s=3, source="yueqing/jury"),
    ]
    decided = [ruled(f"o{name}", 900, Override(outcome=outcome), attempt=AttemptId(name)) for name, outcome in OUTCOMES_OF.items()]
    contest = fold([cup(), *(told[each] for each in arrived), *decided])
    assert (points(contest), mark(contest).penalty_ms) == ("8", 60_000)
