"""A venue's socket that only the application can read from and write to: of another server than uvicorn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from fastapi import WebSocket, WebSocketDisconnect

from contest_server.web.closing import say
from contest_server.web.conversing import received
from contest_server.web.lines import Line
from contest_server.wire.messages import Close

LAST_WORDS_WITHIN_S = 5.0
"""What was answered already is said before the goodbye, if the venue reads it."""


class Spoken:
    """Reads in one task and writes in another. What waits to be written is bounded by the line, which hears no more meanwhile."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._texts: deque[str] = deque()
        self._news, self._may_read = asyncio.Event(), asyncio.Event()
        self._may_read.set()

    @property
    def is_clear(self) -> bool:
        return not self._texts

    def say(self, texts: Sequence[str]) -> None:
        self._texts += texts
        self._news.set()

    def pause(self) -> None:
        self._may_read.clear()

    def resume(self) -> None:
        self._may_read.set()

    async def converse(self, line: Line) -> Close | None:
        """Raises WebSocketDisconnect in a group."""
        try:
            async with asyncio.TaskGroup() as tasks:
                work = [tasks.create_task(self._read(line)), tasks.create_task(self._write(line))]
                close = await line.over
                for each in work:
                    each.cancel()
            return close
        finally:
            line.end(None)
            with suppress(WebSocketDisconnect, TimeoutError):
                async with asyncio.timeout(LAST_WORDS_WITHIN_S):
                    await self._flush()

    async def _read(self, line: Line) -> None:
        try:
            while True:
                line.heard(await received(self._socket))
                await self._may_read.wait()
        except WebSocketDisconnect:
            line.end(None)

    async def _write(self, line: Line) -> None:
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                await self._flush()
                line.go_on()
        except WebSocketDisconnect:
            line.end(None)

    async def _flush(self) -> None:
        while self._texts:
            await say(self._socket, self._texts[0])
            self._texts.popleft()
