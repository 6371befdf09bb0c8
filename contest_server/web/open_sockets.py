"""How many sockets of each kind are open on this server: counted here and nowhere else. One too many is told to come back.

Who has not said yet who they are takes nobody's place: a crowd of strangers, who all wait to say hello, keeps no official out. How many
they may be, the limits of their addresses say (`doors.py`, `limits.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
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
        self._let_in: Counter[SocketKind] = Counter(dict.fromkeys(self._most, 0))
        """Those of them of whom it is known that they may be here."""

    @property
    def by_kind(self) -> Mapping[SocketKind, int]:
        return self._open

    def is_full(self, kind: SocketKind) -> bool:
        """Whether one more of those who may be here would be too many."""
        return self._let_in[kind] >= self._most[kind]

    def check_room(self, kind: SocketKind) -> None:
        """Before anything is done for whoever may be here. Raises Closing where there are too many of them."""
        if self.is_full(kind):
            raise Closing(TOO_MANY)

    def came(self, kind: SocketKind) -> None:
        """Somebody who may be here, from the first moment on."""
        self._open[kind] += 1
        self._let_in[kind] += 1

    def left(self, kind: SocketKind) -> None:
        self._open[kind] -= 1
        self._let_in[kind] -= 1
        assert min(self._open[kind], self._let_in[kind]) >= 0, f"a {kind} socket left twice"

    async def serve(self, kind: SocketKind, socket: WebSocket, conversation: Callable[[], Awaitable[None]]) -> None:
        """Count the socket for as long as the conversation lasts, which says by `letting_in` when it is known whose it is."""
        self._open[kind] += 1
        try:
            async with accepted(socket):
                await conversation()
        finally:
            self._open[kind] -= 1

    @contextmanager
    def letting_in(self, kind: SocketKind) -> Iterator[None]:
        """Whose socket this is may be here. Raises Closing where there are too many of them."""
        self.check_room(kind)
        self._let_in[kind] += 1
        try:
            yield
        finally:
            self._let_in[kind] -= 1
