"""The same bytes to many displays, each taking what its socket takes at once. Refuses nobody: who took less is named.

Between two writes of Python lies all that Python does for one; twenty lines of C (`pour.c`) write to many sockets in one go, while other
threads have the interpreter. They are compiled where the package is built (`hatch_build.py`). Where there was no compiler, displays are
written to one by one: the same bytes, a quarter more CPU.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

NO_DESCRIPTOR = -1
LIBRARY = Path(__file__).with_name("pour.so")


class Taker(Protocol):
    """One display's socket."""

    @property
    def put(self) -> Callable[[bytes], int]:
        """Write what goes at once; returns how much that was. Raises OSError (nothing went)."""

    @property
    def descriptor(self) -> int:
        """A plain socket that takes what `put` takes; NO_DESCRIPTOR where only `put` may be asked."""


Short = Sequence[tuple[int, int]]
"""Who did not take all of it: places in the sequence that was given, each with how many bytes went there."""
Pour = Callable[[Sequence[Taker], bytes], Short]


def one_by_one(takers: Sequence[Taker], data: bytes) -> Short:
    """By each taker's own `put`."""
    size = len(data)
    return [(place, went) for place, taker in enumerate(takers) if (went := _put(taker, data)) != size]


def best_pour() -> Pour:
    """All in one go where that was compiled, else one by one."""
    return compiled_pour(LIBRARY) or one_by_one


@cache
def compiled_pour(path: Path) -> Pour | None:
    """The compiled one; None where it is missing, or made for another machine."""
    try:
        send = ctypes.CDLL(str(path)).contest_pour
    except (OSError, AttributeError):
        return None
    send.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]

    def pour(takers: Sequence[Taker], data: bytes) -> Short:
        return _in_one_go(send, takers, data)

    return pour


def _in_one_go(send: Any, takers: Sequence[Taker], data: bytes) -> Short:
    descriptors = array("i", [taker.descriptor for taker in takers])
    taken = array("i", descriptors)
    if not send(descriptors.buffer_info()[0], len(takers), data, len(data), taken.buffer_info()[0]):
        return ()
    size = len(data)
    for place, descriptor in enumerate(descriptors):
        if descriptor < 0:
            taken[place] = _put(takers[place], data)
    return [(place, went) for place, went in enumerate(taken) if went != size]


def _put(taker: Taker, data: bytes) -> int:
    try:
        return taker.put(data)
    except OSError:  # it is full, or gone: its transport finds out which
        return 0
