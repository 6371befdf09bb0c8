"""What rules say of a contestant (over time, missed a stage, did not finish), what outweighs it, and who has a rank number (B6, D6)."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import given

from contest_server.core.acts import Annul, Override, Published, Reinstate, Remove, SetStatus, Status
from contest_server.core.answers import fault_of
from contest_server.core.cells import GRAVEST_FIRST, gravest
from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.definition import RefereePolicy
from contest_server.core.effects import effect_of, needs_of
from contest_server.core.explanation import explain
from contest_server.core.facts import ContestantId, Event, Fact, StageId, Standing
from contest_server.core.ids import ActId, OfficialId
from contest_server.core.judged_before import digest_of_result, is_as_published, snapshot_of
from contest_server.core.judging import Doubt, Opinion
from contest_server.core.tie_chain import STATUS_ORDER
from contest_server.words import CHINESE
from tests.contests import START_US, adopted, document, entries, event, fold, mark, standing
from tests.core.test_rulings import ruling
from tests.strategies import DICE, in_some_order

LATE = {"rule": "time_limit", "stage_s": 300, "action": "count"}
TOGETHER = {"rule": "cumulative_limit", "limit_s": 420, "action": "count", "beyond": "overtime"}
REQUIRED = {"rule": "required_stages"}


def contest_of(rule: Mapping[str, Any], *facts: Fact, **more: Any) -> Contest:
    stages = [{"id": name, "points": 10} for name in ("wiring", "quiz", "final")]
    return fold([adopted(document(stages=stages, rules=[rule], **more)), *facts])


def worked(seq: int, stage: str, from_s: float, to_s: float, contestant: str = "A1", attempt: str = "1") -> list[Event]:
    """A stage from its start to its clear; each takes two numbers of its device."""
    return [
        event(seq, "start", contestant, stage, attempt, at_s=from_s),
        event(seq + 1, "clear", contestant, stage, attempt, at_s=to_s),
    ]


def status(contest: Contest, contestant: str = "A1") -> str:
    return contest.rows[ContestantId(contestant)].row.status


@pytest.mark.parametrize("beyond", ["overtime", "dnf"])
@pytest.mark.parametrize(("took_s", "is_late"), [(300, False), (300.001, True)])
def test_beyond_its_limit_a_contestant_is_over_time_or_did_not_finish_b6(beyond: str, took_s: float, is_late: bool) -> None:
    """The late work counts, and still ranks behind whoever was in time with less."""
    slow = worked(1, "wiring", 0, took_s) + worked(3, "quiz", 1_000, 1_100)
    quick = worked(5, "wiring", 0, 200, "A2")
    contest = contest_of({**LATE, "beyond": beyond}, *slow, *quick)
    assert status(contest) == (beyond if is_late else "ok")
    assert (mark(contest, stage="wiring").state, contest.rows[ContestantId("A1")].row.points) == ("cleared", "20")
    assert next(iter(contest.ranking)) == ("A2" if is_late else "A1")
    assert contest.ranking.rank_of(ContestantId("A1")) == (len(contest.rows) - 1 if is_late else 1), "behind all in time, ahead of no one"


def test_held_work_puts_its_contestant_over_time_as_well() -> None:
    contest = contest_of({**LATE, "action": "overtime", "beyond": "overtime"}, *worked(1, "wiring", 0, 301))
    assert (mark(contest, stage="wiring").state, status(contest)) == ("held", "overtime")


def test_an_attempt_in_time_takes_the_place_of_a_late_one() -> None:
    rule = {**LATE, "action": "overtime", "beyond": "overtime"}
    contest = contest_of(rule, *worked(1, "wiring", 0, 301), *worked(3, "wiring", 400, 500, attempt="2"))
    assert (mark(contest, stage="wiring").state, status(contest)) == ("cleared", "ok")


def test_who_only_failed_late_is_not_over_time() -> None:
    failed = [event(1, "start", stage="wiring"), event(2, "attempt", stage="wiring", at_s=400, data={"outcome": "rejected"})]
    assert status(contest_of({**LATE, "beyond": "overtime"}, *failed)) == "ok"


TIMES = [*worked(1, "wiring", 0, 180), *worked(3, "quiz", 600, 840)]


@pytest.mark.parametrize(("last_s", "expected"), [(840, "ok"), (840.001, "overtime")])
def test_the_times_of_several_stages_have_a_limit_together_b6(last_s: float, expected: str) -> None:
    """180 s + 240 s are exactly 420 s; what lies between the stages is nobody's time."""
    contest = contest_of(TOGETHER, *worked(1, "wiring", 0, 180), *worked(3, "quiz", 600, last_s))
    assert status(contest) == expected
    assert mark(contest, stage="quiz").state == "cleared"


def test_the_sum_is_shown_and_leads_to_the_status() -> None:
    contest = contest_of(TOGETHER, *TIMES, *worked(5, "final", 900, 960))
    found = explain(contest, ContestantId("A1"), StageId("final"))
    assert found is not None
    line = next(each for each in found.lines if each.rule == "cumulative_limit")
    assert [str(each.detail) for each in line.opinions] == [
        "wiring 180 s + quiz 240 s + final 60 s = 480 s, over the limit of 420 s together"
    ]
    assert [CHINESE.tell(each.detail) for each in line.opinions] == ["wiring 180 s + quiz 240 s + final 60 s = 480 秒，超过合计时限 420 秒"]
    assert [(str(each.what), str(each.result)) for each in line.steps] == [("status of the contestant by this rule", "overtime")]
    assert explain(contest, ContestantId("A1"), StageId("quiz")).lines[-1].rule == "cleared"  # type: ignore[union-attr]


def test_of_the_stages_that_are_named_only_these_count() -> None:
    contest = contest_of({**TOGETHER, "stages": ["wiring", "final"]}, *TIMES, *worked(5, "final", 900, 1_140))
    assert status(contest) == "ok", "180 s + 240 s"
    assert status(contest_of({**TOGETHER, "stages": ["quiz", "final"]}, *TIMES, *worked(5, "final", 900, 1_141))) == "overtime"


def test_what_is_late_in_all_is_held_and_takes_its_time_from_what_follows() -> None:
    rule = {**TOGETHER, "action": "overtime", "beyond": "none"}
    contest = contest_of(rule, *worked(1, "wiring", 0, 180), *worked(3, "quiz", 200, 500), *worked(5, "final", 600, 601))
    assert [mark(contest, stage=stage).state for stage in ("wiring", "quiz", "final")] == ["cleared", "held", "held"]
    assert status(contest) == "ok"


def test_a_stage_without_a_start_is_asked_about_and_one_near_the_limit_too() -> None:
    asked = [flag.code for flag in flags_of(contest_of(TOGETHER, event(1, stage="wiring", at_s=100))) if flag.rule == "cumulative_limit"]
    assert asked == ["start_missing"]
    near = [event(1, "start", stage="wiring"), event(2, stage="wiring", at_s=419.99, offset_us=0, error_us=20_000)]
    assert [flag.code for flag in flags_of(contest_of(TOGETHER, *near)) if flag.rule == "cumulative_limit"] == ["near_time_limit"]


def test_who_finished_without_a_required_stage_missed_it_d6() -> None:
    """The order of arrival decides nothing: the missing stage may come last, and then nothing was missed."""
    finish, wiring, quiz = event(3, stage="final", at_s=90), event(1, stage="wiring", at_s=30), event(2, stage="quiz", at_s=60)
    contest = contest_of(REQUIRED, finish, wiring)
    assert status(contest) == "missed"
    [asked] = [flag for flag in flags_of(contest) if flag.rule == "required_stages"]
    assert (asked.code, asked.severity, asked.threshold, asked.seen) == ("missed_stage", "review", 2, 1)
    assert status(contest_of(REQUIRED, finish, wiring, quiz)) == "ok"
    assert status(contest_of(REQUIRED, wiring)) == "ok", "who has not finished has missed nothing yet"
    assert status(contest_of({**REQUIRED, "stages": ["wiring"]}, finish, wiring)) == "ok"
    assert status(contest_of({**REQUIRED, "beyond": "dnf"}, finish, wiring)) == "dnf"


def test_a_status_goes_with_its_reason() -> None:
    """Judged entry by entry: missed while the stage is missing, and no longer once it is there; over time until time is given back."""
    contest = contest_of(REQUIRED, event(1, stage="wiring", at_s=30), event(3, stage="final", at_s=90))
    assert status(contest) == "missed"
    told(contest, event(4, stage="quiz", at_s=60))
    assert status(contest) == "ok"
    contest = contest_of({**LATE, "beyond": "overtime"}, *worked(1, "wiring", 0, 301))
    assert (status(contest), contest.ranking.rank_of(ContestantId("A1"))) == ("overtime", 4)
    told(contest, ruling(Remove(START_US, START_US + 2_000_000), stage=None, attempt=None))
    assert (status(contest), contest.ranking.rank_of(ContestantId("A1"))) == ("ok", 1)


def told(contest: Contest, fact: Fact) -> None:
    for entry in entries([fact], contest.position):
        contest.advance(entry)
    contest.settle()


@pytest.mark.parametrize(("outcome", "needs", "expected"), [
    ("rejected", "cleared", "missed"), ("rejected", "tried", "ok"), ("pending", "cleared", "ok"), ("pending", "tried", "ok"),
])  # fmt: skip
def test_what_was_tried_or_waits_for_a_verdict(outcome: str, needs: str, expected: str) -> None:
    tried = event(2, "attempt", stage="quiz", at_s=60, data={"outcome": outcome})
    assert status(contest_of({**REQUIRED, "needs": needs}, event(1, stage="wiring"), tried, event(3, stage="final", at_s=90))) == expected


def test_what_waits_for_a_referee_is_not_missed_until_it_is_annulled() -> None:
    """Held by an `admit` (over time) or by a `gate` (opened too early): a referee says whether it counts."""
    held = [*worked(1, "wiring", 0, 301), *worked(3, "quiz", 310, 320), *worked(5, "final", 400, 410)]
    late, early = ({"rule": "time_limit", "stage_s": 300}, {"rule": "opens_after", "stages": ["wiring"]})
    stages = [
        {"id": "wiring", "points": 10, "rules": [late]},
        {"id": "quiz", "points": 10, "rules": [early]},
        {"id": "final", "points": 10},
    ]
    contest = fold([adopted(document(stages=stages, rules=[REQUIRED])), *held])
    assert (mark(contest, stage="wiring").state, status(contest)) == ("held", "ok")
    told(contest, ruling(Annul(), stage="wiring"))
    assert status(contest) == "missed"
    too_early = [event(1, stage="quiz", at_s=10), event(2, stage="final", at_s=90)]
    contest = fold([adopted(document(stages=stages, rules=[{**REQUIRED, "stages": ["quiz"]}])), *too_early])
    assert (mark(contest, stage="quiz").state, status(contest)) == ("held", "ok")


def test_officials_outweigh_rules() -> None:
    late = worked(1, "wiring", 0, 301)
    rule = {**LATE, "beyond": "overtime"}
    assert status(contest_of(rule, *late, Standing(ContestantId("A1"), "dsq", "conduct"))) == "dsq"
    assert status(contest_of(rule, *late, ruling(SetStatus("ok"), stage=None, attempt=None))) == "ok"
    assert status(contest_of(rule, *late, ruling(Reinstate(), stage="wiring"))) == "ok"
    assert status(contest_of(rule, *late, ruling(Override(outcome="rejected"), stage="wiring"))) == "ok"
    stoppage = ruling(Remove(START_US + 10_000_000, START_US + 12_000_000), stage=None, attempt=None)
    assert status(contest_of(rule, *late, stoppage)) == "ok", "two seconds were given back"
    together = [*TIMES, *worked(5, "final", 900, 960)]
    assert status(contest_of(TOGETHER, *together, ruling(Reinstate(), stage="final"))) == "ok"
    missing = event(3, stage="final", at_s=90)
    assert status(contest_of(REQUIRED, missing, ruling(Reinstate(), stage="final"))) == "ok"


def test_a_guest_stays_a_guest_and_who_withdraws_withdrew() -> None:
    rule = {**LATE, "beyond": "dnf"}
    assert status(contest_of(rule, *worked(1, "wiring", 0, 301, "G1")), "G1") == "guest"
    assert status(contest_of(rule, *worked(1, "wiring", 0, 301), event(3, "withdraw", stage=None, attempt=None, at_s=400))) == "withdrawn"


def test_of_several_the_gravest_holds() -> None:
    rules = [{**LATE, "beyond": "overtime"}, {**REQUIRED, "beyond": "missed"}]
    stages = [{"id": name, "points": 10} for name in ("wiring", "quiz", "final")]
    facts = [*worked(1, "wiring", 0, 301), event(3, stage="final", at_s=400)]
    assert status(fold([adopted(document(stages=stages, rules=rules)), *facts])) == "missed"
    assert gravest([None, "overtime", "dnf", "missed"]) == "dnf"
    assert gravest([None]) is None
    assert [STATUS_ORDER[each] for each in GRAVEST_FIRST] == [2, 2, 1], "the gravest is the last in the order"


@given(DICE)
def test_the_order_of_arrival_decides_no_status(dice: Random) -> None:
    devices = {
        "yongjia/desk": [*worked(1, "wiring", 0, 301), *worked(3, "quiz", 310, 500)],
        "yongjia/gate": [event(1, stage="final", at_s=600, source="yongjia/gate")],
    }
    rules = [{**LATE, "beyond": "overtime"}, TOGETHER, REQUIRED]
    stages = [{"id": name, "points": 10} for name in ("wiring", "quiz", "final")]
    start = adopted(document(stages=stages, rules=rules))
    plain = fold([start, *devices["yongjia/desk"], *devices["yongjia/gate"]])
    assert standing(fold([start, *in_some_order(devices, dice)])) == standing(plain)


@pytest.mark.parametrize("gone", ["dsq", "dns"])
def test_who_has_no_rank_any_more_still_fell_so_many_places(gone: Status) -> None:
    """That needs a second person, as it always did; and programs that numbered them agree about the result."""
    clears = [event(n, contestant=who, at_s=n) for n, who in enumerate(("A1", "A2", "B1", "B2"), start=1)]
    contest = fold(clears)
    order = ruling(SetStatus(gone), stage=None, attempt=None, official="C1")
    effect = effect_of(contest, [order])
    moved = {row.contestant: (row.before and row.before.rank, row.after and row.after.rank) for row in effect.rows}
    assert moved[ContestantId("A1")] == (1, None)
    assert "moves 3 ranks; from 3 a second person decides" in needs_of(RefereePolicy(), order, effect)
    contest = fold([*clears, order])
    assert [(line.contestant, line.rank) for line in snapshot_of(contest).written("").lines if line.status == gone] == [("A1", 4)]
    published = fold([*clears, order, Published(ActId("p"), START_US, OfficialId("C1"), digest_of_result(contest))])
    assert published.published[0].ranks[ContestantId("A1")] is None
    assert is_as_published(published.published[0])


def test_a_rule_can_give_no_status_that_officials_give() -> None:
    assert fault_of("gate", Opinion(Doubt.INFO, "", status="overtime")) is None
    told = fault_of("admit", Opinion(Doubt.INFO, "", status="dsq"))  # type: ignore[arg-type]
    assert str(told) == "gave the contestant the status 'dsq'"
