"""The faulty network of the fault tests does what it says, and never more: inside a connection nothing is lost, doubled or reordered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from tests.faults.cable import Cable, Weather
from tests.faults.ears import Ears

PATIENCE_S = 30.0
LETTERS = bytes(range(256)) * 40


@asynccontextmanager
async def echo() -> AsyncIterator[tuple[str, int]]:
    """Says back what it hears."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(4_096):
                writer.write(data)
                await writer.drain()
        except (OSError, asyncio.CancelledError):
            pass  # the cable was cut, or the test is over
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[:2]


@asynccontextmanager
async def cabled(heard: list[bytes] | None = None) -> AsyncIterator[Cable]:
    kept = [] if heard is None else heard
    async with (
        echo() as far,
        asyncio.timeout(PATIENCE_S),
        Cable(lambda: [far], Random(1), lambda _, data: kept.append(data)).laid() as cable,
    ):
        yield cable


@asynccontextmanager
async def call(cable: Cable) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", cable.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def said_back(cable: Cable, data: bytes) -> bytes:
    """What comes back of `data` on a connection of its own."""
    async with call(cable) as (reader, writer):
        writer.write(data)
        return await reader.readexactly(len(data))


async def test_bytes_arrive_in_order_in_any_weather_and_are_heard() -> None:
    heard: list[bytes] = []
    async with cabled(heard) as cable:
        cable.weather = Weather(0.0, 0.002, chunk_bytes_max=777)
        assert await said_back(cable, LETTERS) == LETTERS
    assert b"".join(heard) == LETTERS


async def test_a_cut_resets_what_is_open_and_refuses_what_is_new_until_it_is_mended() -> None:
    async with cabled() as cable:
        async with call(cable) as (reader, writer):
            writer.write(b"a")
            assert await reader.readexactly(1) == b"a"
            cable.cut()
            with pytest.raises(OSError):
                await reader.readexactly(1)
        with pytest.raises((OSError, asyncio.IncompleteReadError)):
            await said_back(cable, b"b")
        cable.mend()
        assert await said_back(cable, b"c") == b"c"


async def test_what_waits_in_a_jam_arrives_when_it_is_mended() -> None:
    async with cabled() as cable, call(cable) as (reader, writer), call(cable) as (other, other_writer):
        writer.write(b"a")
        assert await reader.readexactly(1) == b"a"
        cable.jam()
        writer.write(b"b")
        other_writer.write(b"c")
        late = asyncio.gather(reader.readexactly(1), other.readexactly(1))
        assert cable.connections == 2
        assert not late.done()
        cable.mend()
        assert await late == [b"b", b"c"]


def frame(text: str) -> bytes:
    payload = text.encode()
    length = len(payload).to_bytes(1) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2)
    return b"\x81" + length + payload


@pytest.mark.parametrize("chunk_bytes", [1, 7, 10_000])
def test_acknowledgements_are_heard_however_the_bytes_are_cut(chunk_bytes: int) -> None:
    texts = [
        {"type": "welcome", "after": 0, "padding": "x" * 300}, {"type": "ack", "seq": 3, "position": 9}, {"type": "time", "t": 1},
        {"type": "clock", "offset_us": 5, "error_us": 2}, {"type": "refused", "seq": 4, "code": "bad_event", "detail": "no"},
        {"type": "ack", "seq": 5, "position": 11}, {"type": "ack", "seq": 2, "position": 8},
    ]  # fmt: skip
    said = b"HTTP/1.1 101 Switching Protocols\r\nX: y\r\n\r\n" + b"\x89\x00" + b"".join(frame(json.dumps(text)) for text in texts)
    ears = Ears(asyncio.Event())
    for begin in range(0, len(said), chunk_bytes):
        ears.hear(1, said[begin : begin + chunk_bytes])
    assert (ears.acknowledged, ears.position, ears.acknowledgements, ears.clock) == (5, 11, 3, (5, 2))
    assert len(ears.refusals) == 1


def test_an_answer_that_is_no_upgrade_acknowledges_nothing() -> None:
    ears = Ears(asyncio.Event())
    ears.hear(1, b'HTTP/1.1 503 Service Unavailable\r\n\r\n{"type":"ack","seq":3,"position":9}')
    assert ears.acknowledged == 0
