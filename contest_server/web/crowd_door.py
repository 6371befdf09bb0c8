"""Displays come in crowds, all at once after every cut: one that asks for nothing but the public board is seated where its request is read.

No task waits for it, and no layer before the routes is gone through. What those guard is guarded here: the limits of its address are asked,
and it is counted as long as it is here. It brings no token that would have to be looked up, its cookies are not looked at, and nothing is
logged on its way that would need an id. Whatever is out of the ordinary goes the long way, to the declared route, and so does everybody
who has to be refused: by the same checks, with a word that says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, ClassVar, Final, cast

from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from contest_server.live.board import TooManyViews, ViewLog
from contest_server.live.desk import Desk
from contest_server.live.settings import Settings
from contest_server.web import displays
from contest_server.web.board_requests import AUDIENCE, board_request_of
from contest_server.web.closing import last_words
from contest_server.web.doors import Doors
from contest_server.web.house import House
from contest_server.web.hub import DisplaySocket
from contest_server.web.limits import Limits
from contest_server.web.quiet import Impatient
from contest_server.wire.display import DisplaySession, parse_cursor, position_in
from contest_server.wire.handshake import Handshake, shake
from contest_server.wire.messages import Close

HEAD_MAX_BYTES: Final = 8_192
"""The longest line that the library reads: a request that is no longer as a whole has none that it would refuse."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A display that is let in. It is counted, and its view is kept, until `end`."""

    handshake: Handshake
    session: DisplaySession
    house: House
    limits: Limits
    address: str | None
    desk: Desk
    log: ViewLog

    def sit(self, socket: DisplaySocket) -> None:
        """Take a seat, and with it the first frame, until the display leaves or is sent away."""
        house, sitting = self.house, ExitStack()
        socket.shaken(self.handshake)
        sitting.enter_context(socket.prepared())
        seat = sitting.enter_context(house.stands.seated(self.desk, AUDIENCE, self.log, socket, self.session))
        sitting.enter_context(house.onlookers.present(self.desk.contest.id, seat))
        seat.over.add_done_callback(lambda over: self._stand_up(socket, sitting, over.result()))
        socket.take(seat)

    def _stand_up(self, socket: DisplaySocket, sitting: ExitStack, close: Close | None) -> None:
        sitting.close()
        if close is None:
            self.end()
            socket.hang_up()
        else:
            socket.leave_to(self._saying(close))

    def _saying(self, close: Close) -> ASGIApp:
        """What is left for an application to do. The display is here until its last word has left."""

        async def say(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - as ASGI has it
            try:
                for message in last_words(close):
                    await send(message)
            finally:
                self.end()

        return say

    def end(self) -> None:
        self.desk.board.unwatch(AUDIENCE, self.log, self.address)
        self.limits.left(self.address)
        self.house.sockets.left("display")


class CrowdDoor:
    """Lets displays in."""

    def __init__(self, state: State, settings: Settings) -> None:
        """`state`: of the application, with its house and its limits."""
        self._state, self._settings = state, settings
        self._fronts = ProxyHeadersMiddleware(_nobody, settings.trusted_proxies).trusted_hosts

    def visit(self, host: str, url: bytes, headers: Mapping[bytes, bytes], more: Iterable[tuple[bytes, bytes]]) -> Visit | None:
        """Whoever asks so from this host; None: they have to go the long way. `more`: headers of every answer."""
        asked = None if b"authorization" in headers else board_request_of(url)
        house: House = self._state.house
        desk = None if asked is None else house.desks.opened(asked.contest)
        if asked is None or desk is None or house.sockets.is_full("display"):
            return None
        cursor, handshake = parse_cursor(asked.after, desk.board.epoch), shake(headers, more)
        if handshake is None or position_in(asked.after, desk.epoch) > desk.contest.position:
            return None
        limits: Limits = self._state.limits
        address = limits.address_of(self.client(host, headers))
        if limits.refuses_from(address) is not None:
            return None
        try:
            log = displays.look(house, desk, AUDIENCE, asked.view, address)
        except TooManyViews:
            return None
        house.sockets.came("display")
        limits.came(address)
        return Visit(handshake, DisplaySession(cursor, self._settings.credit_max_frames), house, limits, address, desk, log)

    def client(self, host: str, headers: Mapping[bytes, bytes]) -> str:
        """For whom a reverse proxy asks, as uvicorn's own layer tells it to the application."""
        forwarded = headers.get(b"x-forwarded-for")
        if forwarded is None or host not in self._fronts:
            return host
        return self._fronts.get_trusted_client_address(forwarded.decode("latin-1"))[0] or host


async def _nobody(scope: Any, receive: Any, send: Any) -> None:
    """No application: nothing is passed on."""


class Usher(Impatient):
    """A connection that may become a display's."""

    door: ClassVar[CrowdDoor]

    def handle_websocket_upgrade(self) -> None:
        visit = self._visit()
        if visit is None:
            super().handle_websocket_upgrade()
            cast(DisplaySocket, self.transport.get_protocol()).answer_unasked()
        else:
            self._let_in(visit)
        self.parser = cast(Any, None)  # as uvicorn does where a connection ends: each of them holds the other

    def _let_in(self, visit: Visit) -> None:
        self._leave()
        self.connections.discard(self)
        opened = cast(type[DisplaySocket], self.ws_protocol_class)  # as uvicorn was told
        socket = opened(config=self.config, server_state=self.server_state, app_state=self.app_state)
        socket.connection_made(self.transport)
        self.transport.set_protocol(socket)
        visit.sit(socket)

    def _visit(self) -> Visit | None:
        headers, request = dict(self.headers), (self.scope["method"], self.scope["http_version"])
        is_usual = request == ("GET", "1.1") and len(headers) == len(self.headers) and self._head_bytes <= HEAD_MAX_BYTES
        if not is_usual or self.client is None:
            return None
        return self.door.visit(self.client[0], self.url, headers, self.server_state.default_headers)


def protocol_within(settings: Settings, doors: Doors, door: CrowdDoor) -> type[Usher]:
    """The protocol class for uvicorn."""
    return type("UsherHere", (Usher,), {"settings": settings, "doors": doors, "door": door})
