"""A board is painted soon after it was touched, never twice within an interval, and not while nobody could show it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.contest import Contest
from contest_server.live.board import Board
from contest_server.live.painter import LOOK_EVERY_S, Painter
from tests import clockwork
from tests.contests import CUP, JUDGES

INTERVAL_S = 0.05
PAUSES_S = st.sampled_from((0.0, 0.001, 0.02, 0.049, 0.05, 0.2, 3.0))


class Easel:
    """A board that is painted, and when it was. What there is to be seen is how often it was touched."""

    def __init__(self) -> None:
        self.board = Board(Contest(CUP, JUDGES), "e1", 2, 2)
        self.pictures: list[tuple[float, int]] = []
        self.touches = 0

    def touch(self) -> None:
        self.touches += 1
        self.board.touched.set()

    def paint(self) -> None:
        assert self.board.is_wanted.is_set()
        self.pictures.append((asyncio.get_running_loop().time(), self.touches))

    @asynccontextmanager
    async def painted(self) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(Painter(self.board, self.paint, INTERVAL_S).run())
        self.touch()
        await asyncio.sleep(2 * INTERVAL_S)
        yield task
        task.cancel()
        await asyncio.wait((task,))


@given(st.lists(st.tuples(st.sampled_from(("touch", "touch", "lower", "raise")), PAUSES_S), max_size=40))
def test_every_touch_is_in_a_picture_within_an_interval_and_no_two_come_within_one(steps: list[tuple[str, float]]) -> None:
    async def work() -> None:
        easel = Easel()
        async with easel.painted():
            for name, pause_s in steps:
                match name:
                    case "touch":
                        easel.touch()
                    case "lower":
                        easel.board.is_wanted.clear()
                    case "raise":
                        easel.board.is_wanted.set()
                await asyncio.sleep(pause_s)
                if easel.board.is_wanted.is_set() and pause_s > INTERVAL_S:
                    assert easel.pictures[-1][1] == easel.touches
            easel.board.is_wanted.set()
            await asyncio.sleep(2 * INTERVAL_S)
            assert easel.pictures[-1][1] == easel.touches
        times_s = [at_s for at_s, _ in easel.pictures]
        assert all(after - before >= INTERVAL_S - 1e-9 for before, after in pairwise(times_s))

    clockwork.run(work())


def test_a_touch_after_a_pause_is_painted_in_the_same_turn() -> None:
    async def work() -> None:
        easel = Easel()
        async with easel.painted():
            at_s = asyncio.get_running_loop().time()
            easel.touch()
            assert easel.pictures[-1] == (at_s, 2)

    clockwork.run(work())


def test_what_time_alone_changes_is_painted_within_a_second() -> None:
    async def work() -> None:
        easel = Easel()
        async with easel.painted():
            easel.touch()
            for _ in range(5):
                await asyncio.sleep(0.7)
                assert asyncio.get_running_loop().time() - easel.pictures[-1][0] <= LOOK_EVERY_S

    clockwork.run(work())


def test_a_picture_that_cannot_be_painted_ends_the_painter() -> None:
    async def work() -> None:
        easel = Easel()
        async with easel.painted() as task:
            easel.paint = lambda: 1 / 0  # type: ignore[method-assign,assignment]
        async with easel.painted() as task:
            with pytest.raises(ZeroDivisionError):
                await task

    clockwork.run(work())


def test_nothing_is_painted_after_the_end() -> None:
    async def work() -> None:
        easel = Easel()
        async with easel.painted():
            easel.touch()
        before = list(easel.pictures)
        easel.touch()
        await asyncio.sleep(3)
        assert easel.pictures == before

    clockwork.run(work())
