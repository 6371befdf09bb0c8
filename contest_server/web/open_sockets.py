"""How many sockets of each kind are open on this server: counted here and nowhere else. One too many is told to come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from fastapi import WebSocket

from contest_server.live.settings import Settings
from contest_server.web.closing import Closing
from contest_server.web.conversing import accepted
from contest_server.wire.messages import TOO_MANY

SocketKind = Literal["venue", "display", "review"]


class OpenSockets:
    """Those of one server. Whoever `came` has `left` once, however it ended."""

    def __init__(self, settings: Settings) -> None:
        self._most: Mapping[SocketKind, int] = {
            "venue": settings.venue_sockets_max,
            "display": settings.display_sockets_max,
            "review": settings.review_sockets_max,
        }
        self._open: Counter[SocketKind] = Counter(dict.fromkeys(self._most, 0))

    @property
    def by_kind(self) -> Mapping[SocketKind, int]:
        return self._open

    def is_full(self, kind: SocketKind) -> bool:
        """Whether one more would be too many."""
        return self._open[kind] >= self._most[kind]

    def came(self, kind: SocketKind) -> None:
        self._open[kind] += 1

    def left(self, kind: SocketKind) -> None:
        self._open[kind] -= 1
        assert self._open[kind] >= 0, f"a {kind} socket left twice"

    async def serve(self, kind: SocketKind, socket: WebSocket, conversation: Callable[[], Awaitable[None]]) -> None:
        """Let the socket in, for as long as the conversation lasts; or say that there are too many."""
        is_full = self.is_full(kind)
        self.came(kind)
        try:
            async with accepted(socket):
                if is_full:
                    raise Closing(TOO_MANY)
                await conversation()
        finally:
            self.left(kind)
