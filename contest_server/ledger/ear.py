"""What the database tells a connection that listens. Each time that something is heard wakes this process up, so it is deaf for a while
where nobody needs to hear more: what is told meanwhile waits in the socket, and is heard together.
"""

from __future__ import annotations

import asyncio
from typing import Any

from contest_server.core.facts import ContestId
from contest_server.ledger.port import ANY_POSITION, Wake

DEAF_MAX_S = 0.05
"""However long nobody needs to hear more: the connection is looked after, too."""


class Ear:
    """Calls `wake` for what is heard on one connection, whose `transport` is not read for as long as `wake` says (s)."""

    def __init__(self, wake: Wake, transport: asyncio.ReadTransport) -> None:
        self._wake = wake
        self._transport = transport
        self._due: asyncio.TimerHandle | None = None

    def hear(self, _connection: object, _pid: int, _channel: str, said: Any) -> None:
        """Anybody who may use the database can notify; what is no position and contest is no news."""
        position, _, contest = said.partition(" ")
        if position.isascii() and position.isdecimal() and contest:
            self._rest(self._wake(ContestId(contest), min(int(position), ANY_POSITION)))

    def close(self) -> None:
        """Hear nothing more, also what waits."""
        if self._due is not None:
            self._due.cancel()

    def _rest(self, for_s: float) -> None:
        if for_s > 0 and self._due is None and not self._transport.is_closing():
            self._transport.pause_reading()
            self._due = asyncio.get_running_loop().call_later(min(for_s, DEAF_MAX_S), self._hear_again)

    def _hear_again(self) -> None:
        self._due = None
        if not self._transport.is_closing():
            self._transport.resume_reading()
