"""The outbox as coroutines. While the disk is at fault it waits and tries again: the caller does not go on, so nothing is read past it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from contest_server.agent.calls import Calls
from contest_server.agent.limits import AgentLimits
from contest_server.agent.messages import Ack, Refused
from contest_server.agent.outbox import Appended, Outbox, Outgoing, Resumed
from contest_server.agent.reading import Chunk
from contest_server.agent.resume import ServerAhead, Standing
from contest_server.agent.store import DiskFault
from contest_server.core.saying import Said, Text, said_by

T = TypeVar("T")


class Keeper:
    """`standing` is as of the last call, `disk` what is wrong with the disk. `stirred` wakes whoever sends, `moved` whoever watches."""

    def __init__(self, outbox: Outbox, call: Calls, bounds: AgentLimits, tell: Callable[[Text], None]) -> None:
        self._outbox, self._call, self._bounds, self._tell = outbox, call, bounds, tell
        self.standing = outbox.standing()
        self.compared = False  # with what the server has, since the agent runs
        self.disk: Text | None = None
        self._stuck = 0  # calls that the disk holds up
        self.stirred, self.moved = asyncio.Event(), asyncio.Event()

    async def append(self, chunk: Chunk) -> Appended:
        appended = await self._insist(lambda: self._outbox.append(chunk))
        self._stands(appended.standing)
        return appended

    async def take(self, first: int, events_max: int, bytes_max: int, wanted_bytes: int) -> list[Outgoing]:
        return await self._insist(lambda: self._outbox.take(first, events_max, bytes_max, wanted_bytes))

    async def record(self, answers: Sequence[Ack | Refused]) -> None:
        self._stands(await self._insist(lambda: self._outbox.record(answers)))

    async def resume(self, after: int, epoch: str | None, server_ahead: ServerAhead) -> Resumed:
        resumed = await self._insist(lambda: self._outbox.resume(after, epoch, server_ahead))
        self.compared = True
        self._stands(resumed.standing)
        return resumed

    def _stands(self, standing: Standing) -> None:
        self.standing = standing
        self.stirred.set()
        self.moved.set()

    async def _insist(self, job: Callable[[], T]) -> T:
        try:
            return await self._call(job)
        except DiskFault as fault:
            self._stuck += 1
            self._note_trouble(said_by(fault))
        try:
            return await self._try_again(job)
        finally:
            self._stuck -= 1
            if not self._stuck:
                self.disk = None

    async def _try_again(self, job: Callable[[], T]) -> T:
        while True:
            await asyncio.sleep(self._bounds.disk_pause_s)
            try:
                return await self._call(job)
            except DiskFault as fault:
                self._note_trouble(said_by(fault))

    def _note_trouble(self, fault: Text) -> None:
        if self.disk is None:
            self._tell(Said("THE OUTBOX CANNOT BE WRITTEN: {fault}. Nothing more is read until it can", fault=fault))
        self.disk = fault
