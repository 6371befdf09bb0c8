"""How a server ends: not ready, then nobody new, then all that was accepted is stored and answered, then a goodbye to each socket.

    asked ──drain_s──▶ closed to new ones ──▶ desks finish ──▶ sockets say bye (retry) ──▶ gone          within finish_within_s

What was not stored by then was not acknowledged. Asked a second time, it goes on to the end at once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import structlog
import uvicorn

from contest_server.live.settings import Settings
from contest_server.web.house import House

log = structlog.get_logger()

LOOK_EVERY_S = 0.02


class Ending:
    """Ends one server when it is asked to."""

    def __init__(self, server: uvicorn.Server, state: Any, settings: Settings) -> None:
        self._server, self._state, self._settings = server, state, settings
        self._asked, self._hurried = asyncio.Event(), asyncio.Event()

    def ask(self) -> None:
        """The first time in order; the second time at once."""
        if self._asked.is_set():
            self._hurried.set()
            self._server.force_exit = self._server.should_exit = True
        self._asked.set()

    @property
    def is_asked(self) -> bool:
        return self._asked.is_set()

    async def run(self) -> None:
        """Wait to be asked, then end in order. `server.serve` returns soon after."""
        await self._asked.wait()
        house: House | None = getattr(self._state, "house", None)
        if house is not None:
            await self._in_order(house)
        self._server.should_exit = True

    async def _in_order(self, house: House) -> None:
        log.info("server ends", sockets=_sockets(house), drain_s=self._settings.drain_s)
        house.is_draining = True
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.drain_s):
                await self._hurried.wait()
        for listening in self._server.servers:
            listening.close()
        try:
            async with asyncio.timeout(self._settings.finish_within_s):
                await house.desks.finish()
                while _sockets(house) and not self._hurried.is_set():  # noqa: ASYNC110 - they end by themselves
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            log.warning("not everything ended in time; what was not stored was not acknowledged", sockets=_sockets(house))


def _sockets(house: House) -> int:
    return sum(house.sockets.by_kind.values())
