"""What the hub relies on in uvicorn and in the event loop. A new version that has it otherwise is noticed here, before a display is."""

from __future__ import annotations

import asyncio
import inspect
import os
import socket
from contextlib import suppress
from typing import Any

import pytest
import uvicorn
import uvloop
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from contest_server.web.guarded import Guarded
from contest_server.web.hub import DisplaySocket

OWN = {"prepared", "take", "is_clear", "keep", "pass_on", "settings", "is_silent"}
"""What uvicorn knows nothing of."""
STATE = (
    "queue", "read_paused", "writable", "frames", "curr_msg_data_type", "conn", "disconnected", "handshake_complete", "handshake_initiated",
    "close_sent", "transport", "loop", "config",
)  # fmt: skip
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.mark.parametrize("ours", [Guarded, DisplaySocket])
def test_every_hook_is_one_of_uvicorn_s_with_the_same_parameters(ours: type) -> None:
    hooks = [name for name in vars(ours) if not name.startswith("_") and name not in OWN]
    assert len(hooks) > 6
    for name in hooks:
        theirs = getattr(WebSocketsSansIOProtocol, name, None)
        assert theirs is not None, f"uvicorn calls no {name} any more"
        assert list(inspect.signature(getattr(ours, name)).parameters) == list(inspect.signature(theirs).parameters), name


def test_a_socket_has_the_state_that_the_hub_looks_at() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    config = uvicorn.Config(app, log_config=None)
    config.load()
    made = WebSocketsSansIOProtocol(config, ServerState(), {}, asyncio.new_event_loop())
    assert [name for name in STATE if not hasattr(made, name)] == []
    made.loop.close()


@pytest.mark.parametrize("name", LOOPS)
def test_a_descriptor_is_not_another_s_before_its_connection_is_said_to_be_lost(name: str) -> None:
    """Who leaves the hub in `connection_lost` has never written to somebody else."""
    seen: list[bool] = []

    class Listening(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.number = transport.get_extra_info("socket").fileno()
            transport.abort()

        def connection_lost(self, _: Exception | None) -> None:
            os.fstat(self.number)  # raises where it is closed
            seen.append(True)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Listening, "127.0.0.1", 0)
        with socket.create_connection(server.sockets[0].getsockname()):
            while not seen:  # noqa: ASYNC110 - told by a callback
                await asyncio.sleep(0.001)
        server.close()
        await server.wait_closed()

    with asyncio.Runner(loop_factory=LOOPS[name]) as runner:
        runner.run(run())


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
