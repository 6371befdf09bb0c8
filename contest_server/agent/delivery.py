"""Connection after connection, until the server says that another one would not help. Refuses to give up by itself.

A connection that was given up may arrive at the server late, after the one that took its place, and replace it: what looks like another
agent was this one. So being replaced is believed only when it happens again and again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from contest_server.agent.courier import Courier
from contest_server.agent.link import Phase
from contest_server.agent.messages import ClockTold
from contest_server.agent.pauses import Pauses
from contest_server.agent.port import Connect, Parted, Port
from contest_server.agent.status import Connection
from contest_server.core.saying import Text

NewCourier = Callable[[Port], Courier]


class Delivery:
    def __init__(self, connect: Connect, new_courier: NewCourier, pauses: Pauses) -> None:
        self._connect, self._new_courier, self._pauses = connect, new_courier, pauses
        self._courier: Courier | None = None
        self._failures = 0
        self._since_s = 0.0
        self._lost: Connection | None = None
        self._replaced_s: deque[float] = deque(maxlen=pauses.bounds.replaced_max + 1)

    async def run(self) -> Parted:
        """Returns the end that no new connection can mend."""
        while True:
            self._since_s = _now_s()
            parted = await self._once()
            self._failures = 0 if self._was_steady() else self._failures + 1
            self._courier = None
            if not (parted.retry or (parted.replaced and self._may_be_ours())):
                return parted
            await self._wait(parted.reason)

    async def _once(self) -> Parted:
        try:
            async with self._connect() as port:
                self._courier = self._new_courier(port)
                return await self._courier.carry()
        except Parted as parted:
            return parted

    def _may_be_ours(self) -> bool:
        """Whether it was not replaced so often lately that somebody else must speak as this source."""
        self._replaced_s.append(_now_s())
        bounds = self._pauses.bounds
        return len(self._replaced_s) <= bounds.replaced_max or _now_s() - self._replaced_s[0] > bounds.replaced_within_s

    def _was_steady(self) -> bool:
        """A server that only welcomes must not be called upon five times a second."""
        answered = self._courier is not None and self._courier.link.answers > 0
        return answered or (self._courier is not None and _now_s() - self._since_s >= self._pauses.bounds.steady_after_s)

    async def _wait(self, reason: Text) -> None:
        pause_s = self._pauses.after(self._failures)
        lost_s = _now_s() if self._lost is None else self._lost.since_s
        self._lost = Connection("disconnected", lost_s, reason, _now_s() + pause_s)
        await asyncio.sleep(pause_s)

    def connection(self) -> Connection:
        courier = self._courier
        if courier is not None and courier.link.phase is not Phase.GREETING:
            self._lost = None
            return Connection("connected", self._since_s)
        return self._lost or Connection("connecting", self._since_s)

    @property
    def clock(self) -> ClockTold | None:
        return None if self._courier is None else self._courier.clock

    @property
    def fault(self) -> Text | None:
        return None if self._courier is None else self._courier.fault


def _now_s() -> float:
    return asyncio.get_running_loop().time()
