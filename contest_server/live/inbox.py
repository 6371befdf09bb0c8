"""What waits for a contest's ledger, in the order in which it came. Refuses what goes beyond its bound: that waits until there is room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contest_server.core.contest import Contest
from contest_server.core.facts import Draft

Decide = Callable[[Contest], Sequence[Draft]]
"""Looks at the contest as it is and says what to enter; raises where that must not be."""
Answer = Callable[[int | Exception], None]
"""Is told the contest's position once all is durable, or why it is not; at once, inside the desk's own turn."""


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
    """A queue with a bound for wishes, and a bell that says no more than that others wrote."""

    def __init__(self, most: int) -> None:
        self._queue: asyncio.Queue[Wish | None] = asyncio.Queue(most)
        self._seeking: list[Callable[[], None]] = []

    def __len__(self) -> int:
        return self._queue.qsize()

    def ring(self) -> None:
        """Wake the desk; where something waits, it wakes anyway."""
        if self._queue.empty():
            self._queue.put_nowait(None)

    async def put(self, wish: Wish) -> None:
        """Waits while it is full."""
        await self._queue.put(wish)

    def put_now(self, wish: Wish) -> bool:
        """False while it is full: `when_room` tells."""
        if self._queue.full():
            return False
        self._queue.put_nowait(wish)
        return True

    def when_room(self, tell: Callable[[], None]) -> None:
        """Tell, once, that something was taken out. Of each line there is one at most."""
        self._seeking.append(tell)

    async def next(self) -> Wish | None:
        """The next wish, which is taken with that; None for the bell."""
        wish = await self._queue.get()
        while wish is not None and wish.is_withdrawn:
            wish = await self._queue.get()
        return _taken(wish)

    def next_now(self) -> Wish | None:
        """The same without waiting: None where nothing waits."""
        while not self._queue.empty():
            wish = self._queue.get_nowait()
            if wish is not None and not wish.is_withdrawn:
                return _taken(wish)
        return None

    def tell_room(self) -> None:
        """There is room again: let in who looked for it, in the order in which they came."""
        told, self._seeking = self._seeking, []
        for tell in told:
            tell()


def _taken(wish: Wish | None) -> Wish | None:
    if wish is not None:
        wish.is_taken = True
    return wish
