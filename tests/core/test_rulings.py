"""A ruling outweighs every judge, is reversible, and counts wherever it stands in the ledger."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from contest_server.core.acts import (
    Action,
    Annul,
    Confirm,
    Disqualify,
    Hold,
    Override,
    Penalise,
    Reinstate,
    Remove,
    Reopen,
    Rerun,
    Ruled,
    Seconded,
    SendBack,
    SetStatus,
    Undo,
)
from contest_server.core.contest_flags import flags_of
from contest_server.core.explanation import explain
from contest_server.core.facts import Fact, Finalised, Scope, Standing
from contest_server.core.ids import ActId, AttemptId, ContestantId, OfficialId, StageId, VenueId
from tests.contests import START_US, adopted, clock, document, entries, event, fold, mark, points, tried

MINUTE_US = 60_000_000


def ruling(
    action: Action,
    name: str = "r1",
    contestant: str | None = "A1",
    stage: str | None = "quiz",
    attempt: str | None = "1",
    at_s: float = 100,
    official: str = "R1",
    **more: Any,
) -> Ruled:
    return Ruled(
        id=ActId(name),
        at_us=START_US + round(at_s * 1_000_000),
        official=OfficialId(official),
        action=action,
        code="evidence_reviewed",
        reason="seen on video",
        contestant=None if contestant is None else ContestantId(contestant),
        stage=None if stage is None else StageId(stage),
        attempt=None if attempt is None else AttemptId(attempt),
        **more,
    )


def undo(of: str, name: str = "u1", at_s: float = 200, **more: Any) -> Ruled:
    return ruling(Undo(ActId(of)), name, None, None, None, at_s, **more)


def second(of: str, approve: bool = True, name: str = "s1", official: str = "R2", at_s: float = 150) -> Seconded:
    return Seconded(ActId(name), START_US + round(at_s * 1_000_000), OfficialId(official), ActId(of), approve, "looked at it")


CLEAR = event(1, at_s=10)
WIRED = event(1, at_s=10, stage="wiring", data={"mohm": "2.4"})

EFFECTS: dict[str, tuple[list[Fact], Ruled, tuple[str, str], tuple[str, str]]] = {
    "an annulled attempt is as if it had never been made": (
        [CLEAR, event(2, at_s=20, attempt="2")],
        ruling(Annul()),
        ("cleared", "10.5"),
        ("cleared", "10.5"),
    ),
    "annulling the only attempt leaves nothing": ([CLEAR], ruling(Annul()), ("cleared", "10.5"), ("working", "0")),
    "another outcome": ([tried(1, "rejected", at_s=10)], ruling(Override(outcome="accepted")), ("tried", "0"), ("cleared", "10.5")),
    "sent back": ([CLEAR], ruling(SendBack()), ("cleared", "10.5"), ("pending", "0")),
    "marks of the whole stage": ([CLEAR], ruling(Override(marks="7")), ("cleared", "10.5"), ("cleared", "7.5")),
    "a penalty": ([CLEAR], ruling(Penalise(marks="4")), ("cleared", "10.5"), ("cleared", "6.5")),
    "marks given back": ([CLEAR], ruling(Penalise(marks="-2")), ("cleared", "10.5"), ("cleared", "12.5")),
    "disqualified from the stage": ([CLEAR], ruling(Disqualify()), ("cleared", "10.5"), ("tried", "0")),
    "judging held": ([CLEAR], ruling(Hold(START_US), contestant=None, attempt=None), ("cleared", "10.5"), ("pending", "0")),
    "an aspect": (
        [WIRED],
        ruling(Override(aspect="insulation", marks="1.5"), stage="wiring"),
        ("cleared", "18"),
        ("cleared", "14.5"),
    ),
    "disqualified from an aspect": ([WIRED], ruling(Disqualify("safety"), stage="wiring"), ("cleared", "18"), ("cleared", "15")),
}


@pytest.mark.parametrize("name", EFFECTS)
def test_a_ruling_counts_before_and_after_its_events_and_can_be_undone(name: str) -> None:
    facts, ruled, before, after = EFFECTS[name]
    stage = "wiring" if "aspect" in name else "quiz"

    def shown(*more: Fact) -> tuple[str, str]:
        found = mark(fold([*facts, *more]), stage=stage)
        return found.state, found.points

    assert shown() == before, "without the ruling"
    assert shown(ruled) == after
    early = mark(fold([adopted(), ruled, *facts]), stage=stage)
    assert (early.state, early.points) == after, "a ruling may come before what it is about"
    assert shown(ruled, undo("r1")) == before, "undone"
    assert shown(ruled, undo("r1"), undo("u1", "u2", 300)) == after, "the undo undone"
    assert shown(undo("r1"), ruled) == before, "in whatever order they arrive"


def test_a_held_attempt_counts_once_it_is_reinstated() -> None:
    gated = [event(1, at_s=10, stage="final")]
    assert mark(fold(gated), stage="final").state == "held"
    released = fold([*gated, ruling(Reinstate(), stage="final")])
    assert (mark(released, stage="final").state, mark(released, stage="final").points) == ("cleared", "20")
    assert mark(fold([*gated, ruling(Reinstate(), stage="final"), undo("r1")]), stage="final").state == "held"


def test_a_reinstatement_that_was_only_supposed_opens_no_gate() -> None:
    contest = fold([event(1, at_s=10, stage="final")])
    with contest.supposing(ruling(Reinstate(), stage="final")):
        assert mark(contest, stage="final").state == "cleared"
    assert mark(contest, stage="final").state == "held"


def test_a_re_run_is_held_until_it_is_reinstated_and_then_takes_the_place_of_what_it_repeats() -> None:
    granted = ruling(Rerun(), stage="final", at_s=100)
    facts: list[Fact] = [event(1, at_s=5, stage="wiring", data={"mohm": "2"}), event(2, at_s=10, stage="final"), granted]
    again = event(3, at_s=200, stage="final", attempt="2")
    waiting = fold([*facts, again])
    assert mark(waiting, stage="final").ms == 10_000, "the first attempt counts until somebody rules"
    assert "extra_attempt" in {flag.code for flag in flags_of(waiting)}
    ruled = fold([*facts, again, ruling(Reinstate(), "r2", stage="final", attempt="2", at_s=300)])
    assert mark(ruled, stage="final").ms == 200_000
    assert "extra_attempt" not in {flag.code for flag in flags_of(ruled)}
    assert mark(fold([*facts, again, ruling(Annul(), "r2", stage="final", attempt="2", at_s=300)]), stage="final").ms == 10_000


def test_what_was_sent_back_is_judged_again_when_later_evidence_arrives() -> None:
    sent_back = ruling(SendBack(), stage="wiring", at_s=100)
    assert mark(fold([WIRED, sent_back]), stage="wiring").state == "pending"
    evidence = event(2, "evidence", at_s=150, stage="wiring", data={"mohm": "0.2"})
    answered = mark(fold([WIRED, sent_back, evidence]), stage="wiring")
    assert (answered.state, answered.points) == ("cleared", "13")


def test_removed_time_does_not_count_for_whom_it_was_removed() -> None:
    """E2: start 9:00, removed 10:00 to 10:10: 9:30 is minute 30, 10:05 minute 60, 10:30 minute 80."""
    hour = START_US + 60 * MINUTE_US
    removed = Remove(hour, hour + 10 * MINUTE_US)
    told = [event(n, at_s=60 * minute, contestant=who) for n, (who, minute) in enumerate((("A1", 30), ("A2", 65), ("B1", 90)), start=1)]

    def minutes(action: Remove, contestant: str | None = None) -> list[float]:
        contest = fold([*told, ruling(action, contestant=contestant, stage=None, attempt=None)])
        return [mark(contest, who).ms / 60_000 for who in ("A1", "A2", "B1")]

    assert minutes(removed) == [30, 60, 80]
    assert minutes(Remove(removed.from_us, removed.to_us, VenueId("yueqing"))) == [30, 65, 80]
    assert minutes(removed, "A2") == [30, 60, 90]
    contest = fold([*told, ruling(removed, contestant=None, stage=None, attempt=None), undo("r1")])
    assert mark(contest, "B1").ms == 90 * 60_000


def test_time_and_marks_are_taken_and_given_back_in_the_whole_contest() -> None:
    whole = ruling(Penalise(marks="3", time_ms=-4_000), stage=None, attempt=None)
    contest = fold([CLEAR, whole])
    row = contest.rows[ContestantId("A1")].row
    assert (row.points, row.time_ms) == ("7.5", 6_000)
    assert points(fold([CLEAR, ruling(Penalise(marks="99"), stage=None, attempt=None)])) == "0", "never below zero"


@pytest.mark.parametrize("total", [{"rule": "sum"}, {"rule": "sum", "time": "sum"}, {"rule": "count_then_time"}], ids=str)
def test_nobody_was_faster_than_no_time_at_all(total: dict[str, str]) -> None:
    """However much time is given back at a stage (补时); and who is told why reads the same."""
    contest = fold([adopted(document(total=total)), CLEAR, ruling(Penalise(time_ms=-3_600_000))])
    assert contest.rows[ContestantId("A1")].row.time_ms == 0
    assert contest.bench is not None
    explained, _ = contest.sheets[ContestantId("A1")].total(contest.record(ContestantId("A1"), contest.bench), contest.bench)
    assert (explained.time_ms, str(explained.steps[-1].what)) == (0, "-3590 s, not below 0")


def test_a_status_by_ruling_outweighs_one_by_standing_and_can_be_undone() -> None:
    out = ruling(Disqualify(), stage=None, attempt=None)
    assert fold([CLEAR, out]).rows[ContestantId("A1")].row.status == "dsq"
    assert fold([CLEAR, out]).first_clears() == {}, "who is disqualified holds no first clear"
    back = ruling(SetStatus("ok"), "r2", stage=None, attempt=None, at_s=300)
    assert fold([CLEAR, out, back]).rows[ContestantId("A1")].row.status == "ok"
    absent = Standing(ContestantId("A1"), "dns", "not there")
    for ruled in (fold([CLEAR, absent, out]), fold([CLEAR, out, absent])):
        assert ruled.rows[ContestantId("A1")].row.status == "dsq", "whichever comes last"
    assert fold([CLEAR, absent, out, undo("r1")]).rows[ContestantId("A1")].row.status == "dns"
    undone = fold([CLEAR, out, undo("r1")])
    assert (undone.rows[ContestantId("A1")].row.status, list(undone.first_clears())) == ("ok", ["quiz"])


def state(*facts: Fact) -> str:
    return fold([CLEAR, *facts]).office.rulings.state(ActId("r1"))


def test_a_ruling_that_needs_a_second_person_waits_for_somebody_else() -> None:
    ruled = ruling(Annul(), needs=("moves 10 points",))
    assert state(ruled) == "waiting"
    assert mark(fold([CLEAR, ruled])).state == "cleared"
    assert state(ruled, second("r1", official="R1")) == "waiting", "nobody approves their own decision"
    assert state(ruled, second("r1")) == state(second("r1"), ruled) == "in_force"
    assert mark(fold([CLEAR, ruled, second("r1")])).state == "working"
    assert state(ruled, second("r1", approve=False)) == "rejected"
    assert state(ruled, second("r1", approve=False, at_s=150), second("r1", name="s2", official="R3", at_s=160)) == "rejected", "the first"
    late = second("r1", name="s2", official="R3", at_s=160)
    assert state(ruled, late, second("r1", approve=False, at_s=150)) == "rejected", "the first by its time, whichever arrives first"
    assert state(ruled, second("r1"), undo("r1")) == "undone"


def test_acts_cannot_undo_each_other_in_a_circle() -> None:
    one, other = undo("u2", "u1", 200), undo("u1", "u2", 300)
    rulings = fold([CLEAR, ruling(Annul()), one, other]).office.rulings
    assert (rulings.state(ActId("u1")), rulings.state(ActId("u2"))) == ("undone", "in_force")


def test_what_is_supposed_leaves_no_trace() -> None:
    contest = fold([CLEAR, event(2, at_s=30, contestant="A2")])
    before = contest.digest(), list(contest.ranking), contest.first_clears(), [flag.key for flag in flags_of(contest)]
    acts: list[tuple[Action, dict[str, Any]]] = [
        (Annul(), {}),
        (Remove(START_US, START_US + MINUTE_US), {"contestant": None, "stage": None, "attempt": None}),
        (Hold(START_US), {"contestant": None, "attempt": None}),
        (Disqualify(), {"stage": None, "attempt": None}),
    ]
    for action, more in acts:
        with contest.supposing(ruling(action, **more)):
            assert contest.digest() != before[0]
        assert (contest.digest(), list(contest.ranking), contest.first_clears(), [flag.key for flag in flags_of(contest)]) == before
        assert contest.settle() == set()


def test_whose_row_moved_before_something_was_supposed_is_told_afterwards() -> None:
    contest = fold([CLEAR])
    [entry] = entries([event(2, at_s=30, contestant="A2")], after=contest.position)
    contest.advance(entry)
    with contest.supposing(ruling(Annul())) as moved:
        assert ContestantId("A1") in moved
    assert ContestantId("A2") in contest.settle()


def test_a_result_that_is_declared_final_twice_is_final_since_the_first_time() -> None:
    late = event(2, at_s=30, stage="wiring", data={"mohm": "2"})
    facts: list[Fact] = [CLEAR, clock("end", 60), Finalised(), late, Finalised(), adopted(document(version=2))]
    contest = fold(facts)
    assert mark(contest, stage="wiring") is None
    assert [entry.fact for entry in contest.after_final] == [late]


def test_a_reopened_result_takes_in_what_arrived_after_the_end() -> None:
    late = event(2, at_s=30, stage="wiring", data={"mohm": "2"})
    final: list[Fact] = [CLEAR, clock("end", 60), Finalised(), late]
    contest = fold(final)
    assert contest.final
    assert mark(contest, stage="wiring") is None
    reopen = ruling(Reopen(), contestant=None, stage=None, attempt=None, needs=("reopens",))
    assert fold([*final, reopen]).final, "it waits for a second person"
    opened = fold([*final, reopen, second("r1")])
    assert (opened.final, mark(opened, stage="wiring").state) == (False, "cleared")
    again: list[Fact] = [*final, reopen, second("r1"), Finalised()]
    assert fold(again).final
    assert fold([*again, ruling(Confirm(), "r2", at_s=300)]).final, "what opened it once opens it no second time"


def test_the_scope_of_an_adoption_leaves_the_rest_as_it_was_judged() -> None:
    dearer = document(version=2)
    dearer["stages"][1]["points"] = 30
    newer = adopted(dearer)
    told = [CLEAR, event(2, at_s=30, contestant="A2"), event(1, at_s=40, contestant="B1", source="yueqing/desk")]
    first, second_, other = (mark(fold([*told, newer]), who).points for who in ("A1", "A2", "B1"))
    assert (first, second_, other) == ("31.5", "30.9", "30.3")
    for scope, expected in (
        (Scope(contestants=(ContestantId("A2"),)), ("10.5", "30.3", "10.1")),
        (Scope(venues=(VenueId("yueqing"),)), ("10.5", "10.3", "30.1")),
        (Scope(stages=(StageId("wiring"),)), ("10.5", "10.3", "10.1")),
        (Scope(devices=("yueqing/desk",)), ("10.5", "10.3", "30.1")),  # type: ignore[arg-type]
        (Scope(to_us=START_US + 35_000_000), ("30.5", "30.3", "10.1")),
        (Scope(outcomes=("rejected",)), ("10.5", "10.3", "10.1")),
    ):
        contest = fold([*told, msgspec.structs.replace(newer, scope=scope)])
        got = tuple(contest.sheets[ContestantId(who)].cells[StageId("quiz")].marks for who in ("A1", "A2", "B1"))
        wanted = tuple(30 if each.startswith("3") else 10 for each in expected)
        assert got == wanted, scope


def test_a_top_that_a_referee_rejects_is_gone() -> None:
    boulder = {"id": "quiz", "aspects": [{"id": "climb", "rule": "top_and_zone", "max": 25, "zone": 10, "cost": "0.1"}]}
    climb = [
        tried(1, "accepted", {"reached": "zone"}, attempt="1", at_s=10),
        tried(2, "accepted", {"reached": "top"}, attempt="2", at_s=20),
    ]
    rules = adopted(document(stages=[boulder]))
    assert points(fold([rules, *climb])) == "24.9"
    assert points(fold([rules, *climb, ruling(Override(outcome="rejected"), attempt="2")])) == "10"


def test_what_a_ruling_gives_at_a_stage_that_is_held_waits_with_it() -> None:
    limited = {"id": "quiz", "points": 10, "rules": [{"rule": "time_limit", "run_s": 5}]}
    told: list[Fact] = [adopted(document(stages=[limited])), event(1, at_s=10)]
    assert (mark(fold(told)).state, points(fold(told))) == ("held", "0")
    told.append(ruling(Penalise(marks="-1"), attempt=None))
    given, released = fold(told), fold([*told, ruling(Reinstate(), "r2")])
    assert (mark(given).state, mark(given).points, points(given)) == ("held", "0", "0")
    explained = explain(given, ContestantId("A1"), StageId("quiz"))
    assert explained is not None
    assert sum(line.marks or 0 for line in explained.lines) == 0
    assert (mark(released).state, mark(released).points, points(released)) == ("cleared", "11", "11")
