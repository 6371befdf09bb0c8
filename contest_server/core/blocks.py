"""Names in the order of their places, in blocks: one is put in, taken out or counted up to without moving the others. Never sorts.

A place is anything that compares with the other places, mostly an integer (`core/packing.py`). Names at equal places stand in their own
order, so every name has its one position.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from itertools import accumulate, chain, islice
from typing import Any, Generic, TypeVar

BLOCK_MAX = 1_024
"""A block that grows beyond it becomes two; one that shrinks below an eighth of it joins its neighbour."""
BLOCK_MIN = BLOCK_MAX // 8
COUNT_AFTER = 64
"""So many changes are remembered one by one, before the blocks are counted again."""

Place = Any
Name = TypeVar("Name", bound=str)


class Blocks(Generic[Name]):
    """`_last[i]` and `_last_names[i]` are the end of block i. `_starts[i]` names came before block i when the blocks were last counted;
    since then one was put into each block in `_puts`, and one taken out of each in `_drops` (both in order).
    """

    __slots__ = ("_drops", "_last", "_last_names", "_names", "_places", "_puts", "_starts")

    def __init__(self) -> None:
        self._places: list[list[Place]] = []
        self._names: list[list[Name]] = []
        self._last: list[Place] = []
        self._last_names: list[Name] = []
        self._count()

    def __len__(self) -> int:
        return sum(map(len, self._names))

    def __iter__(self) -> Iterator[Name]:
        return chain.from_iterable(self._names)

    def put(self, place: Place, name: Name) -> int:
        """Put in a name that is not there. Returns how many are at lesser places."""
        last = self._last
        block = bisect_left(last, place)
        if block == len(last):
            if not block:
                self._insert(0, [place], [name])
                return 0
            block -= 1
        elif last[block] == place:
            return self._put_beside(place, name)
        places = self._places[block]
        at = bisect_left(places, place)
        size = len(places)
        if at == size:
            last[block], self._last_names[block] = place, name
        elif places[at] == place:
            return self._put_beside(place, name)
        places[at:at] = (place,)  # moves the rest at once, which `insert` does one by one
        self._names[block][at:at] = (name,)
        puts, drops = self._puts, self._drops
        before = self._starts[block] + bisect_left(puts, block) - bisect_left(drops, block) + at
        if size == BLOCK_MAX:
            self._split(block)
        elif len(puts) == COUNT_AFTER:
            self._count()
        else:
            insort(puts, block)
        return before

    def drop(self, place: Place, name: Name) -> None:
        """Take out a name that is there, at this place."""
        block = bisect_left(self._last, place)
        places, names = self._places[block], self._names[block]
        at = bisect_left(places, place)
        if names[at] != name:
            block = self._tied_block(block, place, name)
            places, names = self._places[block], self._names[block]
            at = bisect_left(places, place)
            at = bisect_left(names, name, at, bisect_right(places, place, at))
            assert names[at] == name, f"{name} is not at this place"
        del places[at], names[at]
        size = len(places)
        if size < BLOCK_MIN and (not size or len(self._last) > 1):
            self._join(block)
            return
        if at == size:
            self._last[block], self._last_names[block] = places[-1], names[-1]
        if len(self._drops) == COUNT_AFTER:
            self._count()
        else:
            insort(self._drops, block)

    def before(self, place: Place) -> int:
        """How many are at lesser places than this one, which may be nobody's."""
        block = bisect_left(self._last, place)
        if block == len(self._last):
            return len(self)
        start = self._starts[block] + bisect_left(self._puts, block) - bisect_left(self._drops, block)
        return start + bisect_left(self._places[block], place)

    def first(self, count: int) -> list[Name]:
        """The first names, at most `count`."""
        if self._names and len(self._names[0]) >= count:
            return self._names[0][:count]
        return list(islice(self, count))

    def _count(self) -> None:
        self._starts = [0, *accumulate(map(len, self._names))]
        self._puts: list[int] = []
        self._drops: list[int] = []

    def _put_beside(self, place: Place, name: Name) -> int:
        """Put in a name where others have the same place. Returns how many are at lesser places."""
        block = min(self._tied_block(bisect_left(self._last, place), place, name), len(self._last) - 1)
        places, names = self._places[block], self._names[block]
        at = bisect_left(places, place)
        at = bisect_left(names, name, at, bisect_right(places, place, at))
        places.insert(at, place)
        names.insert(at, name)
        self._last[block], self._last_names[block] = places[-1], names[-1]
        if len(places) > BLOCK_MAX:
            self._split(block)
        elif len(self._puts) == COUNT_AFTER:
            self._count()
        else:
            insort(self._puts, block)
        return self.before(place)

    def _tied_block(self, block: int, place: Place, name: Name) -> int:
        """Which of the blocks that end with this place, from `block` on, or after them, the name belongs to."""
        return bisect_left(self._last_names, name, block, bisect_right(self._last, place, block))

    def _split(self, block: int) -> None:
        places, names = self._take(block)
        middle = len(places) // 2
        self._insert(block, places[middle:], names[middle:])
        self._insert(block, places[:middle], names[:middle])

    def _join(self, block: int) -> None:
        """Add a block that has become small to the one before it, or after it."""
        if not self._places[block]:
            self._take(block)
            self._count()
            return
        left = max(block - 1, 0)
        (places, names), (more_places, more_names) = self._take(left), self._take(left)
        self._insert(left, places + more_places, names + more_names)
        if len(self._places[left]) > BLOCK_MAX:
            self._split(left)

    def _take(self, block: int) -> tuple[list[Place], list[Name]]:
        del self._last[block], self._last_names[block]
        return self._places.pop(block), self._names.pop(block)

    def _insert(self, block: int, places: list[Place], names: list[Name]) -> None:
        self._places.insert(block, places)
        self._names.insert(block, names)
        self._last.insert(block, places[-1])
        self._last_names.insert(block, names[-1])
        self._count()
