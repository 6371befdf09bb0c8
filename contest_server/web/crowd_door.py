"""Displays come in crowds, all at once after every cut: their socket is found before all other routes, and nothing is reckoned on the way.

It is the declared route's own door: the same path, and whoever comes is asked by the same function. Everything else goes on to the routes.
"""

from __future__ import annotations

from typing import Final

from fastapi import WebSocket
from fastapi.routing import APIWebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from contest_server.web import displays
from contest_server.web.rights import needed_by


def _declared() -> APIWebSocketRoute:
    """The route as it is described and tested."""
    [route] = [each for each in displays.router.routes if isinstance(each, APIWebSocketRoute)]
    assert needed_by(route) is not None, "the board's socket names no action of core/roles.py"
    return route


class CrowdDoor:
    """The innermost layer before the routes: limits and cookies were seen to already."""

    _path: Final = _declared().path_regex

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._path.match(scope["path"]) if scope["type"] == "websocket" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        socket = WebSocket(scope, receive, send)
        asked = socket.query_params
        await displays.follow(socket, found["contest"], asked.get("audience", "public"), asked.get("view", "all"), asked.get("after", ""))
