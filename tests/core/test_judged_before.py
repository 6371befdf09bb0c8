"""What two programs make of the same entries: alike is nothing at all, and whoever moved is named, above all in a told result."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from contest_server.core import judged_before
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, Fact, Finalised
from contest_server.core.judged_before import (
    Difference,
    JudgedBefore,
    NotReadable,
    difference,
    is_as_published,
    read_judged,
    snapshot_of,
)
from contest_server.core.rows import BoardRow, StageMark
from contest_server.core.sheet import Sheet
from tests.contests import event, fold
from tests.core.stated import published

FACTS: list[Fact] = [
    event(1, stage="wiring", at_s=3, data={"mohm": "2.4"}),
    event(2, at_s=4),
    event(3, contestant="A2", at_s=5),
    event(4, contestant="G1", at_s=6),
]


class Otherwise:
    """A program that gives one contestant so much more than this one does."""

    def __init__(self, patch: pytest.MonkeyPatch, contestant: str, more: int) -> None:
        self._patch, self._contestant, self._more = patch, contestant, more

    def begin(self) -> None:
        real, who, more = Sheet.row, self._contestant, self._more

        def other(sheet: Sheet, *args: Any) -> BoardRow:
            made = real(sheet, *args)
            if sheet.contestant != who:
                return made
            points = made.points + more
            key = (made.row.key[0], made.row.key[1] - more * 1_000_000, *made.row.key[2:])
            return BoardRow(msgspec.structs.replace(made.row, points=f"{points:f}", key=key), made.venue, points)

        self._patch.setattr(Sheet, "row", other)


def judged(facts: Sequence[Fact], program: str = "a") -> JudgedBefore:
    return snapshot_of(fold(facts)).written(program)


def between(facts: Sequence[Fact], other: Otherwise, read_as: Sequence[Fact] | None = None) -> Difference | None:
    """What the other program makes of these facts, against what this one made of them."""
    before = read_judged(msgspec.json.encode(judged(facts)).decode())
    other.begin()
    return difference(before, judged(read_as or facts, "b"), 7)


def test_programs_that_judge_alike_have_nothing_to_say() -> None:
    for facts in (FACTS, [*FACTS, published(), Finalised()], []):
        assert difference(judged(facts), judged(facts, "b"), 7) is None


class Looked(dict[ContestantId, BoardRow]):
    """Rows that count how often somebody goes through them."""

    times = 0

    def items(self) -> Any:
        self.times += 1
        return super().items()


@pytest.mark.parametrize("said", ["", "another"])
def test_whether_a_published_result_is_judged_so_is_reckoned_once_for_each_publication(said: str) -> None:
    contest = fold([*FACTS, published()])
    rows = Looked(contest.published[0].rows)
    boards = [
        replace(contest.published[0], rows=rows, act=msgspec.structs.replace(contest.published[0].act, result=said)) for _ in range(2)
    ]
    answers, reckoning = [is_as_published(board) for board in boards], rows.times
    assert bool(reckoning) == bool(said)
    answers += [is_as_published(board) for board in boards * 2]
    assert answers == [not said] * 6
    assert rows.times == reckoning, "nobody goes through it again"
    contest.published.clear()
    del boards
    gc.collect()
    assert not [board for board in judged_before._as_said if board.rows is rows], "nothing is kept of a contest that is gone"


def test_whoever_is_judged_otherwise_is_named_and_whoever_only_lost_a_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    found = between(FACTS, Otherwise(monkeypatch, "A2", 50))
    assert found is not None
    assert (found.before, found.after, found.position, found.count, found.ranks) == ("a", "b", len(FACTS) + 1, 2, 2)
    told = {each.contestant: (each.before, each.after) for each in found.moved}
    points = {who: (before.points, after.points) for who, (before, after) in told.items() if before and after}
    assert Decimal(points["A2"][1]) - Decimal(points["A2"][0]) == 50  # type: ignore[index]
    assert points["A1"][0] == points["A1"][1]  # type: ignore[index]
    assert [each.contestant for each in found.moved] == ["A1", "A2"], "who was first, first"
    assert not found.is_grave, "nobody was told it as a result"


@pytest.mark.parametrize("told", [[Finalised()], [published()]])
def test_a_result_that_was_told_is_grave(monkeypatch: pytest.MonkeyPatch, told: list[Fact]) -> None:
    found = between([*FACTS, *told], Otherwise(monkeypatch, "A2", 1))
    assert found is not None
    assert found.is_grave


def test_the_result_as_it_was_published_is_held_against_the_one_of_the_same_position(monkeypatch: pytest.MonkeyPatch) -> None:
    """What moved afterwards by facts is no difference between programs."""
    facts = [*FACTS, published(), event(5, contestant="B1", at_s=9)]
    before = judged(facts)
    assert set(before.published) >= {"B1"}, "published without that"
    assert difference(before, judged(facts, "b"), 7) is None
    found = between(facts, Otherwise(monkeypatch, "A2", 50))
    assert found is not None
    assert (found.published_at, found.published, found.count) == (len(FACTS) + 2, 2, 2)


def test_a_stage_that_is_shown_otherwise_is_a_difference_though_the_sum_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    before, real = judged(FACTS), Sheet.row

    def row(sheet: Sheet, *args: Any) -> BoardRow:
        made = real(sheet, *args)
        stages = {stage: msgspec.structs.replace(mark, tries=mark.tries + 1) for stage, mark in made.row.stages.items()}
        return BoardRow(msgspec.structs.replace(made.row, stages=stages), made.venue, made.points)

    monkeypatch.setattr(Sheet, "row", row)
    found = difference(before, judged(FACTS, "b"), 7)
    assert found is not None
    assert (found.count, found.ranks) == (3, 0)


def test_a_program_that_only_says_more_of_a_stage_judges_nothing_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    class MoreSaid(StageMark, frozen=True, omit_defaults=True, gc=False):
        colour: str = ""

    before, board, real = judged(FACTS), fold(FACTS).digest(), Sheet.row

    def row(sheet: Sheet, *args: Any) -> BoardRow:
        made = real(sheet, *args)
        stages: dict[Any, StageMark] = {
            stage: MoreSaid(**msgspec.structs.asdict(mark), colour="red") for stage, mark in made.row.stages.items()
        }
        return BoardRow(msgspec.structs.replace(made.row, stages=stages), made.venue, made.points)

    monkeypatch.setattr(Sheet, "row", row)
    assert fold(FACTS).digest() != board, "the rows are encoded otherwise"
    assert difference(before, judged(FACTS, "b"), 7) is None


def test_ranks_are_those_of_the_ranking() -> None:
    contest: Contest = fold([*FACTS, event(5, contestant="B1", at_s=4)])
    lines = snapshot_of(contest).written("a").lines
    assert {each.contestant: each.rank for each in lines} == {who: contest.ranking.rank_of(who) for who in contest.rows}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format":"contest-judged/9","program":"x","position":1,"final":false,"lines":[]}'])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(NotReadable):
        read_judged(text)
