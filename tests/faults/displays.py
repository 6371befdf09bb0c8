"""A display at the end of a socket that may break at any moment: merges frames by cursor, and knows when what it shows is stale.

It does what the page of the big screen does, with shorter patience: after `stale_after_s` without a frame or a beat what it shows is
stale, after `silent_after_s` it calls again, at whatever server answers.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.live.screens import Screen

OPEN_WITHIN_S = 3.0
RETRY_MIN_S, RETRY_MAX_S = 0.05, 0.3
PARTED = (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, InvalidMessage, EOFError)


@dataclass
class Patience:
    """As on the page: 10 s and 16 s for beats every 4 s."""

    stale_after_s: float
    silent_after_s: float


@dataclass
class Display:
    """`spells` counts how often it became stale, `opened` how often it connected, `screen.wholes` how often it had to begin anew."""

    name: str
    view: str
    url_of: Callable[[str], str]
    patience: Patience
    dice: Random
    news: asyncio.Event
    screen: Screen = field(default_factory=Screen)
    opened: int = 0
    beats: int = 0
    spells: int = 0
    is_stale: bool = True
    went_stale: asyncio.Event = field(default_factory=asyncio.Event)
    fault: str | None = None
    _alarm: asyncio.TimerHandle | None = None

    async def watch(self) -> None:
        """For ever. A gap or another breach of the contract is kept in `fault`, and it goes no further."""
        while self.fault is None:
            with suppress(*PARTED):
                await self._once()
            await asyncio.sleep(self.dice.uniform(RETRY_MIN_S, RETRY_MAX_S))

    async def _once(self) -> None:
        cursor = self.screen.cursor if self.screen.epoch is not None else ""
        async with connect(
            self.url_of(cursor), open_timeout=OPEN_WITHIN_S, close_timeout=0.1, ping_interval=None, max_size=None, proxy=None
        ) as socket:
            self.opened += 1
            while True:
                async with asyncio.timeout(self.patience.silent_after_s):
                    text = await socket.recv()
                try:
                    await self._take_in(socket, json.loads(text), str(text))
                except AssertionError as error:
                    self.fault = f"{self.name}: {error}"
                    self.news.set()
                    return

    async def _take_in(self, socket: ClientConnection, message: dict[str, object], text: str) -> None:
        if message["type"] == "bye":
            return
        if message["type"] == "frame":
            self.merge(text)
            await socket.send(json.dumps({"type": "painted", "to": self.screen.position}))
        else:
            assert message["type"] == "beat", message
            assert message["to"] == self.screen.position, f"a beat at {message['to']}, painted {self.screen.position}"
            self.beats += 1
        self.hear()

    def merge(self, text: str) -> None:
        before = self.screen.epoch, self.screen.position or 0
        frame = self.screen.merge(text)
        assert frame["epoch"] != before[0] or frame["to"] >= before[1], f"it went back from {before[1]} to {frame['to']}"
        self.news.set()

    def hear(self) -> None:
        """Something was said: what is shown is as it is, for a while."""
        self.is_stale = False
        self.went_stale.clear()
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_later(self.patience.stale_after_s, self._turn_stale)

    def _turn_stale(self) -> None:
        self.is_stale = True
        self.spells += 1
        self.went_stale.set()
        self.news.set()
