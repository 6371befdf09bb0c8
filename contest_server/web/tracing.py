"""Every request has an id: what is logged on its way carries it, and so does the answer. Counts answers by the class of their status."""

from __future__ import annotations

import re
import secrets

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from contest_server.web.house import House

HEADER = b"x-request-id"
_GOOD = re.compile(rb"[A-Za-z0-9_.\-]{1,64}")


class Tracing:
    """The outermost layer. An id that a proxy gave is kept, if it is one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (HEADER, request_id)]
                house: House | None = getattr(scope["app"].state, "house", None)
                if house is not None:
                    house.answers[message["status"] // 100] += 1
            await send(message)

        with bound_contextvars(request=request_id.decode()):
            await self._app(scope, receive, sending if scope["type"] == "http" else send)


def _request_id(scope: Scope) -> bytes:
    given: bytes = next((value for name, value in scope["headers"] if name == HEADER), b"")
    return given if _GOOD.fullmatch(given) else secrets.token_hex(8).encode()


def install(app: FastAPI) -> None:
    app.add_middleware(Tracing)
