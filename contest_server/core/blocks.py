"""Places in their order, each there once, in blocks: one is put in, taken out or counted up to without moving the others. Never sorts.

A place is anything that compares with the other places, mostly an integer (`core/places.py`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, MutableSequence, Sequence
from itertools import chain, islice
from typing import Any

BLOCK_MAX = 1_024
"""A block that grows beyond it becomes two; one that shrinks below an eighth of it joins its neighbour."""
BLOCK_MIN = BLOCK_MAX // 8
GROUP = 16
"""So many blocks are summed up together."""

Place = Any
Block = MutableSequence[Place]


class Blocks:
    """What is up to `_ends[i]` belongs into block i, what is beyond all of them into the last one. `_sizes[i]` places are in block i, and
    `_sums[i]` in the i-th `GROUP` blocks.

    `block` makes what holds the places of a block: a list, or an array, in which they lie side by side: finding one in a block that was not
    touched for long waits for a few lines of memory then, instead of for each place that it is compared with.
    """

    __slots__ = ("_blocks", "_ends", "_sizes", "_sums")

    def __init__(self, block: Callable[[Iterable[Place]], Block] = list, places: Sequence[Place] = ()) -> None:
        """With these places, which are in order."""
        size = (BLOCK_MAX + BLOCK_MIN) // 2
        self._blocks = [block(places[at : at + size]) for at in range(0, len(places) or 1, size)]
        self._ends: list[Place] = [each[-1] for each in self._blocks[:-1]]
        self._count()

    def __len__(self) -> int:
        return sum(self._sums)

    def __iter__(self) -> Iterator[Place]:
        return chain.from_iterable(self._blocks)

    @property
    def blocks(self) -> Sequence[Block]:
        """All places in their order, in pieces."""
        return self._blocks

    def put(self, place: Place) -> None:
        """Put in a place that is not there."""
        block = bisect_left(self._ends, place)
        places = self._blocks[block]
        places.insert(bisect_left(places, place), place)
        if len(places) > BLOCK_MAX:
            self._split(block)
        else:
            self._resize(block, 1)

    def drop(self, place: Place) -> None:
        """Take out a place that is there."""
        block = bisect_left(self._ends, place)
        places = self._blocks[block]
        at = bisect_left(places, place)
        assert places[at] == place, f"nobody is at {place}"
        del places[at]
        if len(places) < BLOCK_MIN and self._ends:
            self._join(max(block - 1, 0))
        else:
            self._resize(block, -1)

    def move(self, old: Place, place: Place, floor: Place) -> int:
        """Take out a place that is there, and put in another. Returns how many are before `floor`, which is the place or lies before it."""
        ends, sizes = self._ends, self._sizes
        source, block = bisect_left(ends, old), bisect_left(ends, place)
        if sizes[source] <= BLOCK_MIN or sizes[block] >= BLOCK_MAX:
            self.drop(old)
            self.put(place)
            return self.before(floor)
        places, others = self._blocks[source], self._blocks[block]
        del places[bisect_left(places, old)]
        at = bisect_left(others, place)
        others.insert(at, place)
        sums, group = self._sums, block // GROUP
        if source != block:
            sizes[source] -= 1
            sizes[block] += 1
            sums[source // GROUP] -= 1
            sums[group] += 1
        if others[at - 1] >= floor:  # somebody of the same key; or it is the first of its block now, and this one the last
            return self.before(floor)
        return at + sum(sizes[group * GROUP : block], sum(sums[:group]))

    def before(self, place: Place) -> int:
        """How many are before this place, which may be nobody's."""
        block = bisect_left(self._ends, place)
        group = block // GROUP
        return bisect_left(self._blocks[block], place) + sum(self._sizes[group * GROUP : block], sum(self._sums[:group]))

    def first(self, count: int) -> Sequence[Place]:
        """The first places, at most `count`."""
        places = self._blocks[0]
        return places[:count] if len(places) >= count else list(islice(self, count))

    def between(self, begin: int, end: int) -> list[Place]:
        """The places from one position up to another, as of a list."""
        found: list[Place] = []
        for places in self._blocks:
            if end <= 0:
                break
            if begin < len(places):
                found += places[begin:end]
            begin, end = max(0, begin - len(places)), end - len(places)
        return found

    def _resize(self, block: int, by: int) -> None:
        self._sizes[block] += by
        self._sums[block // GROUP] += by

    def _count(self) -> None:
        self._sizes = [len(places) for places in self._blocks]
        self._sums = [sum(self._sizes[at : at + GROUP]) for at in range(0, len(self._sizes), GROUP)]

    def _split(self, block: int) -> None:
        places = self._blocks[block]
        middle = len(places) // 2
        self._blocks[block : block + 1] = [places[:middle], places[middle:]]
        self._ends.insert(block, places[middle - 1])
        self._count()

    def _join(self, block: int) -> None:
        """Make one of this block and the next, or two equal ones, where they are too many for one."""
        self._blocks[block].extend(self._blocks.pop(block + 1))
        del self._ends[block]
        if len(self._blocks[block]) > BLOCK_MAX:
            self._split(block)
        else:
            self._count()
