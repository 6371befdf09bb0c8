"""Broadcasts past the interpreter: a thread of a few lines of C (`pour.c`) writes to many sockets, and the loop goes on meanwhile.

Where Linux lets it, many writes are one call of the system (`ring.h`), else one each.

They are compiled where the package is built (`hatch_build.py`). Where there was no compiler, the loop writes by itself, in slices: the same
bytes, more CPU, and acknowledgements that wait for slices.

The loop may write to such a socket, or close it, only after it has taken it back from the broadcast under way (`take_back`): else its
bytes would come into the middle of a frame, or a frame to whoever has that descriptor by then.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from sys import byteorder
from threading import Thread
from typing import NamedTuple

from contest_server.live.broadcasts import Short

NO_DESCRIPTOR = -1
LIBRARY = Path(__file__).with_name("pour.so")
WAITING, TAKEN_BACK = -1, -3
NICENESS = 5
"""Of the thread, on Linux: where cores are few, whoever waits for an acknowledgement goes first."""
READ_BYTES = 4096


class Flow(ctypes.Structure):
    """As in pour.c."""

    _fields_ = (
        ("bytes", ctypes.c_char_p),
        ("size", ctypes.c_size_t),
        ("count", ctypes.c_int),
        ("descriptors", ctypes.c_void_p),
        ("went", ctypes.c_void_p),
        ("is_short", ctypes.c_int),
        ("begun", ctypes.c_int),
        ("after", ctypes.c_void_p),
    )


class Library(NamedTuple):
    """What pour.c has."""

    pour: Callable[[int, int, int, int], None]
    take_back: Callable[[int, int], int]
    """Keeps the interpreter: it takes less time than getting that again."""
    has_ring: Callable[[], int]
    """Many writes may be one call here."""


class Poured:
    """A broadcast by the thread."""

    goes_by_itself = True

    def __init__(self, library: Library, descriptors: array[int], data: bytes) -> None:
        self._take_back, self._data = library.take_back, data
        self._descriptors = descriptors[:]
        self._went = array("i", [WAITING]) * len(self._descriptors)
        addresses = self._descriptors.buffer_info()[0], self._went.buffer_info()[0]
        self._flow = Flow(data, len(data), len(self._went), *addresses, 0, 0, None)
        self.written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_over = False
        """The thread has let go of it."""

    @property
    def address(self) -> int:
        return ctypes.addressof(self._flow)

    async def over(self) -> None:
        await self.written

    def stop(self) -> Short:
        if not self.is_over:
            for place in range(len(self._went)):
                self.take_back(place)
        elif not self._flow.is_short:
            return ()
        size = len(self._data)
        return [(place, went) for place, went in enumerate(self._went) if 0 <= went < size]

    def take_back(self, place: int) -> int | None:
        went = self._take_back(self.address, place)
        return None if went == TAKEN_BACK else went


class Pourer:
    """The thread. `with_ring`: many writes are one call, where the machine lets it."""

    def __init__(self, library: Library, *, with_ring: bool = True) -> None:
        self._library, self._with_ring = library, with_ring
        self._under_way: dict[int, Poured] = {}
        """By their addresses: they stay where they are until the thread has let go of them."""

    @property
    def has_ring(self) -> bool:
        return self._with_ring and bool(self._library.has_ring())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Broadcasts may be begun inside this block, and have to be over when it ends."""
        loop = asyncio.get_running_loop()
        takes, self._given = os.pipe()
        self._over, gives = os.pipe()
        loop.add_reader(self._over, self._some_are_over)
        thread = Thread(target=self._library.pour, args=(takes, gives, NICENESS, self._with_ring), name="pour", daemon=True)
        thread.start()
        try:
            yield
        finally:
            os.close(self._given)
            thread.join()
            loop.remove_reader(self._over)
            for each in (takes, self._over, gives):
                os.close(each)

    def begin(self, descriptors: array[int], data: bytes) -> Poured:
        """Write this to all of these sockets, given as C's int. A place whose descriptor is NO_DESCRIPTOR is passed over."""
        poured = Poured(self._library, descriptors, data)
        self._under_way[poured.address] = poured
        os.write(self._given, bytes(ctypes.c_void_p(poured.address)))
        return poured

    def _some_are_over(self) -> None:
        width = ctypes.sizeof(ctypes.c_void_p)
        said = os.read(self._over, READ_BYTES)
        for at in range(0, len(said), width):
            poured = self._under_way.pop(int.from_bytes(said[at : at + width], byteorder))
            poured.is_over = True
            if not poured.written.done():
                poured.written.set_result(None)


def best_pourer() -> Pourer | None:
    """None: nothing was compiled for this machine."""
    library = loaded(LIBRARY)
    return None if library is None else Pourer(library)


@cache
def loaded(path: Path) -> Library | None:
    """The library at this path; None where it is missing, of another version, or made for another machine."""
    try:
        library, inside = ctypes.CDLL(str(path)), ctypes.PyDLL(str(path))
        if library.contest_flow_size() != ctypes.sizeof(Flow):
            return None
        library.contest_pour.argtypes = [ctypes.c_int] * 4
        library.contest_pour.restype = None
        inside.contest_take_back.argtypes = [ctypes.c_void_p, ctypes.c_int]
        has_ring = library.contest_has_ring
    except (OSError, AttributeError):
        return None
    return Library(library.contest_pour, inside.contest_take_back, has_ring)
