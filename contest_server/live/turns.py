"""Long work on the event loop, in short turns: whoever acknowledges events, or paints boards, never waits for all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterable
from time import perf_counter
from typing import TypeVar

TURN_S = 0.004
REST_S = 0.002

T = TypeVar("T")


class Turns:
    """Asked after each piece of work: lets others go on once a turn's time is used up."""

    def __init__(self) -> None:
        self._since_s = perf_counter()

    async def through(self, pieces: Iterable[object]) -> None:
        """Do all of this work, of which each piece is short."""
        for _ in pieces:
            await self.next()

    async def result(self, work: Generator[object, None, T]) -> T:
        """The same for work that leads to something."""
        while True:
            try:
                next(work)
            except StopIteration as done:
                found: T = done.value
                return found
            await self.next()

    async def next(self) -> None:
        """Pieces much longer than TURN_S are the caller's fault."""
        if perf_counter() - self._since_s >= TURN_S:
            await asyncio.sleep(REST_S)
            self._since_s = perf_counter()
