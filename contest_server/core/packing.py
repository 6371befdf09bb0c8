"""Keys as integers in the same order: comparing two is one comparison, however long the tie chain is.

Keys of a status and two links, as most contests have them, go into 64 bits where that leaves their values room to grow; many of those stand
side by side in memory. Of other keys each element takes 64 bits. What does not go in exactly is refused: a value out of bounds, another
length.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Collection, Iterable, MutableSequence
from functools import partial
from math import isqrt
from typing import Any, NamedTuple

Key = tuple[int, ...]

LENGTH_MAX = 256
"""Elements of a key; longer ones are not packed."""
NARROW = 1 << 64
"""So many keys there are in a narrow layout at most."""
ROOM_MIN = 1.25
"""So many times their present range the links of narrow keys can take at least."""

PLENTY, FAVOUR = 256, 16
"""Where the links can take `PLENTY` times their range, the first of them gets `FAVOUR` times as much, and the other as much less."""

DoesNotFit = (struct.error, ValueError, KeyError)
"""This key does not go into this layout exactly."""


class Bounds(NamedTuple):
    """The values that an element of a key may take: from `least` up to `end`, which is excluded."""

    least: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.least

    def widened(self, room: int) -> Bounds:
        """`room` / 2**32 times as wide, by as much on both sides."""
        more = (self.size * room >> 32) - self.size
        return Bounds(self.least - more // 2, self.end + more - more // 2)


STATUSES = Bounds(0, 5)
"""What the first element has always room for."""
STATUSES_MAX = 64
"""So many values it may take in a narrow layout, each of which knows where its keys begin."""


class Packing(NamedTuple):
    """A layout of keys: its integers compare as those keys do."""

    pack: Callable[[Key], Any]
    """Raises DoesNotFit."""
    unpack: Callable[[Any], Key]
    block: Callable[[Iterable[Any]], MutableSequence[Any]] = list
    """What holds many of these integers."""

    @classmethod
    def of(cls, length: int) -> Packing:
        """For all keys of this length: 64 bits an element."""
        elements = struct.Struct(f">{length}q")
        write, read, size = elements.pack, int.from_bytes, elements.size
        signs = read(b"\x80\0\0\0\0\0\0\0" * length, "big")

        def pack(key: Key) -> int:
            return read(write(*key), "big") ^ signs  # two's complement sorts, once its sign bits are turned

        def unpack(place: int) -> Key:
            return elements.unpack((place ^ signs).to_bytes(size, "big"))

        return cls(pack, unpack)

    @classmethod
    def narrow(cls, firsts: Bounds, seconds: Bounds, thirds: Bounds) -> Packing:
        """For keys of three elements within these bounds."""
        assert firsts.size * seconds.size * thirds.size <= NARROW, "more than 64 bits"
        (first_least, first_end), (second_least, second_end), (third_least, third_end) = firsts, seconds, thirds
        second_weight = thirds.size
        first_weight = second_weight * seconds.size
        least = second_least * second_weight + third_least
        begins = {first: (first - first_least) * first_weight - least for first in range(first_least, first_end)}

        def pack(key: Key) -> int:
            first, second, third = key
            if second_least <= second < second_end and third_least <= third < third_end:
                return begins[first] + second * second_weight + third
            raise ValueError(key)

        def unpack(place: int) -> Key:
            first, rest = divmod(place, first_weight)
            second, third = divmod(rest, second_weight)
            return first + first_least, second + second_least, third + third_least

        return cls(pack, unpack, partial(array, "Q"))


AS_THEY_ARE = Packing(tuple, tuple)
"""For keys of which some do not pack."""


def packing_for(keys: Collection[Key]) -> Packing | None:
    """A layout for all of these; None where there is none."""
    lengths = {len(key) for key in keys}
    if len(lengths) != 1 or max(lengths) > LENGTH_MAX:
        return None
    if lengths == {3} and (packing := narrow_packing(keys)) is not None:
        return packing
    packing = Packing.of(lengths.pop())
    try:
        for key in keys:
            packing.pack(key)
    except DoesNotFit:
        return None
    return packing


def narrow_packing(keys: Collection[Key]) -> Packing | None:
    """What 64 bits can take beyond the values of now is room to grow, for both links alike; where there is plenty, as at the start, more
    for the first of them, which are points in millionths mostly. None if there is too little.
    """
    firsts, seconds, thirds = (Bounds(min(values), max(values) + 1) for values in zip(*keys, strict=True))
    firsts = Bounds(min(firsts.least, STATUSES.least), max(firsts.end, STATUSES.end))
    room = isqrt((NARROW << 64) // (firsts.size * seconds.size * thirds.size))  # in units of 2**-32
    if room < ROOM_MIN * 2**32 or firsts.size > STATUSES_MAX:
        return None
    favour = FAVOUR if room > PLENTY << 32 else 1
    return Packing.narrow(firsts, seconds.widened(room * favour), thirds.widened(room // favour))
