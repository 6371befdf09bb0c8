"""By the thread or in slices, many displays get the same bytes: who took less is named, nobody waits, and what was taken back stays so."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import socket
from array import array
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from sys import byteorder
from threading import Thread

import pytest

from contest_server.live import pouring
from contest_server.live.broadcasts import Broadcast, Sliced
from contest_server.live.pouring import LIBRARY, NO_DESCRIPTOR, Poured, Pourer, loaded
from contest_server.live.slices import Slices
from hatch_build import compiled

FRAME = bytes(range(256)) * 16
TOGETHER = 32
"""As in ring.h."""


@dataclass
class Display:
    """A socket with its other end."""

    ours: socket.socket
    theirs: socket.socket
    is_able: bool = True

    def put(self, data: bytes) -> int:
        return os.write(self.ours.fileno(), data)

    def fill(self) -> None:
        """Until not one byte more goes."""
        with suppress(BlockingIOError):
            while True:
                self.ours.send(FRAME)

    def read(self, size: int) -> bytes:
        """So many bytes, which have come."""
        found = b""
        while len(found) < size:
            found += self.theirs.recv(size - len(found))
        return found

    def all_read(self) -> int:
        """How many bytes wait here."""
        found = 0
        with suppress(BlockingIOError):
            while more := self.theirs.recv(1 << 16):
                found += len(more)
        return found

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


Begin = Callable[[Sequence[Display], bytes], Broadcast]


def pair() -> Display:
    found = Display(*socket.socketpair())
    found.ours.setblocking(False)
    found.theirs.setblocking(False)
    return found


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pour")
    for name in ("pour.c", "ring.h"):
        shutil.copy(LIBRARY.with_name(name), folder)
    if not compiled(folder / "pour.c"):
        pytest.skip("no compiler here")
    return folder / "pour.so"


@pytest.fixture(params=["by the thread", "by the thread, many a call", "in slices"])
async def begin(request: pytest.FixtureRequest) -> AsyncIterator[Begin]:
    if request.param == "in slices":
        yield lambda displays, data: Sliced([each.put if each.is_able else None for each in displays], data, Slices(lambda: False))
        return
    library = loaded(request.getfixturevalue("library"))
    assert library is not None
    with_ring = request.param != "by the thread"
    if with_ring and not library.has_ring():
        pytest.skip("no io_uring here, or it is not permitted")
    pourer = Pourer(library, with_ring=with_ring)
    async with pourer.running():
        await pourer.begin(array("i"), b"").over()  # the thread has opened all that it opens
        yield lambda displays, data: pourer.begin(
            array("i", [each.ours.fileno() if each.is_able else NO_DESCRIPTOR for each in displays]), data
        )


@pytest.fixture
def displays() -> Iterator[list[Display]]:
    found = [pair() for _ in range(80)]
    yield found
    for each in found:
        each.close()


async def test_everybody_gets_each_byte(begin: Begin, displays: list[Display]) -> None:
    for some, data in ((displays, FRAME), ([], FRAME), (displays, b"")):
        broadcast = begin(some, data)
        await broadcast.over()
        assert {each.read(len(data)) for each in some} <= {data}
        assert not broadcast.stop()
        assert [broadcast.take_back(place) for place in range(len(some))] == [len(data)] * len(some)


async def test_broadcasts_to_others_may_be_under_way_at_the_same_time(begin: Begin, displays: list[Display]) -> None:
    halves = displays[:40], displays[40:]
    under_way = [begin(half, bytes([n]) * 1_000) for half in halves for n in range(10)]
    await asyncio.gather(*(each.over() for each in under_way))
    for half in halves:
        assert {each.read(10_000) for each in half} == {b"".join(bytes([n]) * 1_000 for n in range(10))}


async def test_who_is_full_or_gone_is_named_and_the_others_have_all(begin: Begin, displays: list[Display]) -> None:
    """Nothing went where the socket is full, or the other side has left, whatever the system calls that."""
    full, gone, unable = displays[3], displays[38], displays[20]
    full.fill()
    gone.theirs.close()
    unable.is_able = False
    broadcast = begin(displays, FRAME)
    await broadcast.over()
    assert list(broadcast.stop()) == [(3, 0), (38, 0)]
    assert {each.read(len(FRAME)) for each in displays if each not in (full, gone, unable)} == {FRAME}
    assert (unable.all_read(), broadcast.take_back(20), broadcast.take_back(3)) == (0, None, 0)


@pytest.mark.parametrize("seed", range(4))
async def test_of_who_has_little_room_it_is_said_how_much_went(begin: Begin, displays: list[Display], seed: int) -> None:
    """What was said to have gone is what came, to the byte."""
    dice = Random(seed)
    large = FRAME * 200
    for each in displays:
        each.ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, dice.choice((4_096, 65_536, 4 << 20)))
    broadcast = begin(displays, large)
    await broadcast.over()
    short = dict(broadcast.stop())
    assert short, "nobody was short of room"
    for place, each in enumerate(displays):
        assert each.all_read() == short.get(place, len(large)) == broadcast.take_back(place)


@pytest.mark.parametrize("seed", range(20))
async def test_who_was_taken_back_gets_nothing_more_nor_whoever_has_that_descriptor_next(
    begin: Begin, displays: list[Display], seed: int
) -> None:
    """Whether the writing came first or the taking back: each has what is said to have gone, and the next socket of that number nothing."""
    dice = Random(seed)
    broadcast = begin(displays, FRAME)
    if seed % 2:
        await asyncio.sleep(0)
    leaving = dice.sample(range(len(displays)), 20)
    next_ones = []
    for place in leaving:
        went, descriptor = broadcast.take_back(place), displays[place].ours.fileno()
        displays[place].ours.close()
        next_ones.append(other := pair())
        assert descriptor in (other.ours.fileno(), other.theirs.fileno())
        assert displays[place].all_read() == (went or 0)
    await broadcast.over()
    assert not broadcast.stop()
    for other in next_ones:
        with suppress(BlockingIOError):
            assert not other.ours.recv(1)
        assert not other.all_read()
        other.close()
    assert {displays[place].all_read() for place in range(len(displays)) if place not in leaving} == {len(FRAME)}


async def test_after_it_was_stopped_nothing_more_is_written(begin: Begin, displays: list[Display]) -> None:
    broadcast = begin(displays, FRAME)
    short = dict(broadcast.stop())
    gone = [broadcast.take_back(place) or 0 for place in range(len(displays))]
    came = [each.all_read() for each in displays]
    assert came == gone
    assert all(came[place] == went for place, went in short.items())
    await broadcast.over()
    assert not any(each.all_read() for each in displays)


async def test_what_was_stopped_before_the_thread_came_to_it_goes_to_nobody(library: Path, displays: list[Display]) -> None:
    """As when a stand ends while the frame of another is being written."""
    found = loaded(library)
    assert found is not None
    stopped = Poured(found, array("i", [each.ours.fileno() for each in displays]), FRAME)
    assert not stopped.stop()
    (takes, given), (over, gives) = os.pipe(), os.pipe()
    os.write(given, bytes(ctypes.c_void_p(stopped.address)))
    thread = Thread(target=found.pour, args=(takes, gives, 0, 1))
    thread.start()
    os.read(over, ctypes.sizeof(ctypes.c_void_p))
    os.close(given)
    thread.join()
    assert not any(each.all_read() for each in displays)
    for end in (takes, over, gives):
        os.close(end)


async def test_few_do_not_wait_until_the_frame_of_many_is_through(library: Path, displays: list[Display]) -> None:
    """Those of another board, or of another view of it: they take turns. The thread finds all three broadcasts waiting when it begins."""
    found = loaded(library)
    assert found is not None
    many, few, others = (Poured(found, array("i", [displays[n].ours.fileno()]) * count, b"x") for n, count in enumerate((5_000, 20, 300)))
    (takes, given), (over, gives) = os.pipe(), os.pipe()
    for each in (many, few, others):
        os.write(given, bytes(ctypes.c_void_p(each.address)))
    thread = Thread(target=found.pour, args=(takes, gives, 0, 1))
    thread.start()
    order = [int.from_bytes(os.read(over, ctypes.sizeof(ctypes.c_void_p)), byteorder) for _ in range(3)]
    os.close(given)
    thread.join()
    assert order == [few.address, others.address, many.address]
    assert [displays[n].all_read() for n in range(3)] == [
        count - sum(1 for _ in each.stop()) for each, count in ((many, 5_000), (few, 20), (others, 300))
    ]
    for end in (takes, over, gives):
        os.close(end)


async def test_a_ring_that_breaks_leaves_a_few_out_and_the_rest_goes_one_by_one(library: Path, displays: list[Display]) -> None:
    found = loaded(library)
    assert found is not None
    if not found.has_ring():
        pytest.skip("no io_uring here, or it is not permitted")
    pourer, data = Pourer(found), FRAME[:1_000]
    async with pourer.running():
        places = array("i", [each.ours.fileno() for each in displays])
        await pourer.begin(places, data).over()
        os.close(ring_descriptor())
        broken, after = pourer.begin(places, data), pourer.begin(places, data)
        await broken.over()
        await after.over()
    left_out = dict(broken.stop())
    assert left_out == dict.fromkeys(range(TOGETHER), 0)
    assert not after.stop()
    assert [each.all_read() for each in displays] == [len(data) * (2 if place in left_out else 3) for place in range(len(displays))]


def ring_descriptor() -> int:
    """Of this process, which has one."""
    (found,) = (int(each.name) for each in Path("/proc/self/fd").iterdir() if each.is_symlink() and "io_uring" in str(each.readlink()))
    return found


def test_a_library_of_another_version_is_not_used(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pouring, "Flow", type("Flow", (ctypes.Structure,), {"_fields_": [("bytes", ctypes.c_char_p)]}))
    assert loaded.__wrapped__(library) is None


def test_where_nothing_was_compiled_there_is_none(tmp_path: Path) -> None:
    assert loaded(tmp_path / "missing.so") is None
    (tmp_path / "wrong.so").write_bytes(b"no library")
    assert loaded(tmp_path / "wrong.so") is None
