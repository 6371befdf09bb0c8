"""What many ask of a contest, reckoned once for each of its positions."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from contest_server.core.contest import Contest
from contest_server.live.shared_work import SharedWork
from contest_server.live.turns import Turns

T = TypeVar("T")


def once_a_position(reckon: Callable[[Contest], T]) -> Callable[[Contest], T]:
    """The same function, whose answer is kept until the contest moves. Only for what follows from the contest alone."""
    kept: WeakKeyDictionary[Contest, tuple[int, T]] = WeakKeyDictionary()

    def known(contest: Contest) -> T:
        found = kept.get(contest)
        if found is None or found[0] != contest.position:
            found = kept[contest] = contest.position, reckon(contest)
        return found[1]

    known.__doc__ = reckon.__doc__
    return known


class ReckonedInTurns(Generic[T]):
    """The same for what is more than a turn's work: in short turns, once for all who ask meanwhile. It follows from the contest as it is
    when it is begun.
    """

    def __init__(self, reckon: Callable[[Contest], Generator[object, None, T]]) -> None:
        self._reckon = reckon
        self._kept: WeakKeyDictionary[Contest, tuple[int, T]] = WeakKeyDictionary()
        self._under_way = SharedWork[Contest, None]()

    async def of(self, contest: Contest) -> T:
        """What follows from the contest as it is now, or was a moment later."""
        since = contest.position
        while (found := self._kept.get(contest)) is None or found[0] < since:
            await self._under_way.of(contest, partial(self._go_through, contest))
        return found[1]

    async def _go_through(self, contest: Contest) -> None:
        position = contest.position
        self._kept[contest] = position, await Turns().result(self._reckon(contest))
