"""Running the application on a port: uvicorn, set up for many sockets."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from contest_server.core.rulebook import Judges
from contest_server.ledger.urls import Stores
from contest_server.live.settings import Settings
from contest_server.web.app import create_app, now_us
from contest_server.web.quiet import protocol_within

BACKLOG_CONNECTIONS = 4_096
SOCKET_MAX_BYTES = 16_777_216
"""A message up to here is read and refused by name (`too_large`); a longer one ends its socket with close code 1009."""
SHUTDOWN_WITHIN_S = 5
UP_WITHIN_S = 20.0
POLL_S = 0.01


def config_of(stores: Stores, judges: Judges, settings: Settings, clock: Callable[[], int]) -> uvicorn.Config:
    """How uvicorn serves the application."""
    return uvicorn.Config(
        create_app(stores, judges, settings, clock),
        host=settings.host,
        port=settings.port,
        lifespan="on",
        http=protocol_within(settings.hello_timeout_s),
        ws="websockets-sansio",
        ws_max_size=max(SOCKET_MAX_BYTES, settings.message_max_bytes),
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        backlog=BACKLOG_CONNECTIONS,
        timeout_graceful_shutdown=SHUTDOWN_WITHIN_S,
        log_level="warning",
        access_log=False,
        server_header=False,
    )


def serve_forever(stores: Stores, judges: Judges, settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM, then close the stores. Raises OSError where the address cannot be had."""
    listening = _listen(settings)

    async def run() -> None:
        server = GuestServer(config_of(stores, judges, settings, now_us))
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(signal_number, _ask_to_end, server)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_announce(server, settings, listening))
                await server.serve(sockets=[listening])
        finally:
            await stores.close()

    asyncio.run(run())


def _ask_to_end(server: uvicorn.Server) -> None:
    """The first time in order; the second time at once."""
    server.force_exit = server.should_exit
    server.should_exit = True


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG_CONNECTIONS)


async def _announce(server: uvicorn.Server, settings: Settings, listening: socket.socket) -> None:
    while not server.started and not server.should_exit:  # noqa: ASYNC110 - uvicorn offers nothing to wait for
        await asyncio.sleep(POLL_S)
    if server.started:
        url = f"http://{_in_url(settings.host)}:{listening.getsockname()[1]}/"
        sys.stderr.write(f"contest-server: {url}  (database {settings.db}; Ctrl-C ends)\n")
        sys.stderr.flush()


class GuestServer(uvicorn.Server):
    """Leaves the signals to its host: who interrupts a replay ends the replay, and with it the server."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(stores: Stores, judges: Judges, settings: Settings, clock: Callable[[], int] = now_us) -> AsyncIterator[str]:
    """A server beside the caller's own tasks, for replays, the demo and tests; yields its URL, e.g. http://127.0.0.1:8000.

    Raises:
        OSError: the address cannot be had.
    """
    listening = _listen(settings)
    server = GuestServer(config_of(stores, judges, settings, clock))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(server.serve(sockets=[listening]))
        async with asyncio.timeout(UP_WITHIN_S):
            while not server.started and not running.done():  # noqa: ASYNC110 - uvicorn offers nothing to wait for
                await asyncio.sleep(POLL_S)
        try:
            yield f"http://{_in_url(settings.host)}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await asyncio.wait({running})  # in order, also where the caller's work has failed: the group would cancel it


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
