"""Names in the order of their places, in blocks: one is put in, taken out or counted up to without moving the others. Never sorts.

A place is anything that compares with the other places, mostly an integer (`core/packing.py`). Names at equal places stand in their own
order, so every name has its one position.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSequence
from itertools import chain, islice
from typing import Any, Generic, TypeVar

BLOCK_MAX = 1_024
"""A block that grows beyond it becomes two; one that shrinks below an eighth of it joins its neighbour."""
BLOCK_MIN = BLOCK_MAX // 8
GROUP = 16
"""So many blocks are summed up together."""

Place = Any
Name = TypeVar("Name", bound=str)


class Blocks(Generic[Name]):
    """`_last[i]` and `_last_names[i]` are the end of block i. `_sizes[i]` names are in it, and `_sums[i]` in the i-th `GROUP` blocks.

    `block` makes what holds the places of a block: a list, or an array, in which they lie side by side: finding one in a block that was not
    touched for long waits for a few lines of memory then, instead of for each place that it is compared with.
    """

    __slots__ = ("_block", "_last", "_last_names", "_names", "_places", "_sizes", "_sums")

    def __init__(self, block: Callable[[Iterable[Place]], MutableSequence[Place]] = list) -> None:
        self._block = block
        self._places: list[MutableSequence[Place]] = []
        self._names: list[list[Name]] = []
        self._last: list[Place] = []
        self._last_names: list[Name] = []
        self._count()

    def __len__(self) -> int:
        return sum(self._sums)

    def __iter__(self) -> Iterator[Name]:
        return chain.from_iterable(self._names)

    def put(self, place: Place, name: Name) -> int:
        """Put in a name that is not there. Returns how many are at lesser places."""
        last = self._last
        block = bisect_left(last, place)
        if block == len(last):
            if not block:
                self._insert(0, self._block([place]), [name])
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
        places.insert(at, place)
        self._names[block][at:at] = (name,)  # moves the rest at once, which a list's `insert` does one by one
        before = self._start(block) + at
        if size == BLOCK_MAX:
            self._split(block)
        else:
            self._resize(block, 1)
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
        self._resize(block, -1)

    def move(self, old: Place, place: Place, name: Name) -> int:
        """Take out a name that is there, at its old place, and put it in at another. Returns how many are at lesser places."""
        last, sizes = self._last, self._sizes
        source, block = bisect_left(last, old), bisect_left(last, place)
        places, names = self._places[source], self._names[source]
        out = bisect_left(places, old)
        if names[out] == name and old != last[source] and sizes[source] > BLOCK_MIN and block < len(last) and sizes[block] < BLOCK_MAX:
            others = self._places[block]
            at = bisect_left(others, place)
            if others[at] != place:
                del places[out], names[out]
                sums, group = self._sums, block // GROUP
                if source != block:
                    sizes[source] -= 1
                    sizes[block] += 1
                    sums[source // GROUP] -= 1
                    sums[group] += 1
                elif out < at:
                    at -= 1
                others.insert(at, place)
                self._names[block][at:at] = (name,)  # moves the rest at once, which a list's `insert` does one by one
                return at + sum(sizes[group * GROUP : block], sum(sums[:group]))
        self.drop(old, name)
        return self.put(place, name)

    def before(self, place: Place) -> int:
        """How many are at lesser places than this one, which may be nobody's."""
        block = bisect_left(self._last, place)
        if block == len(self._last):
            return len(self)
        return self._start(block) + bisect_left(self._places[block], place)

    def first(self, count: int) -> list[Name]:
        """The first names, at most `count`."""
        if self._names and len(self._names[0]) >= count:
            return self._names[0][:count]
        return list(islice(self, count))

    def repack(self, places: Mapping[Name, Place], block: Callable[[Iterable[Place]], MutableSequence[Place]]) -> None:
        """The names are at other places now, in the same order."""
        self._block = block
        self._places = [block([places[name] for name in names]) for names in self._names]
        self._last = [each[-1] for each in self._places]

    def _resize(self, block: int, by: int) -> None:
        self._sizes[block] += by
        self._sums[block // GROUP] += by

    def _start(self, block: int) -> int:
        """How many names come before this block."""
        group = block // GROUP
        return sum(self._sizes[group * GROUP : block], sum(self._sums[:group]))

    def between(self, begin: int, end: int) -> list[Name]:
        """The names from one position up to another, as of a list."""
        found: list[Name] = []
        for names in self._names:
            if end <= 0:
                break
            if begin < len(names):
                found += names[begin:end]
            begin, end = max(0, begin - len(names)), end - len(names)
        return found

    def _count(self) -> None:
        self._sizes = [len(names) for names in self._names]
        self._sums = [sum(self._sizes[at : at + GROUP]) for at in range(0, len(self._sizes), GROUP)]

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
        else:
            self._resize(block, 1)
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
        places.extend(more_places)
        self._insert(left, places, names + more_names)
        if len(self._places[left]) > BLOCK_MAX:
            self._split(left)

    def _take(self, block: int) -> tuple[MutableSequence[Place], list[Name]]:
        del self._last[block], self._last_names[block]
        return self._places.pop(block), self._names.pop(block)

    def _insert(self, block: int, places: MutableSequence[Place], names: list[Name]) -> None:
        self._places.insert(block, places)
        self._names.insert(block, names)
        self._last.insert(block, places[-1])
        self._last_names.insert(block, names[-1])
        self._count()
