"""What waits for a contest's ledger, in the order in which it came. Refuses what goes beyond its bound: that waits until there is room."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from contest_server.core.contest import Contest
from contest_server.core.facts import Draft

Decide = Callable[[Contest], Sequence[Draft]]
"""Looks at the contest as it is and says what to enter; raises where that must not be."""
Answer = Callable[[int | Exception], None]
"""Is told the contest's position once all is durable, or why it is not; at once, inside the desk's own turn."""


class DeskClosed(Exception):
    """The desk of this contest has ended; what was submitted may or may not be stored. Send it again: numbers make that harmless."""


class Unstorable(ValueError):
    """The ledger refuses these facts as they are. Sending them again does not help."""


@dataclass(slots=True, eq=False)
class Wish:
    """Facts to store, or somebody who decides what to store. Facts may be added until it is taken."""

    what: list[Draft] | Decide
    answer: Answer
    is_taken: bool = False
    """It is on its way into the ledger."""
    is_withdrawn: bool = False
    """It is not wanted any more, and passed over."""

    _is_answered: bool = False

    def tell(self, outcome: int | Exception) -> None:
        """Answer, if that has not been done: it may be known to be stored when its desk ends."""
        if not self._is_answered:
            self._is_answered = True
            self.answer(outcome)

    @property
    def drafts(self) -> Sequence[Draft]:
        """What to store; nothing yet where that is still to be decided."""
        return () if callable(self.what) else self.what


class Inbox:
    """A queue with a bound for wishes, and a bell that says no more than that others wrote. One takes out of it: the desk."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._wishes: deque[Wish] = deque()
        self._seeking: list[Callable[[], None]] = []
        self._is_rung = False
        self._waits: asyncio.Future[None] | None = None
        """The desk, for a wish or the bell."""

    def __len__(self) -> int:
        return len(self._wishes)

    def ring(self) -> None:
        """Wake the desk; where something waits, it wakes anyway."""
        self._is_rung = True
        self._wake()

    async def put(self, wish: Wish) -> None:
        """Waits while it is full."""
        if not self.put_now(wish):
            is_in = asyncio.get_running_loop().create_future()
            seeks = partial(self._put_later, wish, is_in)
            self.when_room(seeks)
            try:
                await is_in
            finally:
                if seeks in self._seeking:  # who gave up
                    self._seeking.remove(seeks)

    def put_now(self, wish: Wish) -> bool:
        """False while it is full: `when_room` tells."""
        if len(self._wishes) >= self._most:
            return False
        self._wishes.append(wish)
        self._wake()
        return True

    def when_room(self, tell: Callable[[], None]) -> None:
        """Tell, once, that something was taken out. Of each line there is one at most."""
        self._seeking.append(tell)

    async def next(self) -> Wish | None:
        """The next wish, which is taken with that; None for the bell."""
        while (wish := self.next_now()) is None and not self._is_rung:
            if self._seeking:  # all that filled it was withdrawn
                self.tell_room()
                continue
            self._waits = asyncio.get_running_loop().create_future()
            try:
                await self._waits
            finally:
                self._waits = None
        self._is_rung = False
        return wish

    def next_now(self) -> Wish | None:
        """The same without waiting: None where nothing waits."""
        while self._wishes:
            wish = self._wishes.popleft()
            if not wish.is_withdrawn:
                wish.is_taken = True
                return wish
        return None

    def tell_room(self) -> None:
        """There is room again: let in who looked for it, in the order in which they came."""
        told, self._seeking = self._seeking, []
        for tell in told:
            tell()

    def _put_later(self, wish: Wish, is_in: asyncio.Future[None]) -> None:
        """There may be room now, for somebody who may have gone meanwhile."""
        if is_in.done():
            return
        if self.put_now(wish):
            is_in.set_result(None)
        else:
            self.when_room(partial(self._put_later, wish, is_in))

    def _wake(self) -> None:
        if self._waits is not None and not self._waits.done():
            self._waits.set_result(None)
