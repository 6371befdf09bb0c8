"""The port over a WebSocket. Refuses a server that turns the token away; everything that may pass by itself is tried again."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from contest_server.agent.messages import SUBPROTOCOL
from contest_server.agent.port import Parted, Port
from contest_server.agent.store import Binding

OPEN_WAIT_S = 10
CLOSE_WAIT_S = 2
PING_EVERY_S = 10
PONG_WAIT_S = 10
RECEIVED_BYTES_MAX = 1_048_576
PASSING_STATUSES = frozenset({404, 408, 425, 429})
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


def endpoint(server: str, binding: Binding) -> Endpoint:
    """From http://HOST:PORT, with a path if the server has one. Raises ValueError."""
    parts = urlsplit(server)
    scheme = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}.get(parts.scheme)
    if scheme is None or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"{server!r} is not like http://HOST:8000")
    _ = parts.port  # raises for one that is none
    path = f"{parts.path.rstrip('/')}/api/contests/{quote(binding.contest, safe='')}/venues/{quote(binding.venue, safe='')}/events"
    return Endpoint(urlunsplit((scheme, parts.netloc, path, "", "")), _is_loopback(parts.hostname))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class _Socket:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str, /) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed as closed:
            raise parted(closed) from closed

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except ConnectionClosed as closed:
            raise parted(closed) from closed


def parted(closed: ConnectionClosed) -> Parted:
    """4500 to 4999 are the server's word that trying again does not help."""
    code = 1006 if closed.rcvd is None else closed.rcvd.code
    reason = (
        "the connection broke"
        if closed.rcvd is None
        else f"closed by the server ({code}{closed.rcvd.reason and ': ' + closed.rcvd.reason})"
    )
    return Parted(reason, retry=not 4500 <= code <= 4999, too_big=code == TOO_BIG, replaced=code == REPLACED)


def turned_away(refusal: InvalidStatus) -> Parted:
    status = refusal.response.status_code
    said = (refusal.response.body or b"")[:200].decode("utf-8", "replace").strip()
    retry = status >= 500 or status in PASSING_STATUSES or 200 <= status < 400
    meaning = {401: "the token is not known", 403: "the token is not for this venue", 404: "there is no such contest or venue (yet)"}.get(
        status, ""
    )
    return Parted(" ".join(filter(None, (f"the server answers {status}", meaning and f"({meaning})", said))), retry=retry)


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
        )
    except InvalidStatus as refusal:
        raise turned_away(refusal) from refusal
    except TimeoutError as fault:
        raise Parted(f"no answer within {OPEN_WAIT_S} s") from fault
    except OSError as fault:
        raise Parted(fault.strerror or str(fault) or type(fault).__name__) from fault
    except (InvalidHandshake, WebSocketException) as fault:
        raise Parted(f"not a WebSocket of {SUBPROTOCOL}: {fault}") from fault
    try:
        yield _Socket(connection)
    finally:
        await connection.close()
