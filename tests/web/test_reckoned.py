"""What follows from a contest is reckoned once for all who ask, in short turns, and nobody gets what was true before they asked."""

from __future__ import annotations

import asyncio
from collections.abc import Generator

import pytest

from contest_server.core.contest import Contest
from contest_server.live import turns
from contest_server.web.reckoned import ReckonedInTurns
from tests import clockwork
from tests.contests import entries, event, fold

PIECES = 3


def test_however_many_ask_it_is_reckoned_once_for_a_position_and_never_twice_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    under_way = 0

    def reckon(contest: Contest) -> Generator[None, None, int]:
        nonlocal under_way
        under_way, position = under_way + 1, contest.position
        assert under_way == 1
        begun.append(position)
        for _ in range(PIECES):
            yield
        under_way -= 1
        return position

    async def ask() -> None:
        contest, reckoned = fold([event(1, at_s=5)]), ReckonedInTurns(reckon)
        first = contest.position
        assert await asyncio.gather(*(reckoned.of(contest) for _ in range(20))) == [first] * 20
        assert await reckoned.of(contest) == first
        assert begun == [first]
        enter(contest, 2)
        before = asyncio.create_task(reckoned.of(contest))
        await asyncio.sleep(turns.REST_S)
        enter(contest, 3)
        assert await asyncio.gather(*(reckoned.of(contest) for _ in range(20))) == [first + 2] * 20
        assert await before in (first + 1, first + 2)
        assert begun == [first, first + 1, first + 2]

    monkeypatch.setattr(turns, "TURN_S", 0)  # so that each piece is a turn
    clockwork.run(ask())


def enter(contest: Contest, seq: int) -> None:
    for entry in entries([event(seq, contestant="A2", attempt=str(seq), at_s=5 * seq)], after=contest.position):
        contest.advance(entry)
    contest.settle()
