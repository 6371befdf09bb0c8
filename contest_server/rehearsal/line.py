"""A line to the servers that can be made bad: a small proxy on this computer. Refuses nothing; while it is cut, nothing gets through.

Whoever connects to it reaches the first server of its list that answers, and so moves to another one when that goes away. The name of the
server is put back into the request's head, so that a server behind a name is found; TLS is spoken from here on.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536
HEAD_MAX_BYTES = 65_536
DIAL_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is, and the path that stands before all of its own."""

    host: str
    port: int
    tls: bool
    netloc: str
    path: str

    @classmethod
    def at(cls, url: str) -> Server:
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        return cls(parts.hostname or "", parts.port or (443 if tls else 80), tls, parts.netloc, parts.path.rstrip("/"))

    async def dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Raises OSError or TimeoutError."""
        context = ssl.create_default_context() if self.tls else None
        async with asyncio.timeout(DIAL_WAIT_S):
            return await asyncio.open_connection(self.host, self.port, ssl=context)


class Line:
    """`moves` counts how often a connection came to be at another server than the one before it."""

    def __init__(self, servers: Sequence[Server], preferred: int = 0) -> None:
        self._servers = [*servers[preferred % len(servers) :], *servers[: preferred % len(servers)]]
        self.delay_s = 0.0
        self.moves = 0
        self.connections = 0
        self._at: Server | None = None
        self._cuts = self._stalls = 0
        self._mended = asyncio.Event()
        self._mended.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._stalled: set[asyncio.StreamWriter] = set()
        self._group: asyncio.TaskGroup | None = None
        self.url = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Line]:
        """Listens inside this block, at `url`."""
        async with asyncio.TaskGroup() as self._group:
            listening = await asyncio.start_server(self._take, "127.0.0.1", 0)
            port = listening.sockets[0].getsockname()[1]
            self.url = f"http://127.0.0.1:{port}{self._servers[0].path}"
            try:
                yield self
            finally:
                listening.close()
                self._group = None
                self._mended.set()
                self._hang_up(self._writers)

    # ---- what can be done to it ------------------------------------------------------------------------------------------------

    def cut(self) -> None:
        """Every connection breaks, and no new one comes to be, until `mend` was called as often."""
        self._cuts += 1
        self._hang_up(self._writers)

    def mend(self) -> None:
        self._cuts -= 1

    def stall(self) -> None:
        """Half-open: connections stay, nothing moves, and what was under way is lost, until `unstall` was called as often."""
        self._stalls += 1
        self._mended.clear()
        self._stalled |= self._writers

    def unstall(self) -> None:
        self._stalls -= 1
        if not self._stalls:
            self._mended.set()
            self._hang_up(self._stalled)
            self._stalled = set()

    def _hang_up(self, writers: set[asyncio.StreamWriter]) -> None:
        for writer in list(writers):
            writer.transport.abort()

    # ---- what it does ----------------------------------------------------------------------------------------------------------

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._group is None or self._cuts:
            writer.transport.abort()
        else:
            self._group.create_task(self._carry(reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection to its end, whichever side ends it."""
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError):
            async with self._held(writer):
                head = await reader.readuntil(b"\r\n\r\n")
                server, far_reader, far_writer = await self._dial()
                async with self._held(far_writer):
                    far_writer.write(_addressed(head, server))
                    self.connections += 1
                    await self._both(reader, far_writer, far_reader, writer)

    @asynccontextmanager
    async def _held(self, writer: asyncio.StreamWriter) -> AsyncIterator[None]:
        self._writers.add(writer)
        if not self._mended.is_set():
            self._stalled.add(writer)
        try:
            yield
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _dial(self) -> tuple[Server, asyncio.StreamReader, asyncio.StreamWriter]:
        """The first server that answers. Raises OSError where none does."""
        fault: Exception = OSError("no server")
        for server in self._servers:
            try:
                reader, writer = await server.dial()
            except (OSError, TimeoutError) as error:
                fault = error
                continue
            self.moves += self._at not in (None, server)
            self._at = server
            return server, reader, writer
        raise fault

    async def _both(
        self, reader: asyncio.StreamReader, far_writer: asyncio.StreamWriter, far_reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        async with asyncio.TaskGroup() as group:
            ways = [group.create_task(self._pump(reader, far_writer)), group.create_task(self._pump(far_reader, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One way of a connection, until it ends or breaks."""
        with suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                await self._mended.wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if writer.transport.is_closing():
                    return
                writer.write(data)
                await writer.drain()


def _addressed(head: bytes, server: Server) -> bytes:
    """The request's head with the server's own name as its host."""
    lines = head.split(b"\r\n")
    return b"\r\n".join(b"Host: " + server.netloc.encode() if line[:5].lower() == b"host:" else line for line in lines)
