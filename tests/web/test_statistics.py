"""How the stages go: counted from what the public sees, by venue too; nothing from behind a freeze."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from contest_server.core.facts import StageId
from contest_server.core.rows import BoardRow
from contest_server.core.times import text_of_us
from contest_server.live import turns
from contest_server.live.board import Board
from contest_server.web.statistics import stage_statistics, statistics_of
from tests.contests import START_US, adopted, event, fold
from tests.web.places import clear, served
from tests.web.screening import HERE


async def test_a_stage_tells_who_cleared_it_first_when_and_where() -> None:
    async with served() as place, place.venue() as one, place.venue("yueqing") as other:
        await place.order("clock", action="start", at=text_of_us(START_US))
        await one.send(clear(1, "A1", at="01:10:00Z"))
        await one.send(clear(2, "A2", at="01:40:00Z"))
        await other.send(clear(1, "B1", at="01:20:00Z"))
        said = await place.get(f"{HERE}/statistics")
        quiz = next(each for each in said["stages"] if each["stage"] == "quiz")
        board = await place.board()
        times = {row["id"]: row["stages"]["quiz"]["ms"] for row in board["rows"] if "quiz" in row["stages"]}
        assert said["position"] == board["to"]
        assert (quiz["cleared"], quiz["tried"], quiz["pending"]) == (3, 3, 0)
        assert quiz["first"] == board["state"]["first"]["quiz"] == {"contestants": ["A1"], "ms": times["A1"]}
        assert (quiz["best_ms"], quiz["median_ms"]) == (times["A1"], times["B1"])
        assert {venue: each["cleared"] for venue, each in quiz["venues"].items()} == {"yongjia": 2, "yueqing": 1}
        untouched = next(each for each in said["stages"] if each["stage"] != "quiz")
        assert (untouched["cleared"], untouched["first"], untouched["best_ms"], untouched["median_ms"]) == (0, None, None, None)


async def test_who_is_at_it_has_not_failed() -> None:
    async with served() as place, place.venue() as one, place.venue("yueqing") as other:
        await place.order("clock", action="start", at=text_of_us(START_US))
        begun, failed = {"kind": "start"}, {"kind": "attempt", "attempt": "0", "data": {"outcome": "rejected"}}
        await one.send(clear(1, "A1") | begun, clear(2, "A2") | failed, clear(3, "A2") | begun)
        await other.send(clear(1, "B1") | failed)
        quiz = next(each for each in (await place.get(f"{HERE}/statistics"))["stages"] if each["stage"] == "quiz")
        assert (quiz["tried"], quiz["working"], quiz["cleared"], quiz["pending"]) == (3, 2, 0, 0)


async def test_what_came_after_the_freeze_is_pending_and_nothing_else() -> None:
    async with served() as place, place.venue() as one, place.venue("yueqing") as other:
        await place.order("clock", action="start", at=text_of_us(START_US))
        await one.send(clear(1, "A1", at="01:10:00Z"))
        await place.order("freeze", minutes=20)
        await other.send(clear(1, "B1", at="01:00:01Z"), clear(2, "B1", stage="wiring", at="01:30:00Z", data={"mohm": "2"}))
        stages = {each["stage"]: each for each in (await place.get(f"{HERE}/statistics"))["stages"]}
        assert (stages["quiz"]["cleared"], stages["quiz"]["pending"], stages["quiz"]["first"]["contestants"]) == (1, 1, ["A1"])
        assert stages["quiz"]["best_ms"] == stages["quiz"]["median_ms"] == stages["quiz"]["first"]["ms"]
        assert (stages["wiring"]["cleared"], stages["wiring"]["pending"], stages["wiring"]["best_ms"]) == (0, 1, None)


async def test_others_have_turns_while_the_rows_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN_S", 0.0)
    monkeypatch.setattr(turns, "REST_S", 0.0)
    contest = fold([adopted(), event(1), event(2, contestant="B1", at_s=9), event(3, contestant="A2", at_s=7)])
    had, when = 0, list[int]()

    def rows() -> Iterator[BoardRow]:
        for row in contest.rows.values():
            when.append(had)
            yield row

    stages = [StageId(each) for each in contest.fields]
    counting = asyncio.create_task(stage_statistics(stages, rows(), contest.first_clears()))
    while not counting.done():
        await asyncio.sleep(0)
        had += 1
    assert len(when) == len(set(when)) == len(contest.rows), "somebody had a turn between any two of them"
    quiz = next(each for each in await counting if each["stage"] == "quiz")
    assert (quiz["contestants"], quiz["cleared"]) == (4, 3), "the guest counts nowhere"
    assert {venue: each["contestants"] for venue, each in quiz["venues"].items()} == {"yongjia": 2, "yueqing": 2}


async def test_who_asks_while_it_is_reckoned_waits_for_the_same() -> None:
    board = Board(fold([adopted(), event(1)]), "e1", 3, 100)
    board.take(board.contest.rows)
    one, other = await asyncio.gather(statistics_of(board, START_US), statistics_of(board, START_US + 9_000_000))
    assert one is other
    assert one["position"] == board.contest.position
    assert await statistics_of(board, START_US + 999_999) is one, "and whoever comes a little later"
    later = await statistics_of(board, START_US + 1_000_000)
    assert (later is one, later == one) == (False, True)
