"""Compiled or not, many displays get the same bytes: whoever took less is named with how much went, and nobody else is held up."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from contest_server.live.pouring import LIBRARY, NO_DESCRIPTOR, Pour, compiled_pour, one_by_one
from hatch_build import compiled

FRAME = bytes(range(256)) * 16


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = shutil.copy(LIBRARY.with_suffix(".c"), tmp_path_factory.mktemp("pour"))
    if not compiled(Path(source)):
        pytest.skip("no compiler here")
    return Path(source).with_suffix(".so")


@pytest.fixture(params=["compiled", "one by one"])
def pour(request: pytest.FixtureRequest) -> Pour:
    if request.param == "one by one":
        return one_by_one
    found = compiled_pour(request.getfixturevalue("library"))
    assert found is not None
    return found


@dataclass
class Display:
    """A socket with its other end. Where it is not plain, only `put` may be asked."""

    ours: socket.socket
    theirs: socket.socket
    is_plain: bool = True
    asked: int = 0

    @property
    def descriptor(self) -> int:
        return self.ours.fileno() if self.is_plain else NO_DESCRIPTOR

    @property
    def put(self) -> Callable[[bytes], int]:
        return self._put

    def _put(self, data: bytes) -> int:
        self.asked += 1
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


@pytest.fixture
def displays() -> Iterator[list[Display]]:
    found = [Display(*socket.socketpair()) for _ in range(40)]
    for each in found:
        each.ours.setblocking(False)
        each.theirs.setblocking(False)
    yield found
    for each in found:
        each.ours.close()
        each.theirs.close()


def test_everybody_gets_each_byte(pour: Pour, displays: list[Display]) -> None:
    assert not pour(displays, FRAME)
    assert {each.read(len(FRAME)) for each in displays} == {FRAME}
    assert not pour([], FRAME)
    assert not pour(displays, b"")


def test_who_is_full_or_gone_is_named_and_the_others_have_all(pour: Pour, displays: list[Display]) -> None:
    """Nothing went where the socket is full, or the other side has left, whatever the system calls that."""
    full, gone = displays[3], displays[38]
    full.fill()
    gone.theirs.close()
    assert list(pour(displays, FRAME)) == [(3, 0), (38, 0)]
    assert {each.read(len(FRAME)) for each in displays if each not in (full, gone)} == {FRAME}


@pytest.mark.parametrize("seed", range(4))
def test_of_who_has_little_room_it_is_said_how_much_went(pour: Pour, displays: list[Display], seed: int) -> None:
    """What was said to have gone is what came, to the byte."""
    dice = Random(seed)
    large = FRAME * 200
    for each in displays:
        each.ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, dice.choice((4_096, 65_536, 4 << 20)))
    short = dict(pour(displays, large))
    assert short, "nobody was short of room"
    for place, each in enumerate(displays):
        assert each.all_read() == short.get(place, len(large))


def test_who_is_no_plain_socket_is_asked_to_put(pour: Pour, displays: list[Display]) -> None:
    displays[0].is_plain = displays[21].is_plain = displays[22].is_plain = False
    displays[22].fill()
    before = displays[5].asked
    assert list(pour(displays, FRAME)) == [(22, 0)]
    assert (displays[0].read(len(FRAME)), displays[21].asked) == (FRAME, 1)
    assert displays[5].asked == before + (1 if pour is one_by_one else 0)


def test_where_nothing_was_compiled_there_is_none(tmp_path: Path) -> None:
    assert compiled_pour(tmp_path / "missing.so") is None
    (tmp_path / "wrong.so").write_bytes(b"no library")
    assert compiled_pour(tmp_path / "wrong.so") is None
