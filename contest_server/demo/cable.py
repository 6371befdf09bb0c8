"""A venue's network cable, which can be cut. While it is, nothing arrives and no connection comes to be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from contest_server.agent.port import Connect, Parted, Port
from contest_server.core.saying import Said

T = TypeVar("T")
Hear = Callable[[str | bytes], None]


class Cable:
    """All devices of a venue hang on it."""

    def __init__(self) -> None:
        self.is_cut = False
        self._waits: set[asyncio.Timeout] = set()

    def cut(self) -> None:
        """Whoever waits for the network hears at once that it is gone."""
        self.is_cut = True
        now_s = asyncio.get_running_loop().time()
        for wait in self._waits:
            wait.reschedule(now_s)

    def mend(self) -> None:
        self.is_cut = False

    def through(self, connect: Connect, hear: Hear = lambda _text: None) -> Connect:
        """Connections that run through this cable. `hear` listens to what the server says."""

        @asynccontextmanager
        async def connected() -> AsyncIterator[Port]:
            self.check()
            async with connect() as port:
                yield _Plugged(port, self, hear)

        return connected

    def check(self) -> None:
        if self.is_cut:
            raise Parted(Said("the network is cut"))

    async def carry(self, work: Awaitable[T]) -> T:
        """The work's result, unless the cable is cut meanwhile. Raises Parted."""
        try:
            async with asyncio.timeout(None) as wait:
                self._waits.add(wait)
                try:
                    return await work
                finally:
                    self._waits.discard(wait)
        except TimeoutError:
            raise Parted(Said("the network is cut")) from None


class _Plugged:
    def __init__(self, port: Port, cable: Cable, hear: Hear) -> None:
        self._port, self._cable, self._hear = port, cable, hear

    async def send(self, text: str, /) -> None:
        self._cable.check()
        await self._cable.carry(self._port.send(text))

    async def receive(self) -> str | bytes:
        self._cable.check()
        text = await self._cable.carry(self._port.receive())
        self._hear(text)
        return text
