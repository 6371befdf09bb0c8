"""One display of a stand: what it was sent, what it painted, and whether the next frame may go to it as to all others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from contest_server.wire.display import DisplaySession
from contest_server.wire.messages import Close
from contest_server.wire.reading import BadMessage

AWAY = -1
"""No number of a frame: nothing is written to this display in step with the others."""
UNBOUND = 1 << 62


class Outlet(Protocol):
    """Where the bytes for a display leave. Whatever is written leaves whole and in order."""

    deflated: bool
    """Whether this display takes deflated frames."""

    def put(self, data: bytes, /) -> int:
        """Write what goes at once, while nothing is kept; returns how much that was. Raises OSError (nothing went)."""

    @property
    def descriptor(self) -> int:
        """A plain socket that takes what `put` takes, while the seat is there; NO_DESCRIPTOR where only `put` may be asked."""

    @property
    def is_clear(self) -> bool:
        """Nothing is kept: `put` may be asked."""

    def keep(self, data: bytes) -> None:
        """Write this, now or when the other side reads on; the seat's `cleared` is called once nothing is kept any more."""


class Hosts(Protocol):
    """What a seat tells its stand."""

    def offer(self, seat: Seat) -> None:
        """Something that was in this display's way is gone."""

    def fall_back(self, seat: Seat) -> None:
        """This display cannot be sent the next frame in step with the others."""

    def make_way(self, seat: Seat) -> None:
        """Something else than frames is about to be written to this display."""

    def credit(self, seat: Seat) -> None:
        """This display has said what it painted."""

    def position_of(self, seat: Seat) -> int | None:
        """As far as this display was sent the board."""


class Seat:
    """Ends with `over`: the word of goodbye for the display, or None where it left by itself."""

    __slots__ = (
        "_bad",
        "_bad_max",
        "_stand",
        "deflated",
        "descriptor",
        "is_listed",
        "joined",
        "outlet",
        "over",
        "place",
        "put",
        "sent_at_s",
        "session",
        "until",
    )

    def __init__(self, stand: Hosts, outlet: Outlet, session: DisplaySession, bad_max: int) -> None:
        self.session, self.outlet, self.deflated = session, outlet, outlet.deflated
        self.put, self.descriptor = outlet.put, outlet.descriptor
        self.over: asyncio.Future[Close | None] = asyncio.get_running_loop().create_future()
        self.until = AWAY
        """The last of the stand's frames that its credit allows; AWAY while it is not in step with the others."""
        self.joined = 0
        """The stand's frame after which it came in step."""
        self.is_listed, self.place = False, 0
        """Whether the stand has it on a list, and where there."""
        self.sent_at_s = 0.0
        self._stand = stand
        self._bad, self._bad_max = 0, bad_max

    @property
    def cursor(self) -> int | None:
        return self._stand.position_of(self)

    @property
    def painted(self) -> int | None:
        return self.session.painted

    def heard(self, text: str | bytes, too_many: Close) -> None:
        """The display said something. Who says nothing but nonsense is sent away."""
        try:
            self.session.receive(text)
        except BadMessage:
            self._bad += 1
            if self._bad >= self._bad_max:
                self.end(too_many)
            return
        self._bad = 0
        self._stand.credit(self)

    def stuck(self) -> None:
        """Bytes are kept: nothing more until the other side has read them."""
        if self.until != AWAY:
            self._stand.fall_back(self)

    def make_way(self) -> None:
        """To be asked before anything else is written to the outlet."""
        self._stand.make_way(self)

    def cleared(self) -> None:
        """Nothing is kept any more."""
        if not self.over.done():
            self._stand.offer(self)

    def end(self, close: Close | None) -> None:
        """Nothing more is written from now on."""
        self.stuck()
        if not self.over.done():
            self.over.set_result(close)

    def in_step(self, number: int, credit: int, tos: Sequence[int]) -> None:
        """From the stand's frame `number` on it is sent what all are sent; `tos` are the positions of those that were sent last."""
        if self.session.painted is None:
            self.until = UNBOUND
        else:
            self.until = number + credit - self.session.unpainted(tos, number - self.joined)
