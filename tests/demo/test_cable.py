"""A cable that is cut: whoever waits hears it at once, nobody gets through, and mending lets the next connection be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from contest_server.agent.port import Parted, Port
from contest_server.demo.cable import Cable


class _Quiet:
    """A server that never says anything."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def send(self, text: str, /) -> None:
        self.heard.append(text)

    async def receive(self) -> str | bytes:
        await asyncio.Event().wait()
        raise AssertionError


@asynccontextmanager
async def quiet() -> AsyncIterator[Port]:
    yield _Quiet()


async def test_a_cut_ends_the_wait_for_the_server() -> None:
    cable = Cable()
    async with cable.through(quiet)() as port:
        waiting = asyncio.create_task(port.receive())
        await asyncio.sleep(0)
        cable.cut()
        with pytest.raises(Parted, match="cut") as parted:
            await waiting
    assert parted.value.retry


async def test_nothing_gets_through_a_cable_that_is_cut() -> None:
    cable, server = Cable(), _Quiet()

    @asynccontextmanager
    async def connect() -> AsyncIterator[Port]:
        yield server

    async with cable.through(connect)() as port:
        await port.send("one")
        cable.cut()
        with pytest.raises(Parted):
            await port.send("two")
    with pytest.raises(Parted):
        async with cable.through(connect)():
            pass
    cable.mend()
    async with cable.through(connect)() as port:
        await port.send("three")
    assert server.heard == ["one", "three"]


async def test_a_wait_that_is_cancelled_is_no_cut() -> None:
    cable = Cable()
    async with cable.through(quiet)() as port:
        waiting = asyncio.create_task(port.receive())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert not cable.is_cut


async def test_who_listens_hears_everything_the_server_says() -> None:
    class Greeting(_Quiet):
        async def receive(self) -> str | bytes:
            return "welcome"

    @asynccontextmanager
    async def connect() -> AsyncIterator[Port]:
        yield Greeting()

    heard: list[str | bytes] = []
    async with Cable().through(connect, heard.append)() as port:
        assert [await port.receive(), await port.receive()] == heard == ["welcome", "welcome"]
