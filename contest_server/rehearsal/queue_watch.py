"""What stands on the chief referee's page: the review queue by its socket, from whichever server answers. Only looks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import msgspec
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from contest_server.agent.messages import SUBPROTOCOL
from contest_server.rehearsal.line import Line
from contest_server.rehearsal.screen import AGAIN_AFTER_S, FRAME_MAX_BYTES, LOST, OPEN_WAIT_S, SILENCE_MAX_S


class QueueWatch:
    """`run` until cancelled. `total` is None before the first queue."""

    def __init__(self, line: Line, contest: str, session: str, now_s: Callable[[], float]) -> None:
        self._line, self._contest, self._session, self._now_s = line, contest, session, now_s
        self.total: int | None = None
        self.most = 0
        self.messages = 0
        self.counts: dict[str, int] = {}
        self.worst: list[dict[str, Any]] = []

    async def run(self) -> None:
        while True:
            with suppress(*LOST):  # the page comes back, too
                await self._watch()
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _watch(self) -> None:
        address = f"{self._line.url.replace('http', 'ws', 1)}/api/contests/{quote(self._contest, safe='')}/reviews"
        headers = {"Authorization": f"Bearer {self._session}"}
        async with connect(
            address,
            additional_headers=headers,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            proxy=None,
            open_timeout=OPEN_WAIT_S,
            close_timeout=1,
            max_size=FRAME_MAX_BYTES,
        ) as socket:
            await socket.send('{"type":"hello","token":null}')
            while True:
                async with asyncio.timeout(SILENCE_MAX_S):
                    self._take(msgspec.json.decode(await socket.recv()))

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] != "queue":
            return
        self.messages += 1
        self.total, self.counts = int(message["total"]), dict(message["counts"])
        if self.total >= self.most:
            self.most, self.worst = self.total, message["cases"][:10]
