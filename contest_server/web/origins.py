"""Cookies count only where a page of this server sent them. What the page of another site sends along is taken away before anybody looks.

Browsers name the page with whatever changes something, and with sockets (Origin, Sec-Fetch-Site). Programs name none, and have tokens.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

FOREIGN_SITES = ("cross-site", "same-site")
"""A page of another port or a sibling domain is `same-site`: SameSite=Strict lets its cookies through, this does not."""

COMES_FROM_ELSEWHERE = "/api/oidc/callback"
"""An identity provider sends the browser here; its answer is bound to a cookie of its own, which lets nobody in."""


class OwnCookiesOnly:
    """Passes requests and sockets on, those of foreign pages without their cookies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and scope["path"] != COMES_FROM_ELSEWHERE and is_foreign(Headers(scope=scope)):
            scope = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"cookie"]}
        await self._app(scope, receive, send)


def is_foreign(headers: Headers) -> bool:
    """Whether the page of another site asks. Who names no page is no page."""
    if headers.get("sec-fetch-site") in FOREIGN_SITES:
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    except ValueError:
        return True
