"""Officials' acts and events may arrive in any order; a decision may be tried and taken back; every judgement has one current version."""

from __future__ import annotations

from random import Random

import msgspec
from hypothesis import assume, given

from contest_server.core.acts import Act, Ruled
from contest_server.core.compiling import compile_rulebook
from contest_server.core.contest import Contest
from contest_server.core.definition_reading import read_definition
from contest_server.core.effects import effect_of, picture_of
from contest_server.core.facts import Event, Fact
from contest_server.core.judgements import history
from contest_server.ledger.codec import decode, write
from tests.contests import CUP, JUDGES, Json, adopted, document, drafts, entries, event, fold, standing
from tests.core.acting import acts
from tests.strategies import DICE, histories, in_some_order


def judged_by_a_panel() -> Json:
    """The small contest, with an aspect that three referees mark."""
    changed = document()
    aspect = {"id": "order", "rule": "judgement_0_3", "max": 3, "field": "order", "referees": 3, "panel": 3}
    changed["stages"][0]["aspects"].append(aspect)
    return changed


BASE = [
    event(1, at_s=3, stage="wiring", data={"mohm": "2.4"}, source="yueqing/base"),
    event(2, at_s=4, source="yueqing/base"),
    event(3, at_s=6, attempt="2", source="yueqing/base"),
    event(4, at_s=4, contestant="B1", stage="wiring", data={"mohm": "0.4"}, source="yueqing/base"),
]
"""What is always there to rule on."""


def woven(history: dict[str, list[Event]], stated: list[Act], dice: Random) -> list[Fact]:
    """Each source in its own order, and the acts anywhere between, in any order."""
    facts: list[Fact] = list(in_some_order({**history, "yueqing/base": BASE}, dice))
    for act in dice.sample(stated, len(stated)):
        facts.insert(dice.randint(0, len(facts)), act)
    return facts


def settled(facts: list[Fact], dice: Random) -> Contest:
    """The contest after these facts, judged now and then in between."""
    contest = Contest(CUP, JUDGES)
    for entry in entries(facts):
        contest.advance(entry)
        if dice.random() < 0.5:
            contest.settle()
    contest.settle()
    return contest


def test_the_panel_contest_is_sound() -> None:
    book = compile_rulebook(read_definition(judged_by_a_panel()), JUDGES)
    assert [rules.marked for rules in book.stages.values() if rules.marked] == [{"order": "order"}]


@given(histories(stories_max=6), acts(), DICE)
def test_how_events_and_acts_arrive_does_not_matter(history: dict[str, list[Event]], stated: list[Act], dice: Random) -> None:
    first, newer = adopted(), adopted(judged_by_a_panel() | {"contest": document(version=2)["contest"]})
    one, other = (standing(settled([first, newer, *woven(history, stated, dice)], dice)) for _ in range(2))
    assert one == other
    late = woven(history, stated, dice)
    late.insert(dice.randint(0, len(late)), newer)
    assert standing(settled([first, *late], dice)) == one, "wherever the panel was adopted"


@given(histories(stories_max=5), acts(), DICE)
def test_what_a_ruling_is_said_to_change_is_what_it_changes(history: dict[str, list[Event]], stated: list[Act], dice: Random) -> None:
    rulings = [act for act in stated if isinstance(act, Ruled)]
    assume(rulings)
    tried = msgspec.structs.replace(dice.choice(rulings), needs=())
    others = [act for act in stated if act.id != tried.id]  # type: ignore[union-attr]
    facts: list[Fact] = [adopted(judged_by_a_panel()), *woven(history, others, dice)]
    contest = fold(facts)
    before = standing(contest)
    effect = effect_of(contest, [tried])
    assert standing(contest) == before, "trying leaves no trace"
    after = fold([*facts, tried])
    assert effect.digest == after.digest()
    shown = picture_of(after)
    told = {row.contestant: row.after for row in effect.rows}
    for who, row in shown.rows.items():
        rank, points = (found.rank, found.points) if (found := told.get(who)) else (before["rows"][who][2], before["rows"][who][0].points)
        assert (rank, points) == (shown.ranks[who], row.row.points)


@given(histories(stories_max=5), acts(), DICE)
def test_at_most_one_judgement_of_an_attempt_is_current(history_: dict[str, list[Event]], stated: list[Act], dice: Random) -> None:
    contest = fold([adopted(judged_by_a_panel()), *woven(history_, stated, dice)])
    assert contest.bench is not None
    for who, sheet in contest.sheets.items():
        for stage in sheet.entries:
            found = history(contest, who, stage)
            attempts = {each.id: each for each in sheet.judge(stage, contest.bench).view.attempts}
            current = {each.attempt: each for each in found if each.current}
            assert current.keys() == attempts.keys()
            assert len(current) == sum(each.current for each in found)
            for name, each in current.items():
                assert each.outcome == attempts[name].outcome
                assert [one.version for one in found if one.attempt == name] == list(range(1, each.version + 1))


@given(acts())
def test_acts_are_read_as_they_were_written(stated: list[Act]) -> None:
    for draft in drafts(stated):
        assert decode(write(draft).body).fact == draft.fact
