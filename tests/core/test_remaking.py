"""After some entries everybody is judged again: in pieces it leads to the same contest as at once, and nobody sees any of it before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core import remaking
from contest_server.core.acts import Act, Confirm, Drawn, Hold, Marked, Published, Remove, Reopen, Revealed, Ruled, Seconded
from contest_server.core.blind import commitment_of
from contest_server.core.contest import Contest
from contest_server.core.explanation import explain
from contest_server.core.facts import Adopted, Clock, Entry, Event, Fact, Finalised, Frozen
from contest_server.core.faults import DefinitionError
from contest_server.core.ids import ActId, AttemptId, ContestantId, OfficialId, StageId
from contest_server.core.remaking import Remaking, is_long
from contest_server.core.sources import SourceState
from tests.contests import CUP, JUDGES, START_US, adopted, clock, document, entries, event, fold, standing, tried
from tests.core.acting import acts
from tests.core.test_rejudging import SCOPES, second_version
from tests.core.test_ruling_laws import judged_by_a_panel, woven
from tests.core.test_rulings import ruling, undo
from tests.strategies import DICE, histories

LONG = (Adopted, Clock, Ruled, Seconded, Drawn, Revealed)
"""What may lead to much judging, and is made beside then."""
OTHERS: tuple[Fact, ...] = (
    clock("start", 0),
    clock("pause", 3),
    clock("resume", 5),
    clock("extend", 5, 60_000),
    Frozen(30),
    Published(ActId("p1"), START_US + 7_000_000, OfficialId("C1")),
    Finalised(),
    Ruled(ActId("r-reopen"), START_US + 9_000_000, OfficialId("C1"), Reopen(), "other", "again"),
)


def made(contest: Contest, entry: Entry) -> Remaking:
    """All pieces of it, which has no effect yet."""
    found = Remaking(contest, entry)
    for _ in found.pieces():
        pass
    return found


def everything(contest: Contest) -> dict[str, Any]:
    """What the contest is, for whoever folds on and whoever looks."""
    office = contest.office
    return {
        **standing(contest),
        "position": (contest.position, contest.version, contest.adopted_at, contest.final, contest.final_at, contest.clock),
        "sources": {source: (state.last_seq, dict(state.refused)) for source, state in contest.sources.items()},
        "left": (contest.unmatched, contest.after_final, contest.milestones),
        "office": (list(office.acts), [(each.act.id, office.rulings.state(each.act.id)) for each in office.rulings.every()]),
        "frozen": contest.frozen and (contest.frozen.position, {who: row.row for who, row in contest.frozen.rows.items()}),
        "published": [(each.position, each.digest) for each in contest.published],
        "explained": [explain(contest, who, stage) for who in contest.sheets for stage in contest.fields],
    }


def in_one_piece(facts: Sequence[Fact]) -> Contest:
    contest = Contest(CUP, JUDGES)
    for entry in entries(facts):
        contest.advance(entry)
        contest.settle()
    return contest


@given(histories(stories_max=6), acts(), SCOPES, st.lists(st.sampled_from(OTHERS), max_size=4, unique_by=id), DICE)
def test_in_pieces_or_at_once_it_is_the_same_contest(
    history: dict[str, list[Event]], stated: list[Act], scope: Any, others: list[Fact], dice: Random
) -> None:
    facts: list[Fact] = woven(history, stated, dice)
    later = msgspec.structs.replace(adopted(second_version()), scope=scope)
    for fact in (*others, later):
        facts.insert(dice.randint(0, len(facts)), fact)
    facts.insert(0, adopted(judged_by_a_panel()))
    contest = Contest(CUP, JUDGES)
    for entry in entries(facts):
        if isinstance(entry.fact, LONG) and dice.random() < 0.7:
            made(contest, entry).take_effect()
        else:
            contest.advance(entry)
            contest.settle()
    assert everything(contest) == everything(in_one_piece(facts))


SOME: list[Fact] = [
    adopted(),
    clock("start", 0),
    event(1),
    tried(2, "rejected", contestant="B1", at_s=4),
    event(3, contestant="A2", at_s=5),
]
NO_TIME = ruling(Remove(START_US, START_US + 2_000_000), "r1", None, None, None)


@pytest.mark.parametrize("fact", [NO_TIME, adopted(second_version()), clock("extend", 5, 60_000)])
def test_until_the_last_piece_the_contest_is_what_it_was(fact: Fact) -> None:
    contest, before = fold(SOME), everything(fold(SOME))
    found = Remaking(contest, entries([fact], after=contest.position)[0])
    pieces = 0
    for _ in found.pieces():
        pieces += 1
        assert everything(contest) == before
    assert pieces > len(contest.rows)
    found.take_effect()
    assert everything(contest) == everything(in_one_piece([*SOME, fact])) != before


def test_whoever_knows_the_sources_goes_on_knowing_them() -> None:
    """Sessions hold on to them for as long as a venue is connected."""
    contest = fold(SOME)
    sources = contest.sources
    made(contest, entries([adopted(second_version())], after=contest.position)[0]).take_effect()
    contest.advance(entries([event(4)], after=contest.position)[0])
    assert contest.sources is sources
    assert sources == {event(1).source: SourceState(4)}


def test_rows_that_are_as_they_were_are_the_same_rows() -> None:
    """What was encoded of them is not encoded again."""
    contest = fold(SOME)
    rows, moves = dict(contest.rows), contest.moves
    made(contest, entries([adopted(document(version=2))], after=contest.position)[0]).take_effect()
    assert all(contest.rows[who] is row for who, row in rows.items())
    assert contest.moves > moves, "whoever looks again only where something moved looks again"


def test_what_the_contest_was_is_let_go_in_pieces() -> None:
    contest = fold(SOME)
    sheets, fields_ = len(contest.sheets), len(contest.fields)
    found = made(contest, entries([NO_TIME], after=contest.position)[0])
    found.take_effect()
    now = everything(contest)
    assert sum(1 for _ in found.let_go()) == 2 * sheets + fields_
    assert everything(contest) == now


def test_a_definition_that_is_none_leaves_the_contest_as_it_was() -> None:
    contest = fold(SOME)
    bad = msgspec.structs.replace(adopted(), definition={"contestants": []})
    with pytest.raises(DefinitionError):
        made(contest, entries([bad], after=contest.position)[0])
    assert everything(contest) == everything(fold(SOME))


def test_long_is_what_lets_more_be_judged_again_than_may_be_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hold = ruling(Hold(START_US), "r2", None, "quiz", None)
    contest = fold([*SOME, hold, msgspec.structs.replace(NO_TIME, needs=("moves 5 points",))])
    everybody: list[Fact] = [NO_TIME, adopted(second_version()), clock("start", 1), undo("r1")]
    everybody.append(Seconded(ActId("s1"), START_US, OfficialId("C1"), ActId("r1"), approve=True))
    nobody: list[Fact] = [event(9), Frozen(30), Finalised(), ruling(Confirm(), "r3"), clock("pause", 90)]
    monkeypatch.setattr(remaking, "AT_ONCE_MAX", 2)
    assert [is_long(contest, each) for each in everybody] == [True] * len(everybody)
    assert [is_long(contest, each) for each in nobody] == [False] * len(nobody)
    assert is_long(contest, hold)
    monkeypatch.setattr(remaking, "AT_ONCE_MAX", 8)
    assert not any(is_long(contest, each) for each in (*everybody, *nobody, hold))


def test_the_reveal_of_codes_on_much_work_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = {"7": "A1"}
    drawn = Drawn(ActId("d1"), START_US, OfficialId("C1"), 1, 1, commitment_of("salt", codes))
    revealed = Revealed(ActId("v1"), START_US + 1, OfficialId("C1"), 1, "salt", codes, OfficialId("R1"))
    mark = Marked(ActId("m1"), START_US, OfficialId("R1"), StageId("wiring"), "order", "2", ContestantId("A1"), AttemptId("1"))
    monkeypatch.setattr(remaking, "AT_ONCE_MAX", 0)
    assert [is_long(fold([adopted(), drawn, *marks]), revealed) for marks in ([], [mark])] == [False, True]


def shared(one: Any, other: Any, path: str = "") -> list[str]:
    """The places where both hold the same thing that can be changed."""
    if one is other and isinstance(one, (dict, list, set)):
        return [path]
    if is_dataclass(one) and not getattr(one, "__dataclass_params__").frozen:  # noqa: B009 - types do not know it
        if one is other:
            return [path]
        return [
            each for field in fields(one) for each in shared(getattr(one, field.name), getattr(other, field.name), f"{path}.{field.name}")
        ]
    if isinstance(one, dict):
        return [each for key in one.keys() & other.keys() for each in shared(one[key], other[key], f"{path}[{key}]")]
    return []


@given(histories(stories_max=2), acts(), DICE)
def test_what_an_heir_takes_in_is_nobody_elses(history: dict[str, list[Event]], stated: list[Act], dice: Random) -> None:
    contest = fold([adopted(judged_by_a_panel()), clock("start", 0), clock("pause", 3), *woven(history, stated, dice)])
    heir = contest.heir(entries([NO_TIME], after=contest.position)[0])
    assert heir.bench is not None
    for _ in heir.file_again(heir.bench):
        pass
    assert shared(contest.office, heir.office) == []
    assert shared(contest.clock, heir.clock) == []
    mine, theirs = vars(contest), vars(heir)
    assert {name for name in mine if shared(mine[name], theirs[name])} <= {"judges", "staging"}, "which nothing of this touches"
