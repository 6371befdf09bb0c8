"""Decisions are tried without a trace, answers are nobody's about themselves or their own people, and marks are ones that can be judged."""

from __future__ import annotations

import dataclasses
from random import Random

import msgspec
import pytest
from hypothesis import given

from contest_server.core import contest_flags
from contest_server.core.actors import Actor, actor_of
from contest_server.core.acts import (
    Act,
    Action,
    Annul,
    Confirm,
    Disqualify,
    Marked,
    Penalise,
    Ruled,
    Seconded,
    SetStatus,
    StopClock,
    TurnedAway,
    Undo,
)
from contest_server.core.contest import Contest
from contest_server.core.deciding import preview, rule, second
from contest_server.core.denials import Denied
from contest_server.core.facts import Entry, Event, Fact
from contest_server.core.flags import Flag
from contest_server.core.ids import ActId, AttemptId, ContestantId, OfficialId, StageId
from contest_server.core.judgements import JUDGING, history, history_of, lived
from contest_server.core.questions import questions_of
from tests.contests import CUP, JUDGES, START_US, adopted, document, event, fold, standing
from tests.core.acting import acts
from tests.core.test_rulings import ruling, undo
from tests.strategies import DICE, histories, in_some_order

CLEAR = event(1, at_s=10)
TWICE = event(2, at_s=14, attempt="2")
OF_B2 = [event(1, at_s=10, contestant="B2", source="yueqing/desk"), event(2, at_s=12, contestant="B2", attempt="2", source="yueqing/desk")]


def actor(contest: Contest, official: str) -> Actor:
    assert contest.definition is not None
    found = actor_of(contest.definition, OfficialId(official))
    assert found is not None
    return found


def asked(contest: Contest, code: str) -> Flag:
    return next(flag for flag in questions_of(contest) if flag.code == code)


def answer_to(*flags: Flag, official: str = "R2", contestant: str | None = None) -> Ruled:
    return ruling(Confirm(), "c1", contestant, None, None, official=official, flags=tuple(flag.key for flag in flags))


def test_a_preview_under_the_id_of_an_act_that_is_entered_leaves_that_act_alone() -> None:
    """A page shows what a ruling would change that it has sent already: the answer was lost on its way."""
    entered = ruling(Penalise(marks="1"))
    contest = fold([CLEAR, entered])
    before = standing(contest), contest.office.rulings.state(ActId("r1"))
    effect, _ = preview(contest, actor(contest, "R1"), msgspec.structs.replace(entered, action=Annul()))
    assert effect.cells
    assert (standing(contest), contest.office.rulings.state(ActId("r1"))) == before
    assert contest.office.acts[ActId("r1")].act == entered
    assert rule(contest, actor(contest, "R1"), entered, None) is None, "it is known as it was entered"


def test_what_a_preview_says_is_needed_is_what_the_ruling_then_needs() -> None:
    contest = fold([CLEAR, event(3, at_s=30, contestant="A2")])
    tried = ruling(Annul(), official="R2", contestant="A2", stage=None, attempt=None)
    tried = msgspec.structs.replace(tried, action=Penalise(marks="10"))
    _, needs = preview(contest, actor(contest, "R2"), tried)
    entered = rule(contest, actor(contest, "R2"), tried, None)
    assert entered is not None
    assert entered.needs == needs != ()


@pytest.mark.parametrize("named", [None, "A1"])
def test_nobody_answers_questions_about_their_own_people_whatever_else_the_answer_names(named: str | None) -> None:
    contest = fold([CLEAR, TWICE, *OF_B2])
    [theirs] = [flag for flag in questions_of(contest) if flag.code == "duplicate" and flag.contestant == "B2"]
    [other] = [flag for flag in questions_of(contest) if flag.code == "duplicate" and flag.contestant == "A1"]
    with pytest.raises(Denied) as denied:
        rule(contest, actor(contest, "R1"), answer_to(other, theirs, official="R1", contestant=named), None)
    assert denied.value.code == "recused"
    assert rule(contest, actor(contest, "R1"), answer_to(other, official="R1"), None) is not None
    assert rule(contest, actor(contest, "R2"), answer_to(other, theirs), None) is not None


def test_nobody_answers_a_question_about_their_own_conduct() -> None:
    away = TurnedAway(START_US, OfficialId("R2"), "second", "own_decision", "nobody approves their own decision (r1)")
    contest = fold([CLEAR, away])
    flag = asked(contest, "own_decision")
    with pytest.raises(Denied) as denied:
        rule(contest, actor(contest, "R2"), answer_to(flag), None)
    assert denied.value.code == "own_decision"
    assert rule(contest, actor(contest, "R3"), answer_to(flag, official="R3"), None) is not None


def test_a_question_that_is_not_asked_any_more_cannot_be_answered() -> None:
    contest = fold([CLEAR, TWICE])
    flag = asked(contest, "duplicate")
    with pytest.raises(Denied) as denied:
        rule(fold([CLEAR]), actor(contest, "R2"), answer_to(flag), None)
    assert denied.value.code == "changed"


def test_an_answer_to_a_survey_is_held_against_what_it_found_not_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """To ask about everybody while a contest's desk decides would hold up every acknowledgement."""

    def at_once(*_: object) -> list[Flag]:
        raise AssertionError("asked at once")

    monkeypatch.setattr(contest_flags, "_survey_flags", at_once)
    contest = fold([CLEAR, TWICE])
    found = Flag("pace", "review", "field_pace", ContestantId("B1"), None, "contest", "faster than everybody")
    by_judge = next(flag for flag in questions_of(contest, surveys=()) if flag.code == "duplicate")
    assert rule(contest, actor(contest, "R2"), answer_to(found, by_judge), None, [found]) is not None
    with pytest.raises(Denied) as denied:
        rule(contest, actor(contest, "R2"), answer_to(found, by_judge), None, ())
    assert denied.value.code == "changed"
    theirs = msgspec.structs.replace(answer_to(found), official=OfficialId("R2"))
    recused = dataclasses.replace(actor(contest, "R2"), recused=frozenset({ContestantId("B1")}))
    with pytest.raises(Denied) as denied:
        rule(contest, recused, theirs, None, [found])
    assert denied.value.code == "recused"


def test_who_approves_their_own_decision_is_told_which() -> None:
    contest = fold([CLEAR, ruling(Annul(), needs=("moves 10 points",), official="R2")])
    with pytest.raises(Denied, match=r"\(r1\)") as denied:
        second(contest, actor(contest, "R2"), Seconded(ActId("s1"), START_US, OfficialId("R2"), ActId("r1"), True))
    assert denied.value.code == "own_decision"


@given(histories(stories_max=5), acts(), DICE)
def test_what_others_state_changes_nothing_in_the_history_of_a_contestants_work(
    history_: dict[str, list[Event]], stated: list[Act], dice: Random
) -> None:
    """The history is told from what concerns the contestant; told from every act there is, it is the same."""
    facts = [*in_some_order(history_, dice)]
    for act in stated:
        facts.insert(dice.randint(0, len(facts)), act)  # type: ignore[arg-type]
    marked = document()
    aspect = {"id": "order", "rule": "judgement_0_3", "max": 3, "field": "order", "referees": 3, "panel": 3}
    marked["stages"][0]["aspects"].append(aspect)
    contest = fold([adopted(marked), *facts])
    every = [
        Entry(filed.position, filed.act.at_us, filed.act.official, filed.act)
        for filed in contest.office.acts.values()
        if isinstance(filed.act, JUDGING)
    ]
    for who, sheet in contest.sheets.items():
        own = [entry for entry in lived(contest, who) if not isinstance(entry.fact, JUDGING)]
        entries = sorted([*own, *every], key=lambda entry: entry.position)
        for stage in sheet.entries:
            assert history(contest, who, stage) == history_of(CUP, JUDGES, entries, who, stage)


def test_an_undo_of_an_undo_belongs_to_the_history_of_the_work() -> None:
    contest = fold([CLEAR, ruling(Annul()), undo("r1"), undo("u1", "u2", 300)])
    told = history(contest, ContestantId("A1"), StageId("quiz"))
    assert [(each.state, each.current) for each in told] == [("clean", False), ("bad", False), ("clean", False), ("bad", True)]


def test_marks_and_their_undoing_belong_to_the_history_of_the_work() -> None:
    marked = document()
    marked["stages"][0]["aspects"].append({"id": "order", "rule": "judgement_0_3", "max": 3, "field": "order", "panel": 3})

    def given(official: str, contestant: str = "A1") -> Marked:
        work = ContestantId(contestant), AttemptId("1")
        return Marked(ActId(f"m-{official}-{contestant}"), START_US, OfficialId(official), StageId("wiring"), "order", "3", *work)

    wired = [event(1, stage="wiring", data={"mohm": "2"}), event(2, stage="wiring", data={"mohm": "2"}, contestant="A2")]
    panel = [given(official, who) for who in ("A2", "A1") for official in ("R1", "R2", "R3")]
    contest = fold([adopted(marked), *wired, *panel, undo("m-R3-A1")])
    told = history(contest, ContestantId("A1"), StageId("wiring"))
    assert [(each.because, each.state, each.marks) for each in told] == [
        ("clear yongjia/desk#1", "questionable", "12"),
        ("mark m-R3-A1 on order", "clean", "15"),
        ("ruling u1 undoes m-R3-A1", "questionable", "12"),
    ]


@pytest.mark.parametrize(
    ("official", "tried", "code"),
    [
        ("R1", ruling(Annul(), contestant="B2"), "recused"),
        ("R1", ruling(Penalise(marks="1"), contestant="B2", stage=None, attempt=None), "recused"),
        ("R1", undo("r7"), "recused"),
        ("R2", ruling(Disqualify(), stage=None, attempt=None), "not_chief"),
        ("R3", undo("r7"), "not_yours"),
    ],
)
def test_who_may_not_rule_so_is_not_shown_what_it_would_change_either(official: str, tried: Ruled, code: str) -> None:
    contest = fold([CLEAR, *OF_B2, ruling(Penalise(marks="1"), "r7", contestant="B2", official="R2")])
    tried = msgspec.structs.replace(tried, official=OfficialId(official))
    with pytest.raises(Denied) as denied:
        preview(contest, actor(contest, official), tried)
    assert denied.value.code == code
    other = "C1" if code != "recused" else "R2"
    assert preview(contest, actor(contest, other), msgspec.structs.replace(tried, official=OfficialId(other))) is not None


def test_a_preview_needs_no_fresh_login() -> None:
    contest = fold([CLEAR])
    stale = dataclasses.replace(actor(contest, "R2"), is_fresh=False)
    effect, _ = preview(contest, stale, ruling(Annul(), official="R2"))
    assert effect.cells


FOR_OTHERS: dict[str, Action] = {
    "out of the contest": Disqualify(),
    "a status": SetStatus("dnf"),
    "what another official did, undone": Undo(ActId("r7")),
    "a clock that stopped long ago": StopClock(START_US + 5_000_000),
}
"""What R2 may not order."""


@pytest.mark.parametrize("what", FOR_OTHERS)
def test_whoever_may_approve_a_ruling_that_waits_is_shown_what_it_would_change(what: str) -> None:
    action = FOR_OTHERS[what]
    about = {"contestant": None if isinstance(action, Undo) else "A1", "stage": None, "attempt": None}
    waits = ruling(action, "w1", official="C1", at_s=300, needs=("moves 10 points",), **about)
    facts: list[Fact] = [CLEAR, ruling(Penalise(marks="1"), "r7", official="R3")]
    looked = msgspec.structs.replace(waits, id=ActId("look"), official=OfficialId("R2"), at_us=waits.at_us + 600_000_000, needs=())
    contest = fold([*facts, waits])
    effect, _ = preview(contest, actor(contest, "R2"), looked)
    assert effect.rows
    answer = Seconded(ActId("s1"), looked.at_us, OfficialId("R2"), waits.id, True, "seen on video")
    assert second(contest, actor(contest, "R2"), answer) == answer
    for other in ([*facts], [*facts, waits, answer], [*facts, waits, msgspec.structs.replace(answer, approve=False)]):
        contest = fold(other)
        with pytest.raises(Denied):
            preview(contest, actor(contest, "R2"), looked)
    recused = dataclasses.replace(actor(fold([*facts, waits]), "R2"), recused=frozenset({ContestantId("A1")}))
    with pytest.raises(Denied) as denied:
        preview(fold([*facts, waits]), recused, looked)
    assert denied.value.code == "recused", "who is recused approves nothing"


def test_only_the_ruling_that_waits_is_shown_to_whom_it_is_not_for() -> None:
    waits = ruling(Disqualify(), "w1", official="C1", stage=None, attempt=None, needs=("moves 10 points",))
    contest = fold([CLEAR, *OF_B2, waits])
    for tried in (msgspec.structs.replace(waits, contestant=ContestantId("B2")), msgspec.structs.replace(waits, action=SetStatus("dnf"))):
        with pytest.raises(Denied) as denied:
            preview(contest, actor(contest, "R2"), msgspec.structs.replace(tried, id=ActId("look"), official=OfficialId("R2"), needs=()))
        assert denied.value.code == "not_chief"


def test_who_entered_a_ruling_that_waits_goes_on_seeing_what_it_would_change() -> None:
    """As of now a referee may stop a clock; what waits for a second person soon is of then."""
    waits = ruling(StopClock(START_US + 5_000_000), "w1", official="R2", at_s=6, stage=None, attempt=None, needs=("moves 10 points",))
    contest = fold([CLEAR, waits])
    later = msgspec.structs.replace(waits, id=ActId("look"), at_us=waits.at_us + 600_000_000, needs=())
    effect, _ = preview(contest, actor(contest, "R2"), later)
    assert effect.rows
