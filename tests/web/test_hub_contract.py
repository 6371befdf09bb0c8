"""What the hub relies on in uvicorn and in the event loop. A new version that has it otherwise is noticed here, before a display is."""

from __future__ import annotations

import asyncio
import inspect
import os
import socket
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest
import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, State
from websockets.server import ServerProtocol

from contest_server.live.settings import Settings
from contest_server.web.crowd_door import Usher
from contest_server.web.guarded import Guarded
from contest_server.web.hub import DisplaySocket
from contest_server.web.listening import Listening
from contest_server.web.quiet import Impatient
from contest_server.web.serving import SEND_BUFFER_BYTES, listen

OWN = {
    "prepared", "take", "is_clear", "keep", "pass_on", "settings", "doors", "door", "is_silent", "converse", "say", "pause", "resume",
    "shaken", "leave_to", "hang_up", "answer_unasked",
}  # fmt: skip
"""What uvicorn knows nothing of."""
STATE = (
    "queue", "read_paused", "writable", "frames", "curr_msg_data_type", "conn", "disconnected", "handshake_complete", "handshake_initiated",
    "close_sent", "transport", "loop", "config", "app", "tasks", "run_asgi", "on_task_complete", "start_keepalive",
    "close_timer", "client", "handle_parser_exception", "pong_timer",
)  # fmt: skip
REQUEST = (
    "headers",
    "scope",
    "url",
    "client",
    "connections",
    "config",
    "server_state",
    "app_state",
    "ws_protocol_class",
    "transport",
    "parser",
)
"""What the crowd's door looks at in a connection that asks to become a socket."""
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.mark.parametrize(
    ("ours", "base"),
    [
        (Guarded, WebSocketsSansIOProtocol),
        (Listening, WebSocketsSansIOProtocol),
        (DisplaySocket, WebSocketsSansIOProtocol),
        (Impatient, HttpToolsProtocol),
        (Usher, HttpToolsProtocol),
    ],
)
def test_every_hook_is_one_of_uvicorn_s_with_the_same_parameters(ours: type, base: type) -> None:
    hooks = [name for name in vars(ours) if not name.startswith("_") and name not in OWN]
    assert hooks
    for name in hooks:
        theirs = getattr(base, name, None)
        assert theirs is not None, f"uvicorn calls no {name} any more"
        assert list(inspect.signature(getattr(ours, name)).parameters) == list(inspect.signature(theirs).parameters), name


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_what_is_written_to_a_connection_leaves_at_once_and_little_is_kept(host: str) -> None:
    """A frame does not wait until the display has confirmed the one before (Nagle's algorithm), and who does not read is soon noticed."""
    taken: asyncio.Future[socket.socket] = asyncio.get_running_loop().create_future()

    async def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.set_result(writer.get_extra_info("socket"))
        writer.close()

    try:
        listening = listen(Settings(db="memory:", host=host, port=0))
    except OSError:
        pytest.skip(f"nobody has the address {host} here")
    async with await asyncio.start_server(take, sock=listening):
        _, writer = await asyncio.open_connection(host, listening.getsockname()[1])
        connection = await taken
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * SEND_BUFFER_BYTES, "Linux takes twice what it is told"
        writer.close()


def test_a_socket_has_the_state_that_the_hub_looks_at() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    config = uvicorn.Config(app, log_config=None)
    config.load()
    made = WebSocketsSansIOProtocol(config, ServerState(), {}, asyncio.new_event_loop())
    assert [name for name in STATE if not hasattr(made, name)] == []
    assert made.conn.current_size is None, "the size of the fragments so far"
    made.loop.close()


def test_a_connection_has_what_the_crowd_s_door_looks_at_once_it_asks_for_a_socket() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    seen: dict[str, Any] = {}

    class Asking(HttpToolsProtocol):
        def handle_websocket_upgrade(self) -> None:
            seen.update({name: getattr(self, name) for name in REQUEST}, upgrades=self.parser.should_upgrade())

    config = uvicorn.Config(app, log_config=None)
    config.load()
    asking = Asking(config, ServerState(), {}, asyncio.new_event_loop())
    asking.connection_made(cast(Any, SimpleNamespace(get_extra_info=lambda _: None)))
    asking.data_received(b"GET /a?b=%20 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUPGRADE:  websocket\r\n\r\n")
    asking.loop.close()
    assert (seen["url"], seen["upgrades"]) == (b"/a?b=%20", True)
    assert seen["headers"] == [(b"host", b"x"), (b"connection", b"Upgrade"), (b"upgrade", b"websocket")]
    assert (seen["scope"]["method"], seen["scope"]["http_version"]) == ("GET", "1.1")
    assert seen["server_state"].default_headers == []


def test_the_library_s_parser_may_begin_after_the_request() -> None:
    conn = ServerProtocol()
    conn.state = State.OPEN
    conn.parser = Protocol.parse(conn)
    next(conn.parser)
    conn.receive_data(b"\x89\x81\0\0\0\0x")
    [ping] = conn.events_received()
    assert isinstance(ping, Frame)
    assert (ping.opcode, bytes(ping.data), conn.data_to_send()) == (Opcode.PING, b"x", [b"\x8a\x01x"])


@pytest.mark.parametrize("name", LOOPS)
def test_a_descriptor_is_not_another_s_before_its_connection_is_said_to_be_lost(name: str) -> None:
    """Who leaves the hub in `connection_lost` has never written to somebody else."""
    was_open: list[bool] = []

    class Listening(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.number = transport.get_extra_info("socket").fileno()
            transport.abort()

        def connection_lost(self, _: Exception | None) -> None:
            was_open.append(_is_open(self.number))

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Listening, "127.0.0.1", 0)
        with socket.create_connection(server.sockets[0].getsockname()):
            while not was_open:  # noqa: ASYNC110 - told by a callback
                await asyncio.sleep(0.001)
        server.close()
        await server.wait_closed()

    with asyncio.Runner(loop_factory=LOOPS[name]) as runner:
        runner.run(run())
    assert was_open == [True]


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("name", LOOPS)
def test_a_transport_that_keeps_anything_says_so_at_once(name: str) -> None:
    """`pause_writing` inside of `write`: what is written directly never overtakes what is kept. And `resume_writing` when all has gone."""
    told: list[str] = []

    class Telling(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            transport.set_write_buffer_limits(high=0)
            raw = transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
            number = raw.fileno()
            with suppress(BlockingIOError):
                while os.write(number, b"x" * 65_536):
                    pass
            transport.write(b"rest")
            told.append("written")
            assert transport.get_write_buffer_size() > 0

        def pause_writing(self) -> None:
            told.append("paused")

        def resume_writing(self) -> None:
            told.append("resumed")

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Telling, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        while "resumed" not in told:
            assert await reader.read(1 << 20)
        writer.close()
        server.close()

    with asyncio.Runner(loop_factory=LOOPS[name]) as runner:
        runner.run(run())
    assert told == ["paused", "written", "resumed"]
