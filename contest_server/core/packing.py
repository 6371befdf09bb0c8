"""Keys as integers in the same order: comparing two is one comparison, however long the tie chain is.

The lowest bits are left to a number, which tells those apart who have the same key. Keys of a status and two links, as most contests have
them, go into 64 bits with it where that leaves their values room to grow; many of those stand side by side in memory. Of other keys each
element takes 64 bits. What does not go in exactly is refused: a value out of bounds, another length.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Collection, Iterable, MutableSequence
from functools import partial
from math import gcd, isqrt
from typing import Any, NamedTuple

Key = tuple[int, ...]

LENGTH_MAX = 256
"""Elements of a key; longer ones are not packed."""
NARROW = 1 << 64
"""So many places there are in a narrow layout at most."""
ROOM_MIN, ROOM_GOOD = 1.25, 8
"""So many times their present range the links of narrow keys can take at least; and so many without being counted in steps."""

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
        """`room` / 2**32 times as wide: away from zero, as marks and times go, or by as much on both sides where that tells nothing."""
        more = (self.size * room >> 32) - self.size
        down = more * (1 + (self.least < 0) - (self.end > 1)) // 2
        return Bounds(self.least - down, self.end + more - down)


STATUSES = Bounds(0, 5)
"""What the first element has always room for."""
STATUSES_MAX = 64
"""So many values it may take in a narrow layout, each of which knows where its keys begin."""


class Packing(NamedTuple):
    """A layout of keys: its integers compare as those keys do. Below each of them is room for `numbers`, a power of two."""

    pack: Callable[[Key], Any]
    """The first place of a key. Raises DoesNotFit."""
    unpack: Callable[[Any], Key]
    """The key of a place, whatever its number."""
    numbers: int
    block: Callable[[Iterable[Any]], MutableSequence[Any]] = list
    """What holds many of these integers."""

    @classmethod
    def of(cls, length: int, numbers: int) -> Packing:
        """For all keys of this length: 64 bits an element."""
        elements = struct.Struct(f">{length}q")
        write, read, size = elements.pack, int.from_bytes, elements.size
        signs = read(b"\x80\0\0\0\0\0\0\0" * length, "big")

        def pack(key: Key) -> int:
            return (read(write(*key), "big") ^ signs) * numbers  # two's complement sorts, once its sign bits are turned

        def unpack(place: int) -> Key:
            return elements.unpack((place // numbers ^ signs).to_bytes(size, "big"))

        return cls(pack, unpack, numbers)

    @classmethod
    def narrow(cls, firsts: Bounds, seconds: Bounds, thirds: Bounds, step: int, numbers: int) -> Packing:
        """For keys of three elements within these bounds, the second a multiple of `step`, as the bounds of the seconds are."""
        (first_least, first_end), (second_least, second_end), (third_least, third_end) = firsts, seconds, thirds
        second_weight = numbers * -(-thirds.size // step)  # of `step`, times that
        first_weight = second_weight * seconds.size
        assert first_weight * firsts.size <= NARROW, "more than 64 bits"
        least = second_least * second_weight + third_least * numbers
        begins = {first: (first - first_least) * first_weight - least for first in range(first_least, first_end)}

        def pack(key: Key) -> int:
            first, second, third = key
            if second_least <= second < second_end and third_least <= third < third_end and not second % step:
                return begins[first] + second * second_weight + third * numbers
            raise ValueError(key)

        def unpack(place: int) -> Key:
            first, rest = divmod(place, first_weight)
            second, third = divmod(rest, second_weight * step)
            return first + first_least, second * step + second_least, third // numbers + third_least

        return cls(pack, unpack, numbers, partial(array, "Q"))


def packing_for(keys: Collection[Key], numbers: int = 1) -> Packing | None:
    """A layout for all of these, with so many numbers or more below each; None where there is none."""
    lengths, numbers = {len(key) for key in keys}, 1 << (numbers - 1).bit_length()
    if len(lengths) != 1 or max(lengths) > LENGTH_MAX:
        return None
    if lengths == {3} and (packing := narrow_packing(keys, numbers)) is not None:
        return packing
    packing = Packing.of(lengths.pop(), numbers)
    try:
        for key in keys:
            packing.pack(key)
    except DoesNotFit:
        return None
    return packing


def narrow_packing(keys: Collection[Key], numbers: int) -> Packing | None:
    """What 64 bits can take beyond the values of now is room to grow, for both links alike; where there is plenty, as at the start, more
    for the first of them, which are points in millionths mostly. If there is little, those are counted in their largest common step; None
    if that does not help.
    """
    firsts, seconds, thirds = (Bounds(min(values), max(values) + 1) for values in zip(*keys, strict=True))
    firsts = Bounds(min(firsts.least, STATUSES.least), max(firsts.end, STATUSES.end))
    if firsts.size > STATUSES_MAX:
        return None
    common = gcd(*(second for _, second, _ in keys)) or 1
    for step, least_room in ((1, ROOM_GOOD), (common, ROOM_MIN), (1, ROOM_MIN)):
        steps = Bounds(seconds.least // step, (seconds.end - 1) // step + 1)
        room = isqrt((NARROW << 64) // (firsts.size * steps.size * (thirds.size + step) * numbers))  # in units of 2**-32
        if room >= least_room * 2**32:
            favour = FAVOUR if room > PLENTY << 32 else 1
            least, end = steps.widened(room * favour)
            return Packing.narrow(firsts, Bounds(least * step, end * step), thirds.widened(room // favour), step, numbers)
    return None
