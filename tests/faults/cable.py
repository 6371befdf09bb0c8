"""A TCP proxy that can be cut, slowed, jammed and left hanging: the network between any two processes of a test.

Inside a connection nothing is lost or changed, as TCP promises; connections overtake each other. Listens on loopback only.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from random import Random

CHUNK_BYTES_MAX = 16_384
RESET_AT_ONCE = struct.pack("ii", 1, 0)

Address = tuple[str, int]
Hear = Callable[[int, bytes], None]
"""Told what the far end said, with the number of the connection, before it is passed on."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How a cable carries: the delay of a chunk lies between the two, and a chunk is at most so long."""

    delay_min_s: float = 0.0
    delay_max_s: float = 0.0
    chunk_bytes_max: int = CHUNK_BYTES_MAX


FAIR = Weather()


class Cable:
    """Listens on a port of its own and carries each connection to one of the far ends, whichever the dice say."""

    def __init__(self, far_ends: Callable[[], Sequence[Address]], dice: Random, hear: Hear | None = None) -> None:
        self.port = 0
        self.weather = FAIR
        self.only: Address | None = None
        """Where it leads to while it is told so, instead of where the dice say."""
        self.connections = 0
        self.joined: dict[int, Address] = {}
        """The far end of each connection that is open."""
        self._far_ends, self._dice, self._hear = far_ends, dice, hear
        self._open: set[asyncio.Task[None]] = set()
        self._plugged, self._flows = asyncio.Event(), asyncio.Event()
        self._plugged.set()
        self._flows.set()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[Cable]:
        """Carries inside this block."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()
            await asyncio.gather(*self._open, return_exceptions=True)

    # ---- what can happen to it ---------------------------------------------------------------------------------------------------

    def cut(self) -> None:
        """Every connection is reset, and no new one comes to be."""
        self._plugged.clear()
        self.reset()

    def reset(self) -> None:
        """Every connection breaks with a reset, once; new ones may come at once."""
        for task in self._open:
            task.cancel()

    def jam(self) -> None:
        """Nothing arrives and nobody is told: what is sent waits, connections stay open, new ones get no answer."""
        self._flows.clear()

    def mend(self) -> None:
        """All is well again; what waited in a jam arrives."""
        self.weather = FAIR
        self._plugged.set()
        self._flows.set()

    # ---- one connection ----------------------------------------------------------------------------------------------------------

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.connections += 1
        number = self.connections
        try:
            far_ends = self._far_ends()
            if self._plugged.is_set() and far_ends:
                await self._join(number, reader, writer, self.only or self._dice.choice(far_ends))
        except (OSError, asyncio.CancelledError):
            pass  # a cut, or an end that is gone: both sides are reset below
        finally:
            self._open.discard(task)
            _reset(writer)

    async def _join(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, far: Address) -> None:
        await self._flows.wait()
        far_reader, far_writer = await asyncio.open_connection(*far)
        self.joined[number] = far
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, far_writer, None))
                both.create_task(self._pump(far_reader, writer, number))
        except* OSError:
            pass  # one side is gone; the other hears it
        finally:
            del self.joined[number]
            _reset(far_writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard_from: int | None) -> None:
        while data := await reader.read(self.weather.chunk_bytes_max):
            if heard_from is not None and self._hear is not None:
                self._hear(heard_from, data)
            if self.weather.delay_max_s:
                await asyncio.sleep(self._dice.uniform(self.weather.delay_min_s, self.weather.delay_max_s))
            await self._flows.wait()
            writer.write(data)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Closed so that the other side hears a reset, and nothing is left waiting to be sent."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() != -1:
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
    writer.transport.abort()
