"""Long answers of the API leave as gzip where that is taken: whoever polls a board shares a thin line. Small ones stay as they are.

What lets somebody in is never packed. Where a secret stands beside what somebody else chose, the length of what is packed tells on it
(BREACH). Secrets are answered to POST alone, so only GET is packed, and what is asked about drafts of definitions, where no secret is.
Sockets pack their own frames (`live/coding.py`).
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Receive, Scope, Send

from contest_server.web.bodies import WITH_DEFINITIONS

MIN_BYTES: Final = 4_096
"""Below it a packet or two are saved at most."""
LEVEL: Final = 1
"""A board becomes a sixth of its length by it; the best level makes it a ninth, in eighteen times the time."""
IN_A_THREAD_BYTES: Final = 65_536
"""What is packed on the spot holds up everything else for a quarter of a millisecond at most."""
AS_THEY_ARE: Final = ("image/*", "font/*", "text/html", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
"""What is packed already, or no table."""
DOCUMENTS: Final = frozenset({"/openapi.json", "/asyncapi.json"})


class Gzipped:
    """Packs as the answer is made: a body in one piece in a thread, a stream chunk by chunk."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not may_be_packed(scope):
            await self._app(scope, receive, send)
        elif takes_gzip(Headers(scope=scope)):
            responder = GZipResponder(self._app, MIN_BYTES, LEVEL, thread_minimum_size=IN_A_THREAD_BYTES, exclude_content_types=AS_THEY_ARE)
            await responder(scope, receive, send)
        else:  # says that the answer depends on it, for whoever keeps answers
            await IdentityResponder(self._app, MIN_BYTES, exclude_content_types=AS_THEY_ARE)(scope, receive, send)


def may_be_packed(scope: Scope) -> bool:
    """Whether its answer holds nothing that lets anybody in, whatever it turns out to be."""
    path: str = scope["path"]
    if scope["method"] == "GET":
        return path.startswith("/api/") or path in DOCUMENTS
    return scope["method"] == "POST" and WITH_DEFINITIONS.fullmatch(path) is not None


def takes_gzip(asked: Headers) -> bool:
    """Whether gzip is among what this client takes, and not with a weight of 0."""
    offered = [each.replace(" ", "").lower().partition(";q=") for each in asked.get("accept-encoding", "").split(",")]
    return any(name == "gzip" and (not q or weight.strip("0.") != "") for name, q, weight in offered)
