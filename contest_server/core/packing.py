"""Keys as integers in the same order: comparing two is one comparison, however long the tie chain is.

Each element takes 64 bits. What does not go in exactly is refused: a number beyond 64 bits, a key of another length.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection
from typing import NamedTuple

Key = tuple[int, ...]

LENGTH_MAX = 256
"""Elements of a key; longer ones are not packed."""

DoesNotFit = struct.error
"""This key does not go into this layout exactly."""


class Packing(NamedTuple):
    """The layout of keys of one length: its integers compare as those keys do."""

    pack: Callable[[Key], int]
    """Raises DoesNotFit."""
    unpack: Callable[[int], Key]

    @classmethod
    def of(cls, length: int) -> Packing:
        elements = struct.Struct(f">{length}q")
        write, read, size = elements.pack, int.from_bytes, elements.size
        signs = read(b"\x80\0\0\0\0\0\0\0" * length, "big")

        def pack(key: Key) -> int:
            return read(write(*key), "big") ^ signs  # two's complement sorts, once its sign bits are turned

        def unpack(place: int) -> Key:
            return elements.unpack((place ^ signs).to_bytes(size, "big"))

        return cls(pack, unpack)


def packing_for(keys: Collection[Key]) -> Packing | None:
    """A layout for all of these; None where there is none."""
    lengths = {len(key) for key in keys}
    if len(lengths) != 1 or max(lengths) > LENGTH_MAX:
        return None
    packing = Packing.of(lengths.pop())
    try:
        for key in keys:
            packing.pack(key)
    except DoesNotFit:
        return None
    return packing
