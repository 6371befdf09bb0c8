"""Whoever takes over judgements stands where whoever judged everything stands; what is not of this contest, or was changed, is refused."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given

from contest_server.core.acts import Act
from contest_server.core.checkpoint import Checkpoint, Judged, NotACheckpoint, Taken, can_be_taken, check, read_parts, stands, taking_over
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, Entry, Event, Fact, Frozen, Scope, StageId, Standing, Unveiled
from contest_server.core.judging import CellResult
from tests.contests import CUP, JUDGES, adopted, clock, entries, event, folded, standing
from tests.core.acting import acts
from tests.core.stated import published
from tests.core.test_ruling_laws import judged_by_a_panel, woven
from tests.strategies import DICE, histories

TURNS: list[Fact] = [
    clock("start", 0),
    Frozen(20),
    Frozen(10),
    published("p1"),
    published("p2"),
    clock("extend", 5, 60_000),
    Standing("B1", "guest", "ruled"),  # type: ignore[arg-type]
    Unveiled("u1", "A1"),  # type: ignore[arg-type]
]


def resumed(ledger: list[Entry], parts: list[bytes], position: int) -> Contest:
    """A contest that takes over what was judged at this position, and folds the rest."""
    contest = Contest(CUP, JUDGES)
    contest.waits = True
    for entry in ledger[:position]:
        contest.advance(entry)
    checkpoint = read_parts(parts)
    for _ in taking_over(contest, checkpoint):
        pass
    contest.settle()
    check(contest, checkpoint)
    for entry in ledger[position:]:
        contest.advance(entry)
    contest.settle()
    return contest


def all_of(contest: Contest) -> dict[str, Any]:
    """What a server has of a contest, however it came by it."""
    frozen = contest.frozen
    return {
        **standing(contest),
        "position": contest.position,
        "sources": contest.sources,
        "lived": contest.lived(),
        "frozen": None if frozen is None else (frozen.position, frozen.minutes, dict(frozen.rows), frozen.first),
        "unveiled": contest.unveiled,
        "published": [(each.position, each.act, dict(each.rows), dict(each.ranks), each.digest) for each in contest.published],
        "base": {who: {stage: cell.points for stage, cell in sheet.base.items()} for who, sheet in contest.sheets.items()},
        "released": {who: sheet.released for who, sheet in contest.sheets.items()},
        "unmatched": contest.unmatched,
    }


@given(histories(stories_max=6), acts(), DICE)
def test_a_contest_that_takes_over_judgements_is_the_one_that_judged_them(
    history: dict[str, list[Event]], stated: list[Act], dice: Random
) -> None:
    facts = [adopted(judged_by_a_panel()), *woven(history, stated, dice)]
    for turn in dice.sample(TURNS, dice.randint(0, len(TURNS))):
        facts.insert(dice.randint(1, len(facts)), turn)
    ledger, contest, position = entries(facts), Contest(CUP, JUDGES), dice.randint(1, len(facts))
    for entry in ledger[:position]:
        contest.advance(entry)
        if dice.random() < 0.3:
            contest.settle()
    contest.settle()
    parts = list(Taken(contest).parts())
    assert all_of(resumed(ledger, parts, position)) == all_of(folded(ledger))


LEDGER = entries(
    [adopted(), event(1, stage="wiring", data={"mohm": "2.4"}), event(2), event(3, contestant="A2"), Frozen(10), event(4, "attempt")]
)


def test_nothing_is_judged_by_whoever_takes_it_over(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = list(Taken(folded(LEDGER)).parts())
    monkeypatch.setattr("contest_server.core.sheet.Sheet._judged", None)
    assert resumed(LEDGER, parts, len(LEDGER)).digest()


def test_judgements_are_taken_as_they_were_though_the_contest_goes_on() -> None:
    contest = folded(LEDGER[:3])
    taken = Taken(contest)
    for entry in LEDGER[3:]:
        contest.advance(entry)
    contest.settle()
    assert all_of(resumed(LEDGER, list(taken.parts()), 3)) == all_of(contest)


def _with_more_marks(checkpoint: Checkpoint) -> Checkpoint:
    first, *others = checkpoint.sheets
    cells = {stage: (cell[0], cell[1] + 1, *cell[2:]) for stage, cell in first.cells.items()}
    return msgspec.structs.replace(checkpoint, sheets=[Judged(first.contestant, cells, first.released), *others])


def _without_somebody(checkpoint: Checkpoint) -> Checkpoint:
    return msgspec.structs.replace(checkpoint, sheets=checkpoint.sheets[1:])


def _with_another_stage(checkpoint: Checkpoint) -> Checkpoint:
    first, *others = checkpoint.sheets
    cells = {**first.cells, StageId("attic"): next(iter(first.cells.values()))}
    return msgspec.structs.replace(checkpoint, sheets=[Judged(first.contestant, cells, first.released), *others])


def _of_another_freeze(checkpoint: Checkpoint) -> Checkpoint:
    return msgspec.structs.replace(checkpoint, boards=msgspec.structs.replace(checkpoint.boards, frozen=None))


CHANGES = [_with_more_marks, _without_somebody, _with_another_stage, _of_another_freeze]


@pytest.mark.parametrize("change", CHANGES)
def test_judgements_that_were_changed_are_refused(change: Any) -> None:
    changed = change(read_parts(list(Taken(folded(LEDGER)).parts())))
    with pytest.raises(NotACheckpoint):
        _take_over(changed)


@pytest.mark.parametrize("points", ["ten", "", "NaN", "sNaN", "Infinity", "-Infinity", "1e2", "1_0", " 1", "1.50", "1E+999999999"])
def test_a_remembered_board_whose_points_are_no_number_as_rows_tell_them_is_refused(points: str) -> None:
    checkpoint = read_parts(list(Taken(folded(LEDGER)).parts()))
    frozen = checkpoint.boards.frozen
    assert frozen is not None
    (row, venue), *others = frozen.rows
    damaged = msgspec.structs.replace(frozen, rows=[(msgspec.structs.replace(row, points=points), venue), *others])
    boards = msgspec.structs.replace(checkpoint.boards, frozen=damaged)
    with pytest.raises(NotACheckpoint, match="points that are no number"):
        _take_over(msgspec.structs.replace(checkpoint, boards=boards))


MARKS = [index for index, each in enumerate(msgspec.structs.fields(CellResult)[1:]) if each.type is Decimal]


@pytest.mark.parametrize("index", MARKS)
@pytest.mark.parametrize("marks", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+999999999", "1E-999999999"])
def test_marks_that_are_no_number_are_refused_before_anybody_reckons_with_them(index: int, marks: str) -> None:
    first, *others = read_parts(list(Taken(folded(LEDGER)).parts())).sheets
    cells = {stage: (*cell[:index], Decimal(marks), *cell[index + 1 :]) for stage, cell in first.cells.items()}
    boards = read_parts(list(Taken(folded(LEDGER)).parts())).boards
    with pytest.raises(NotACheckpoint, match="marks that are no number"):
        _take_over(Checkpoint(boards, [Judged(first.contestant, cells, first.released), *others]))


def _take_over(checkpoint: Checkpoint) -> None:
    """By a contest that has read the whole ledger. Raises NotACheckpoint."""
    contest = Contest(CUP, JUDGES)
    contest.waits = True
    for entry in LEDGER:
        contest.advance(entry)
    for _ in taking_over(contest, checkpoint):
        pass
    contest.settle()
    check(contest, checkpoint)


def test_a_judgement_that_does_not_stand_is_found_by_judging_again() -> None:
    """Also where whoever changed it made the digest fit."""
    contest = folded(LEDGER)
    assert all(stands(contest, who) for who in contest.sheets)
    sheet = contest.sheets[ContestantId("A1")]
    stage, cell = next(iter(sheet.base.items()))
    sheet.base[stage] = msgspec.structs.replace(cell, marks=cell.marks + 1)
    assert not stands(contest, ContestantId("A1"))


def test_judgements_of_another_position_are_refused() -> None:
    with pytest.raises(NotACheckpoint, match="position"):
        resumed(LEDGER, list(Taken(folded(LEDGER[:4])).parts()), 5)


@pytest.mark.parametrize("bad", [b"", b"nonsense", b"x\x9c"])
def test_parts_that_cannot_be_read_are_refused(bad: bytes) -> None:
    parts = list(Taken(folded(LEDGER)).parts())
    for broken in ([], [bad], [bad, *parts[1:]], [parts[0], bad], [parts[0][:-3], *parts[1:]], [parts[1], parts[0]]):
        with pytest.raises(NotACheckpoint):
            read_parts(broken)


def test_a_contest_judged_anew_for_a_scope_is_folded_whole() -> None:
    contest = folded(LEDGER)
    assert can_be_taken(contest)
    newer = msgspec.structs.replace(adopted(judged_by_a_panel()), version=2, scope=Scope(contestants=("A1",)))  # type: ignore[arg-type]
    contest.advance(Entry(contest.position + 1, 1, "test", newer))
    assert not can_be_taken(contest)
    contest.settle()
    assert not can_be_taken(contest)


def test_judging_in_turns_comes_to_what_judging_at_once_does() -> None:
    contest, turns = Contest(CUP, JUDGES), 0
    for entry in LEDGER[:4]:
        contest.advance(entry)
    while contest.judge_some(1):
        turns += 1
    assert turns > 1
    assert contest.settle() == set(contest.sheets)
    assert all_of(contest) == all_of(folded(LEDGER[:4]))
