"""What a ruling about everybody would change, found out in short turns before it is decided: the contest goes on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from contextvars import Context
from typing import TypeVar
from weakref import WeakKeyDictionary

from contest_server.core.acts import Ruled
from contest_server.core.contest import Contest
from contest_server.core.supposing import Supposition, ToBeSupposed
from contest_server.live.inbox import DeskClosed
from contest_server.live.turns import Turns

ROUNDS_MAX = 5
"""So often it is made anew because of what came in between."""

T = TypeVar("T")
Ask = Callable[[Supposition | None], Awaitable[T]]


class Suppositions:
    """Of each contest there is one at a time, for all who ask for the same: who asks for another waits until it is gone."""

    def __init__(self) -> None:
        self._places = WeakKeyDictionary[Contest, _Place]()

    async def answer(self, contest: Contest, ruling: Ruled, ask: Ask[T]) -> T:
        """The answer of one who asks for the effect of this ruling, and raises ToBeSupposed where that would be long.

        Raises:
            DeskClosed: everybody is judged again all the time.
        """
        try:
            return await ask(None)
        except ToBeSupposed:
            pass
        return await self._places.setdefault(contest, _Place()).answer(contest, ruling, ask)


class _Place:
    """Where a contest's one supposition is, for as long as somebody waits for it."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._wanted = 0
        self._at_hand: Supposition | None = None
        self._leaving = set[asyncio.Task[None]]()

    async def answer(self, contest: Contest, ruling: Ruled, ask: Ask[T]) -> T:
        self._wanted += 1
        try:
            async with self._lock:
                return await self._answer(contest, ruling, ask)
        finally:
            self._wanted -= 1
            if not self._wanted:
                self._clear()

    async def _answer(self, contest: Contest, ruling: Ruled, ask: Ask[T]) -> T:
        for _ in range(ROUNDS_MAX):
            try:
                return await ask(await self._of(contest, ruling))
            except ToBeSupposed:
                self._clear()
        raise DeskClosed(contest.id)

    async def _of(self, contest: Contest, ruling: Ruled) -> Supposition:
        """That of this ruling: the one at hand, or else a new one, made in short turns once the former is gone."""
        if self._at_hand is not None and self._at_hand.is_of(ruling):
            return self._at_hand
        self._clear()
        if self._leaving:
            await asyncio.wait(self._leaving)
        made = Supposition(ruling)
        try:
            with closing(made.pieces(contest)) as pieces:
                await Turns().through(pieces)
        except BaseException:
            self._let_go(made)
            raise
        self._at_hand = made
        return made

    def _clear(self) -> None:
        former, self._at_hand = self._at_hand, None
        if former is not None:
            self._let_go(former)

    def _let_go(self, former: Supposition) -> None:
        """Free it beside everything else, also where who asked for it has gone away."""
        task = asyncio.create_task(Turns().through(former.let_go()), context=Context())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
