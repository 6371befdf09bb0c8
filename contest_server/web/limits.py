"""How much one address and one token may ask of the server. Refuses by name what goes beyond: 429, or a bye that says when to come back.

Addresses of reverse proxies are not limited, because many people stand behind them: those are told apart by X-Forwarded-For.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contest_server.core.saying import Said
from contest_server.live.settings import Settings
from contest_server.web.addresses import Proxies, key_of
from contest_server.web.closing import last_words
from contest_server.web.errors import answer
from contest_server.web.windows import Rate, Windows
from contest_server.wire.messages import SUBPROTOCOL, TOO_FAST, TOO_MANY, Close

log = structlog.get_logger()


class Limits:
    """What has been asked lately, and what is open, by address and by token."""

    def __init__(self, settings: Settings, now_us: Callable[[], int]) -> None:
        windows = Windows(now_us)
        self._proxies = Proxies(settings.trusted_proxies)
        self._requests = Rate(windows, "requests", settings.address_requests_per_s)
        self._by_token = Rate(windows, "token", settings.token_requests_per_s)
        self._sockets = Rate(windows, "sockets", settings.address_sockets_per_s)
        self._address_max, self._token_max = settings.address_sockets_max, settings.token_sockets_max
        self._open: Counter[str] = Counter()

    def wait_s(self, scope: Scope) -> int:
        """0: this request may be answered, and is counted. Otherwise how many seconds to wait before the next."""
        address, token = self._address(scope), token_key(scope)
        wait_s = 0 if address is None else self._requests.wait_s(address)
        return wait_s or (0 if token is None else self._by_token.wait_s(token))

    def refuses(self, scope: Scope) -> Close | None:
        """Why this socket may not open; None: it may."""
        return self.refuses_from(self._address(scope), token_key(scope))

    def refuses_from(self, address: str | None, token: str | None = None) -> Close | None:
        """The same, where it is known already whose limits are asked."""
        if address is not None and self._open[address] >= self._address_max:
            return TOO_MANY
        if token is not None and self._open[token] >= self._token_max:
            return TOO_MANY
        return TOO_FAST if address is not None and self._sockets.wait_s(address) else None

    @contextmanager
    def open_socket(self, scope: Scope) -> Iterator[None]:
        """Counts the socket while it is open."""
        keys = self._address(scope), token_key(scope)
        self.came(*keys)
        try:
            yield
        finally:
            self.left(*keys)

    def came(self, *keys: str | None) -> None:
        """Counts one more socket of each of them, until it has `left`."""
        for key in keys:
            if key is not None:
                self._open[key] += 1

    def left(self, *keys: str | None) -> None:
        for key in keys:
            if key is not None:
                self._open[key] -= 1
                if self._open[key] <= 0:
                    del self._open[key]

    def address_of(self, host: str) -> str | None:
        """The address that is limited; None for a reverse proxy that names nobody, and for the machine itself."""
        return None if self._proxies.has(host) else key_of(host)

    def _address(self, scope: Scope) -> str | None:
        client = scope.get("client")
        return None if client is None else self.address_of(client[0])


def token_key(scope: Scope) -> str | None:
    """What tells tokens apart, good ones or not, without keeping them; None where none was sent."""
    sent = [value for name, value in scope["headers"] if name == b"authorization"]
    return blake2b(b"\n".join(sent), digest_size=16).hexdigest() if sent else None


class LimitsKept:
    """Asks the limits before anything else is done for somebody."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app, self._limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._request(scope, receive, send)
            case "websocket":
                await self._socket(scope, receive, send)
            case _:
                await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait_s = self._limits.wait_s(scope)
        if wait_s == 0:
            await self._app(scope, receive, send)
            return
        refusal = answer(
            429, "too_many_requests", Said("too many requests; try again in {wait_s} s", wait_s=wait_s), {"Retry-After": str(wait_s)}
        )
        await refusal(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        close = self._limits.refuses(scope)
        if close is not None:
            await _turn_away(scope, receive, send, close)
            return
        with self._limits.open_socket(scope):
            await self._app(scope, receive, send)


async def _turn_away(scope: Scope, receive: Receive, send: Send, close: Close) -> None:
    """Open, say why, and close: a browser tells its page nothing about a socket that never opened."""
    await receive()
    subprotocol = SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", []) else None
    accept: Message = {"type": "websocket.accept", "subprotocol": subprotocol, "headers": []}
    for message in (accept, *last_words(close)):
        await send(message)
