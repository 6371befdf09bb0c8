"""Running the application on a port: uvicorn, set up for many sockets."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from contest_server.core.rulebook import Judges
from contest_server.ledger.urls import Stores
from contest_server.live.settings import Settings
from contest_server.web.app import create_app

BACKLOG_CONNECTIONS = 4_096
SHUTDOWN_WITHIN_S = 5


def server_of(stores: Stores, judges: Judges, settings: Settings) -> uvicorn.Server:
    """A uvicorn server for the application, not yet running."""
    config = uvicorn.Config(
        create_app(stores, judges, settings),
        host=settings.host,
        port=settings.port,
        ws="websockets-sansio",
        ws_max_size=settings.message_max_bytes * 2,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        backlog=BACKLOG_CONNECTIONS,
        timeout_graceful_shutdown=SHUTDOWN_WITHIN_S,
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    return uvicorn.Server(config)


def serve_forever(stores: Stores, judges: Judges, settings: Settings) -> None:
    """Serve until Ctrl-C, then close the stores. Raises SystemExit where the port cannot be had."""

    async def run() -> None:
        server = server_of(stores, judges, settings)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_announce(server, settings))
                await server.serve()
        finally:
            await stores.close()

    asyncio.run(run())


async def _announce(server: uvicorn.Server, settings: Settings) -> None:
    while not server.started and not server.should_exit:
        await asyncio.sleep(0.02)
    if server.started:
        print(f"contest-server: http://{settings.host}:{port_of(server)}/  (database {settings.db}; Ctrl-C ends)", file=sys.stderr, flush=True)


def port_of(server: uvicorn.Server) -> int:
    """The port it listens on, also where 0 was asked for."""
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


@asynccontextmanager
async def serving(stores: Stores, judges: Judges, settings: Settings) -> AsyncIterator[str]:
    """A server beside the caller's own tasks, for replays, the demo and tests; yields its URL, e.g. http://127.0.0.1:8000."""
    server = server_of(stores, judges, settings)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(server.serve())
        try:
            while not server.started:
                await asyncio.sleep(0.01)
                if task.done():
                    raise OSError(f"cannot listen on {settings.host}:{settings.port}")
            yield f"http://{settings.host}:{port_of(server)}"
        finally:
            server.should_exit = True
