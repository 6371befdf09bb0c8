"""A line carries what is sent, until it is made bad: cut, stalled, slow; and it finds another server when its own goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from contest_server.rehearsal.line import Line, Server

PATIENCE_S = 20.0
HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\nX: y\r\n\r\n"


@dataclass
class Echo:
    """A server that says everything again, behind its name."""

    name: bytes
    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    listening: asyncio.Server | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            self.heard.append(data)
            writer.write(self.name + data)
        writer.close()

    @property
    def server(self) -> Server:
        return Server.at(f"http://localhost:{self.port}")


@asynccontextmanager
async def echo(name: bytes = b"") -> AsyncIterator[Echo]:
    here = Echo(name)
    here.listening = await asyncio.start_server(here.serve, "127.0.0.1", 0)
    here.port = here.listening.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        here.listening.close()


async def _call(line: Line) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(line.url.rpartition(":")[2]))


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: bytes) -> bytes:
    writer.write(text)
    async with asyncio.timeout(PATIENCE_S):
        return await reader.read(65_536)


async def _is_over(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await reader.read() == b""
    except ConnectionError:
        return True


async def test_it_carries_both_ways_and_puts_the_servers_name_back() -> None:
    async with echo() as far, Line([far.server]).open() as line:
        reader, writer = await _call(line)
        answer = await _ask(reader, writer, HEAD)
        assert answer == HEAD.replace(b"127.0.0.1:1", f"localhost:{far.port}".encode())
        assert await _ask(reader, writer, b"Host: not a head") == b"Host: not a head", "what follows is left as it is"
        writer.close()


async def test_a_cut_breaks_what_is_open_and_lets_nobody_in_until_it_is_mended_as_often() -> None:
    async with echo() as far, Line([far.server]).open() as line:
        reader, writer = await _call(line)
        await _ask(reader, writer, HEAD)
        line.cut()
        line.cut()
        assert await _is_over(reader)
        line.mend()
        again, its_writer = await _call(line)
        assert await _is_over(again)
        line.mend()
        last, last_writer = await _call(line)
        assert await _ask(last, last_writer, HEAD)
        for each in (writer, its_writer, last_writer):
            each.close()


async def test_a_half_open_line_moves_nothing_and_what_was_under_way_is_lost() -> None:
    async with echo() as far, Line([far.server]).open() as line:
        reader, writer = await _call(line)
        await _ask(reader, writer, HEAD)
        line.stall()
        writer.write(b"under way")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reader.read(1)
        line.unstall()
        assert await _is_over(reader)
        again, its_writer = await _call(line)
        assert await _ask(again, its_writer, HEAD)
        assert b"under way" not in b"".join(far.heard)
        writer.close()
        its_writer.close()


async def test_a_slow_line_loses_nothing_and_keeps_the_order() -> None:
    async with echo() as far, Line([far.server]).open() as line:
        reader, writer = await _call(line)
        await _ask(reader, writer, HEAD)
        line.delay_s = 0.01
        for number in range(5):
            writer.write(b"%d" % number)
        got = b""
        async with asyncio.timeout(PATIENCE_S):
            while len(got) < 5:
                got += await reader.read(100)
        assert got == b"01234"
        writer.close()


async def test_when_its_server_goes_away_the_next_connection_is_at_another_one() -> None:
    async with echo(b"two ") as second, Line([Server.at("http://127.0.0.1:9"), second.server]).open() as line:
        reader, writer = await _call(line)
        assert (await _ask(reader, writer, HEAD)).startswith(b"two ")
        writer.close()
        assert line.moves == 0
        async with echo(b"three ") as third:
            assert second.listening is not None
            second.listening.close()
            line._servers.append(third.server)
            reader, writer = await _call(line)
            assert (await _ask(reader, writer, HEAD)).startswith(b"three ")
            assert line.moves == 1
            writer.close()


async def test_where_no_server_answers_the_connection_ends() -> None:
    async with Line([Server.at("http://127.0.0.1:9")]).open() as line:
        reader, writer = await _call(line)
        writer.write(HEAD)
        assert await _is_over(reader)
        writer.close()


async def test_its_end_leaves_nobody_connected() -> None:
    async with echo() as far:
        async with Line([far.server]).open() as line:
            reader, writer = await _call(line)
            await _ask(reader, writer, HEAD)
            line.stall()
        assert await _is_over(reader)
        writer.close()


def test_a_server_behind_a_path_is_reached_by_it() -> None:
    server = Server.at("https://contest.example/live/")
    assert (server.host, server.port, server.tls, server.path) == ("contest.example", 443, True, "/live")
