"""Running the application on a port: uvicorn, set up for many sockets."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import structlog
import uvicorn

from contest_server import __version__
from contest_server.core.rulebook import Judges
from contest_server.ledger.database_url import shown
from contest_server.ledger.urls import Stores
from contest_server.live.now import now_us
from contest_server.live.settings import Settings
from contest_server.web.app import create_app
from contest_server.web.crowd_door import CrowdDoor, protocol_within
from contest_server.web.doors import Doors
from contest_server.web.ending import Ending
from contest_server.web.guarded import OTHER_MESSAGE_MAX_BYTES
from contest_server.web.hub import sockets_within

log = structlog.get_logger()

BACKLOG_CONNECTIONS = 4_096
SEND_BUFFER_BYTES = 65_536
"""What the kernel keeps for who does not read: without a bound, megabytes of old frames, and nobody sees whether somebody reads."""
SHUTDOWN_WITHIN_S = 5
IDLE_WITHIN_S = 65
"""An idle connection is kept longer than clients and proxies keep theirs, so that none sends on one that is just being closed."""
COLLECT_AFTER = (20_000, 50, 50)
"""New objects before the youngest are looked through, and how often that happens before older ones are."""
UP_WITHIN_S = 20.0
POLL_S = 0.01


def config_of(stores: Stores, judges: Judges, settings: Settings, clock: Callable[[], int]) -> uvicorn.Config:
    """How uvicorn serves the application."""
    app, doors = create_app(stores, judges, settings, clock), Doors(settings)
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        lifespan="on",
        http=protocol_within(settings, doors, CrowdDoor(app.state, settings)),
        ws=sockets_within(settings, doors),
        ws_max_size=OTHER_MESSAGE_MAX_BYTES,
        ws_ping_interval=settings.ping_interval_s,
        ws_ping_timeout=settings.ping_timeout_s,
        forwarded_allow_ips=settings.trusted_proxies,
        backlog=BACKLOG_CONNECTIONS,
        timeout_graceful_shutdown=SHUTDOWN_WITHIN_S,
        timeout_keep_alive=IDLE_WITHIN_S,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
    )


class CannotGoOn(Exception):
    """What a server does beside its requests has failed, so none can be served any more. The log says why; start it again."""


def serve_forever(stores: Stores, judges: Judges, settings: Settings, started: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM, then close the stores; `started` hears the URL once it is served.

    Raises OSError where the address cannot be had; CannotGoOn.
    """
    listening = listen(settings)

    async def run() -> None:
        config = config_of(stores, judges, settings, now_us)
        server, state = GuestServer(config), config.app.state  # type: ignore[union-attr] # it is no text to import
        ending = Ending(server, state, settings)
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(signal_number, ending.ask)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_announce(server, settings, listening, started))
                end = tasks.create_task(ending.run())
                fall = tasks.create_task(_fallen(server, state, ending))
                await server.serve(sockets=[listening])
                end.cancel()
                fall.cancel()  # one who hurries it leaves the application as it is
        finally:
            await stores.close()
            log.info("server ended")
        if not fall.cancelled() and fall.result():
            raise CannotGoOn

    asyncio.run(run())


def listen(settings: Settings) -> socket.socket:
    """The socket that takes connections; these have its options. What is written to one of them leaves at once (TCP_NODELAY).

    asyncio sets that for sockets that say that they are TCP, which those of `create_server` do not. Without it a frame would wait until
    the display has confirmed the one before, which its system puts off for up to 40 ms. Raises OSError where the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG_CONNECTIONS)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    return listening


async def _announce(server: uvicorn.Server, settings: Settings, listening: socket.socket, started: Callable[[str], None]) -> None:
    while not server.started and not server.should_exit:  # noqa: ASYNC110 - uvicorn offers nothing to wait for
        await asyncio.sleep(POLL_S)
    if server.started:
        spare_collecting()
        url = f"http://{_in_url(settings.host)}:{listening.getsockname()[1]}/"
        log.info("server started", url=url, database=shown(settings.db), version=__version__)
        started(url)


async def _fallen(server: uvicorn.Server, state: Any, ending: Ending) -> bool:
    """Ends the server when its application is over; whether nobody had asked for that. It would answer for ever that it is restarting."""
    while not server.started and not server.should_exit:  # noqa: ASYNC110 - uvicorn offers nothing to wait for
        await asyncio.sleep(POLL_S)
    if server.started:
        await state.house.over.wait()
    server.should_exit = True
    return not ending.is_asked


def spare_collecting() -> None:
    """Let the collector of cycles leave alone what is there for good (the application; contests are opened later), and look less often at
    what comes: what the fold keeps has no cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


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
    listening = listen(settings)
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
