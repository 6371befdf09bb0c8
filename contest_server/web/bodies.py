"""Bodies of requests. Refuses what is too long (413) and what is packed (415), before anything reads it."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contest_server.live.settings import Settings
from contest_server.web.errors import answer

DEFINITION_MAX_BYTES = 16_777_216
"""A definition with all its contestants, which only few routes take."""
WITH_DEFINITIONS = re.compile(r"/api/contests(/[^/]+/rejudgings)?/?")


class BodiesWithin:
    """Counts what is read of a body, and lets nobody read on beyond its limit."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._max_bytes = app, max(settings.body_max_bytes, settings.message_max_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        headers, max_bytes = Headers(scope=scope), self._limit(scope["path"])
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            refusal = answer(415, "unsupported_encoding", "send the body as it is, without Content-Encoding")
            await refusal(scope, receive, send)
        elif _length(headers) > max_bytes:
            await answer(413, "too_large", _too_large(max_bytes))(scope, receive, send)
        else:
            await self._app(scope, _counting(receive, max_bytes), send)

    def _limit(self, path: str) -> int:
        return max(self._max_bytes, DEFINITION_MAX_BYTES) if WITH_DEFINITIONS.fullmatch(path) else self._max_bytes


def _length(headers: Headers) -> int:
    """What the request says of its length; the server has refused what is no number."""
    text = headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() else 0


def _counting(receive: Receive, max_bytes: int) -> Receive:
    read_bytes = 0

    async def counted() -> Message:
        nonlocal read_bytes
        message = await receive()
        read_bytes += len(message.get("body", b""))
        if read_bytes > max_bytes:
            raise HTTPException(413, _too_large(max_bytes))
        return message

    return counted


def _too_large(max_bytes: int) -> str:
    return f"more than {max_bytes} bytes in one body"
