"""Between an agent and its socket: what is sent is noted, sometimes sent twice, sometimes in the wrong order. Never changes a message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from contest_server.agent.messages import Ack, ClockTold, Unintelligible, read_message
from contest_server.agent.port import Connect, Parted, Port
from contest_server.demo.dice import Dice
from contest_server.rehearsal.measures import Deliveries

HELD_BACK_S = 0.15
"""For how long a message waits for one that may overtake it."""
EVENTS = '{"type":"events"'


class _Numbered(Struct, frozen=True):
    seq: int


class _Events(Struct, frozen=True):
    events: list[_Numbered]


_events = msgspec.json.Decoder(_Events)


@dataclass(slots=True)
class Mischief:
    """How often a message of events goes out twice, and how often the next one overtakes it."""

    dice: Dice
    doubled: float = 0.0
    swapped: float = 0.0
    done_twice: int = 0
    done_swapped: int = 0


@dataclass(slots=True)
class Tap:
    """Listens on every connection of one device."""

    deliveries: Deliveries
    mischief: Mischief
    now_s: Callable[[], float]
    clock: ClockTold | None = None
    exchanges: int = 0

    def through(self, connect: Connect) -> Connect:
        @asynccontextmanager
        async def connected() -> AsyncIterator[Port]:
            async with connect() as port, asyncio.TaskGroup() as group:
                tapped = _Tapped(port, self, group)
                try:
                    yield tapped
                finally:
                    tapped.hang_up()

        return connected

    def said(self, text: str | bytes) -> None:
        """What the server says."""
        try:
            message = read_message(text)
        except Unintelligible:
            return  # the agent parts with such a server by itself
        if isinstance(message, Ack):
            self.deliveries.acknowledged(message.seq, message.position, self.now_s())
        elif isinstance(message, ClockTold):
            self.clock = message
            self.exchanges += 1


class _Tapped:
    def __init__(self, port: Port, tap: Tap, group: asyncio.TaskGroup) -> None:
        self._port, self._tap, self._group = port, tap, group
        self._held: str | None = None
        self._letting_go: asyncio.Task[None] | None = None

    async def send(self, text: str, /) -> None:
        if not text.startswith(EVENTS):
            await self._port.send(text)
            return
        mischief = self._tap.mischief
        if self._held is None and mischief.dice.chance(mischief.swapped):
            self._held = text
            self._letting_go = self._group.create_task(self._let_go())
            return
        await self._out(text)
        if self._held is not None:
            overtaken, self._held = self._held, None
            mischief.done_swapped += 1
            await self._out(overtaken)

    async def receive(self) -> str | bytes:
        text = await self._port.receive()
        self._tap.said(text)
        return text

    def hang_up(self) -> None:
        """What is held back is lost with the connection: the agent sends it again."""
        if self._letting_go is not None:
            self._letting_go.cancel()

    async def _out(self, text: str) -> None:
        mischief = self._tap.mischief
        self._tap.deliveries.sent((event.seq for event in _events.decode(text).events), self._tap.now_s())
        await self._port.send(text)
        if mischief.dice.chance(mischief.doubled):
            mischief.done_twice += 1
            await self._port.send(text)

    async def _let_go(self) -> None:
        """Nothing came to overtake it: it goes out late. A connection that is gone by then is the agent's to notice."""
        await asyncio.sleep(HELD_BACK_S)
        if self._held is not None:
            late, self._held = self._held, None
            try:
                await self._out(late)
            except Parted:
                return
