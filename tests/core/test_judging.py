"""A cell is always judged from all its events; a judge that fails asks a referee, and an explanation adds up."""

# ruff: noqa: ARG002 - the stations' signatures

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import given

from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.explanation import explain
from contest_server.core.facts import ContestantId, Event, StageId
from contest_server.core.judging import (
    API_VERSION,
    Attempt,
    CellView,
    Charge,
    ContestantRecord,
    Evidence,
    Field,
    MissingEvidence,
    Opinion,
    Score,
    StageView,
    Total,
)
from judges.first_clear import FirstClear
from tests.contests import JUDGES, adopted, document, event, fold, mark, points, standing, tried
from tests.strategies import DICE, histories, in_some_order

WHAT = ("raises", "missing", "nothing", "nan", "negative", "above", "float", "junk")


def bad(what: str, kind: str) -> Any:
    """An answer as no judge should give one."""
    if what == "raises":
        raise ZeroDivisionError("a bug")
    if what == "missing":
        raise MissingEvidence("mohm: no value was sent")
    if what in ("nothing", "junk"):
        return None if what == "nothing" else object()
    marks: Any = {"nan": Decimal("NaN"), "negative": Decimal(-1), "above": Decimal(6), "float": 1.5}[what]
    made: dict[str, Callable[[], Any]] = {
        "score": lambda: Score(marks, Decimal(5)),
        "charge": lambda: Charge(marks, 1.5 if what == "above" else 0),  # type: ignore[arg-type]
        "award": lambda: {ContestantId("A1"): marks if what != "above" else "6"},
        "total": lambda: Total(
            marks if what in ("nan", "float") else Decimal(1),
            None if what == "above" else 0,  # type: ignore[arg-type]
            {} if what == "negative" else {"beauty": 1},
        ),
    }
    return made[kind]() if kind in made else marks


@dataclass(frozen=True, slots=True)
class Broken:
    """A third party's rule with a bug at one of its stations."""

    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "0.1"

    what: str


class BrokenScore(Broken):
    def score(self, evidence: Evidence) -> Score:
        return bad(self.what, "score")  # type: ignore[no-any-return]


class BrokenGate(Broken):
    def gate(self, record: ContestantRecord, stage: StageView) -> Opinion | None:
        return bad(self.what, "gate")  # type: ignore[no-any-return]


class BrokenAdmit(Broken):
    def admit(self, attempt: Attempt, cell: CellView) -> Opinion | None:
        return bad(self.what, "admit")  # type: ignore[no-any-return]


class BrokenCharge(Broken):
    def charge(self, cell: CellView) -> Charge:
        return bad(self.what, "charge")  # type: ignore[no-any-return]


class BrokenAward(Broken):
    def award(self, field: Field) -> Mapping[ContestantId, Decimal]:
        return bad(self.what, "award")  # type: ignore[no-any-return]


class BrokenTotal(Broken):
    measures: ClassVar[tuple[str, ...]] = ("beauty",)

    def total(self, record: ContestantRecord) -> Total:
        return bad(self.what, "total")  # type: ignore[no-any-return]


class BrokenDoubt(Broken):
    def doubt(self, attempt: Attempt, record: ContestantRecord) -> Opinion | None:
        return bad(self.what, "doubt")  # type: ignore[no-any-return]


BROKEN = {f"broken_{cls.__name__.removeprefix('Broken').lower()}": cls for cls in Broken.__subclasses__()}
THIRD_PARTIES = {**JUDGES, **BROKEN}


def broken(station: str, what: str) -> Contest:
    """One clear by A1 at t = 5 and one by B1 at 6, at a stage worth 5 that uses a rule broken at this station."""
    use = {"rule": f"broken_{station}", "what": what}
    stage: dict[str, Any] = {"id": "quiz"}
    changes: dict[str, Any] = {}
    if station == "score":
        stage["aspects"] = [{"id": "it", "max": 5, **use}]
    else:
        stage["points"] = 5
    if station in ("gate", "admit", "charge", "award"):
        stage["rules"] = [use]
    if station == "total":
        changes = {"total": use, "ranking": [{"by": "points"}, {"by": "beauty"}]}
    if station == "doubt":
        changes = {"doubts": [use]}
    return fold([adopted(document(stages=[stage], **changes)), event(1, at_s=5), event(2, contestant="B1", at_s=600)], THIRD_PARTIES)


def test_a_note_changes_no_result() -> None:
    noted = fold([event(1), event(2, "note", stage="wiring"), event(3, "note", stage=None), event(4, "note", contestant="A2")])
    assert standing(noted) == standing(fold([event(1)]))


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("station", ["score", "gate", "admit", "charge", "award", "total", "doubt"])
def test_a_judge_that_fails_asks_a_referee_and_ends_nothing(station: str, what: str) -> None:
    contest = broken(station, what)
    codes = {flag.code for flag in flags_of(contest)}
    if station in ("gate", "admit", "doubt") and what == "nothing":
        assert not codes & {"judge_failed", "not_judged"}, "no opinion is an answer there"
        assert (mark(contest).state, points(contest)) == ("cleared", "5")
        return
    assert codes & {"judge_failed", "not_judged"}, codes
    state, marks = mark(contest).state, points(contest)
    if station in ("gate", "admit"):
        assert (state, marks) == ("held", "0"), "it never accepts"
    elif station == "score":
        assert (state, marks) == ("cleared", "0"), "not judged, and said so"
        explanation = explain(contest, ContestantId("A1"), StageId("quiz"))
        assert explanation is not None
        assert [line.marks for line in explanation.lines] == [None], "unjudged is not zero"
    else:
        assert (state, marks) == ("cleared", "5")


def test_an_attempt_that_is_settled_later_changes_the_whole_cell() -> None:
    """Lesson 14: rejected tries that followed an attempt which proves good after all were never needed; they cost nothing."""
    told = [
        tried(1, "pending", stage="wiring", attempt="1", at_s=10, data={"mohm": "2"}),
        tried(2, "rejected", stage="wiring", attempt="2", at_s=20),
        tried(3, "accepted", stage="wiring", attempt="3", at_s=30, data={"mohm": "0.2"}),
    ]
    before = fold(told)
    assert (mark(before, stage="wiring").points, mark(before, stage="wiring").ms, mark(before, stage="wiring").penalty_ms) == (
        "5",
        30_000,
        60_000,
    )
    assert mark(before, stage="wiring").pending == 1
    after = fold([*told, tried(1, "accepted", stage="wiring", attempt="1", at_s=40, source="yueqing/jury")])
    assert mark(after, stage="wiring").state == "cleared"
    assert (mark(after, stage="wiring").ms, mark(after, stage="wiring").tries, mark(after, stage="wiring").penalty_ms) == (10_000, 1, 0)
    assert mark(after, stage="wiring").points == "18", "5 + 4 + 3, and half of 12 for the first clear"
    other_way = fold([*told, tried(1, "rejected", stage="wiring", attempt="1", at_s=40, source="yueqing/jury")])
    assert (mark(other_way, stage="wiring").tries, mark(other_way, stage="wiring").penalty_ms) == (3, 120_000)


@given(histories(), DICE)
def test_the_lines_of_an_explanation_add_up_to_the_points(history: dict[str, list[Event]], dice: Any) -> None:
    contest = fold(in_some_order(history, dice))
    for who, row in contest.rows.items():
        for stage, shown in row.row.stages.items():
            explanation = explain(contest, who, stage)
            assert explanation is not None
            assert sum((line.marks for line in explanation.lines if line.marks is not None), Decimal(0)) == Decimal(shown.points)
            assert explanation.points == shown.points
            raw = {f"{each.source}#{each.seq}" for each in explanation.events}
            named = {name for attempt in explanation.attempts for name in attempt.events}
            assert named <= raw, "every attempt leads back to raw events"


def test_a_stage_that_no_gate_opened_is_held_and_its_points_are_taken_off_in_words() -> None:
    contest = fold([event(1, stage="final", at_s=5)])
    explanation = explain(contest, ContestantId("A1"), StageId("final"))
    assert explanation is not None
    assert (explanation.state, explanation.points) == ("held", "0")
    assert [(line.rule, line.marks) for line in explanation.lines] == [
        ("cleared", Decimal(20)),
        ("opens_after", None),
        ("held", Decimal(-20)),
    ]
    opened = fold([event(1, stage="final", at_s=5), event(2, stage="wiring", at_s=1)])
    assert mark(opened, stage="final").state == "cleared", "the order of arrival decides nothing"


def test_charges_never_take_a_stage_below_zero_and_say_so() -> None:
    stage = {"id": "quiz", "points": 10, "rules": [{"rule": "retry", "stage_limit": 9, "cost_marks": 15}]}
    contest = fold(
        [adopted(document(stages=[stage])), tried(1, "rejected", attempt="1", at_s=1), tried(2, "accepted", attempt="2", at_s=2)]
    )
    explanation = explain(contest, ContestantId("A1"), StageId("quiz"))
    assert explanation is not None
    assert explanation.points == "0"
    assert [(line.rule, line.marks) for line in explanation.lines] == [
        ("cleared", Decimal(10)),
        ("retry", Decimal(-15)),
        ("floor", Decimal(5)),
    ]


def test_two_awards_are_two_lines() -> None:
    stage = {"id": "quiz", "points": 10, "rules": [{"rule": "first_clear", "shares": ["0.5"]}, {"rule": "first_clear", "shares": ["0.1"]}]}
    explanation = explain(fold([adopted(document(stages=[stage])), event(1, at_s=1)]), ContestantId("A1"), StageId("quiz"))
    assert explanation is not None
    assert explanation.points == "16"
    assert [line.marks for line in explanation.lines] == [10, 5, 1]
    assert [[str(step.result) for step in line.steps] for line in explanation.lines] == [["10"], ["5"], ["1"]]


def test_an_award_whose_rule_cannot_say_how_it_came_about_stands_without_words() -> None:
    """A third party's code may raise anything, or answer with something that is no step."""

    def broken(answer: Any) -> Any:
        def award_steps(self: object, field: object, contestant: object) -> Any:
            return answer()

        return type("Broken", (FirstClear,), {"award_steps": award_steps})

    for judge in (broken(lambda: 1 / 0), broken(lambda: ["5 %"]), broken(lambda: None)):
        stage = {"id": "quiz", "points": 10, "rules": [{"rule": "first_clear"}]}
        contest = fold([adopted(document(stages=[stage])), event(1, at_s=1)], {**JUDGES, "first_clear": judge})
        explanation = explain(contest, ContestantId("A1"), StageId("quiz"))
        assert explanation is not None
        assert [(line.marks, line.steps) for line in explanation.lines[1:]] == [(Decimal("0.5"), ())]


def test_what_fits_nobody_becomes_a_flag_and_counts_when_a_definition_knows_it() -> None:
    facts = [event(1, contestant="Z9"), event(2, stage="attic"), event(3)]
    contest = fold(facts)
    assert sorted((flag.code, flag.subject) for flag in flags_of(contest) if flag.rule == "unmatched") == [
        ("unknown_contestant", "event yongjia/desk#1"),
        ("unknown_stage", "event yongjia/desk#2"),
    ]
    people = [*document()["contestants"], {"id": "Z9", "venue": "yongjia"}]
    after = fold([adopted(), *facts, adopted(document(version=2, contestants=people))])
    assert points(after, "Z9") == "10.5"


def test_an_attempt_with_half_marks_below_the_pass_mark_is_not_cleared() -> None:
    stage = {"id": "quiz", "pass_marks": 4, "aspects": [{"id": "it", "rule": "threshold", "max": 5, "field": "mohm", "limit": 1}]}
    told = [event(1, at_s=1, data={"mohm": "0.2"})]
    assert mark(fold([adopted(document(stages=[stage])), *told])).state == "tried"
    assert mark(fold([adopted(document(stages=[stage])), event(1, at_s=1, data={"mohm": "2"})])).state == "cleared"
