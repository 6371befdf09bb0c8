"""The port over a WebSocket. Refuses a server that turns the token away; everything that may pass by itself is tried again."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from contest_server.agent.addresses import shown
from contest_server.agent.messages import SUBPROTOCOL
from contest_server.agent.port import Parted, Port
from contest_server.agent.store import Binding
from contest_server.core.saying import Said, Text

OPEN_WAIT_S = 10
CLOSE_WAIT_S = 2
PING_EVERY_S = 10
PONG_WAIT_S = 10
RECEIVED_BYTES_MAX = 1_048_576
UNWRITTEN_BYTES_MAX = 16_777_216
"""Many times what a link has under way: nobody who writes is held up. Behind one who is, the library's pings and its goodbye would wait as
long as the system tries to reach a peer that has vanished, which is a quarter of an hour."""
NEXT_ADDRESS_AFTER_S = 0.25
"""Of a name with several addresses one may lead nowhere: the next is tried beside it."""
PASSING_STATUSES = frozenset({404, 408, 425, 429})
MEANINGS: Mapping[int, Text] = {
    401: Said(" (the token is not known)"),
    403: Said(" (the token is not for this venue)"),
    404: Said(" (there is no such contest or venue (yet))"),
}
TOO_BIG = 1009
REPLACED = 4502


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one venue's events go."""

    url: str
    loopback: bool

    @property
    def secret_in_the_clear(self) -> bool:
        return self.url.startswith("ws://") and not self.loopback


class BadServer(ValueError):
    """It names no server. Whoever typed it has to change it."""


def endpoint(server: str, binding: Binding) -> Endpoint:
    """From http://HOST:PORT, with a path if the server has one. Raises BadServer."""
    try:
        parts = urlsplit(server)
        _ = parts.port  # raises for one that is none
    except ValueError:
        raise _no_server(server) from None
    scheme = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}.get(parts.scheme)
    if scheme is None or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise _no_server(server)
    path = f"{parts.path.rstrip('/')}/api/contests/{quote(binding.contest, safe='')}/venues/{quote(binding.venue, safe='')}/events"
    return Endpoint(urlunsplit((scheme, parts.netloc, path, "", "")), _is_loopback(parts.hostname))


def _no_server(server: str) -> BadServer:
    return BadServer(Said("{server!r} is not like http://HOST:8000", server=shown(server)))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class _Socket:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str, /) -> None:
        with _until_it_ends():
            await self._connection.send(text)

    async def receive(self) -> str | bytes:
        with _until_it_ends():
            return await self._connection.recv()


@contextmanager
def _until_it_ends() -> Iterator[None]:
    """Raises Parted where the connection is over."""
    try:
        yield
    except ConnectionClosed as closed:
        raise parted(closed) from closed
    except AttributeError as fault:  # by a transport of CPython that is aborted after it has ended by itself
        raise Parted(Said("the connection broke")) from fault


def parted(closed: ConnectionClosed) -> Parted:
    """4500 to 4999 are the server's word that trying again does not help."""
    code = 1006 if closed.rcvd is None else closed.rcvd.code
    why = "" if closed.rcvd is None or not closed.rcvd.reason else f": {closed.rcvd.reason}"
    broke = closed.rcvd is None
    reason = Said("the connection broke") if broke else Said("closed by the server ({code}{why})", code=code, why=why)
    return Parted(reason, retry=not 4500 <= code <= 4999, too_big=code == TOO_BIG, replaced=code == REPLACED)


def turned_away(refusal: InvalidStatus) -> Parted:
    status = refusal.response.status_code
    said = (refusal.response.body or b"")[:200].decode("utf-8", "replace").strip()
    retry = status >= 500 or status in PASSING_STATUSES or 200 <= status < 400
    meaning, its_words = MEANINGS.get(status, ""), f" {said}" if said else ""
    return Parted(Said("the server answers {status}{meaning}{its_words}", status=status, meaning=meaning, its_words=its_words), retry=retry)


@asynccontextmanager
async def connected(where: Endpoint, token: str | None) -> AsyncIterator[Port]:
    """A connection that is closed at the end of the block. Raises Parted."""
    try:
        connection = await connect(
            where.url,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            additional_headers={} if token is None else {"Authorization": f"Bearer {token}"},
            compression=None,
            proxy=None if where.loopback else True,
            open_timeout=OPEN_WAIT_S,
            close_timeout=CLOSE_WAIT_S,
            ping_interval=PING_EVERY_S,
            ping_timeout=PONG_WAIT_S,
            max_size=RECEIVED_BYTES_MAX,
            write_limit=UNWRITTEN_BYTES_MAX,
            happy_eyeballs_delay=None if where.loopback else NEXT_ADDRESS_AFTER_S,  # one that is cut short holds its socket for a while
        )
    except InvalidStatus as refusal:
        raise turned_away(refusal) from refusal
    except TimeoutError as fault:
        raise Parted(Said("no answer within {wait_s} s", wait_s=OPEN_WAIT_S)) from fault
    except OSError as fault:
        raise Parted(Said("no connection: {fault}", fault=fault.strerror or str(fault) or type(fault).__name__)) from fault
    except (InvalidHandshake, WebSocketException) as fault:
        raise Parted(Said("not a WebSocket of {protocol}: {fault}", protocol=SUBPROTOCOL, fault=str(fault))) from fault
    try:
        yield _Socket(connection)
    finally:
        with suppress(Parted), _until_it_ends():
            await connection.close()
