"""A connection without a client's manners: bytes out, bytes in."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.web.places import PATIENCE_S, Place

CONT, TEXT, CLOSE, PING = 0x0, 0x1, 0x8, 0x9
FIN, RSV1 = 0x80, 0x40
READ_BYTES = 1 << 22
SMALL_BYTES = 4_096


@dataclass
class Raw:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, data: bytes) -> None:
        """Write as much as the server takes. One that has closed meanwhile takes nothing, which is no error here."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError:
            return

    async def head(self) -> tuple[int, dict[str, str]]:
        """Status and headers of the next answer."""
        async with asyncio.timeout(PATIENCE_S):
            text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = text.split("\r\n")
        return int(first.split()[1]), {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}

    async def to_the_end(self) -> bytes:
        """Everything until the server closes; cut off counts as closed."""
        heard = b""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while chunk := await self.reader.read(65_536):
                    heard += chunk
            except ConnectionError:
                pass
        return heard

    async def close_code(self) -> int | None:
        """The code in the close frame that ends the socket; None where it was cut off without."""
        code: int | None = None
        async with asyncio.timeout(PATIENCE_S):
            try:
                while True:
                    opcode, payload = await self.frame()
                    if opcode == CLOSE:
                        code = struct.unpack("!H", payload[:2])[0] if payload else 1005
            except (asyncio.IncompleteReadError, ConnectionError):
                return code

    async def frame(self) -> tuple[int, bytes]:
        first, second = await self.reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            length = struct.unpack("!H", await self.reader.readexactly(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", await self.reader.readexactly(8))[0]
        return first & 0x0F, await self.reader.readexactly(length)


def frame(payload: bytes, opcode: int = TEXT, flags: int = FIN) -> bytes:
    """As a client sends it: masked, here with zeros."""
    length = len(payload)
    if length < 126:
        size = struct.pack("!B", 0x80 | length)
    elif length < 65_536:
        size = struct.pack("!BH", 0x80 | 126, length)
    else:
        size = struct.pack("!BQ", 0x80 | 127, length)
    return bytes([flags | opcode]) + size + bytes(4) + payload


@asynccontextmanager
async def connected(place: Place, *, is_lazy: bool = False) -> AsyncIterator[Raw]:
    """A lazy one takes no more from the network than it is asked for, so that the server is left with the rest."""
    host, _, port = place.url.removeprefix("http://").partition(":")
    opened = socket.socket()
    opened.setblocking(False)
    if is_lazy:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BYTES)
    await asyncio.get_running_loop().sock_connect(opened, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=opened, limit=SMALL_BYTES if is_lazy else READ_BYTES)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def socket_at(place: Place, path: str, who: str | None = None, extra: str = "", *, is_lazy: bool = False) -> AsyncIterator[Raw]:
    """A websocket after its handshake; `extra` are whole lines of headers."""
    await place.open()
    key = base64.b64encode(os.urandom(16)).decode()
    lines = "".join(f"{name}: {value}\r\n" for name, value in place.bearer(who).items()) + extra
    async with connected(place, is_lazy=is_lazy) as raw:
        await raw.say(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n{lines}\r\n".encode()
        )
        status, headers = await raw.head()
        assert status == 101, status
        assert ("sec-websocket-extensions" in headers) == ("permessage-deflate" in extra)
        yield raw
