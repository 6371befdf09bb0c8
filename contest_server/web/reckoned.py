"""What many ask of a contest, reckoned once for each of its positions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

from contest_server.core.contest import Contest

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
