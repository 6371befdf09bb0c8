"""Bodies of requests. Refuses what is too long (413) and what is packed (415), before anything reads it.

A long body is read only where one belongs, and only from somebody who may send it: to look through one costs the server more than its
sender, and the framework does so before it asks the route who may.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contest_server.core.denials import Denied
from contest_server.core.ids import ContestId, VenueId
from contest_server.core.saying import Said
from contest_server.ledger.port import LedgerFault
from contest_server.live.desks import UnknownContest
from contest_server.live.inbox import DeskClosed
from contest_server.live.settings import Settings
from contest_server.web.access import allow, known_by
from contest_server.web.errors import BodyTooLong, NotAllowed, answer
from contest_server.web.house import House

STRANGERS_MAX_BYTES = 16_384
"""Where strangers are let in, from one of them: a name and a password, or the secret of a code."""
FOR_STRANGERS = re.compile(r"/api/(contests/[^/]+/)?log(in|out)|/api/displays/pairings(/poll)?")
DEFINITION_MAX_BYTES = 16_777_216
"""A definition with all its contestants."""
VALUES_MAX = 4_000
"""So many commas in a body that the framework reads, which looks for what is wrong with each value, where everybody waits for it."""
WITH_DEFINITIONS = re.compile(r"/api/contests(/[^/]+/rejudgings)?/?|/api/builder/(check|toml|open|dry-run|contestants)")
WITH_EVENTS = re.compile(r"/api/contests/(?P<contest>[^/]+)/venues/(?P<venue>[^/]+)/events")
WITH_MANY_VALUES = re.compile(rf"{WITH_DEFINITIONS.pattern}|/api/builder/.*|/api/contests/[^/]+/venues/[^/]+/events")
ACTIONS = (
    (WITH_EVENTS, "events.send"),
    (re.compile(r"/api/contests/(?P<contest>[^/]+)/rejudgings/?"), "rules.change"),
    (re.compile(r"/api/contests/?"), "contest.adopt"),
    (re.compile(r"/api/builder/.*"), "build"),
)
"""What is done by sending a long body to an address."""


class BodiesWithin:
    """Counts what is read of a body, and lets nobody read on beyond its limit."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._max_bytes, self._events_max_bytes = app, settings.body_max_bytes, settings.message_max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            refusal = answer(415, "unsupported_encoding", Said("send the body as it is, without Content-Encoding"))
            await refusal(scope, receive, send)
            return
        length_bytes = _length(headers)
        max_bytes = await self._limit(scope, headers, length_bytes)
        if length_bytes is not None and length_bytes > max_bytes:
            await answer(413, "too_large", _too_large(max_bytes))(scope, receive, send)
        else:
            max_values = max_bytes if WITH_MANY_VALUES.fullmatch(scope["path"]) else VALUES_MAX
            await self._app(scope, _counting(receive, max_bytes, max_values), send)

    async def _limit(self, scope: Scope, headers: Headers, length_bytes: int | None) -> int:
        """How long this body may be, in bytes. Who it is from is asked only where that matters."""
        path, max_bytes = scope["path"], self._max_bytes
        if FOR_STRANGERS.fullmatch(path):
            for_all_bytes = min(STRANGERS_MAX_BYTES, max_bytes)
            is_short = length_bytes is not None and length_bytes <= for_all_bytes
            return max_bytes if is_short or await _is_known(scope, headers) else for_all_bytes
        if WITH_DEFINITIONS.fullmatch(path):
            max_bytes = max(max_bytes, DEFINITION_MAX_BYTES)
        elif WITH_EVENTS.fullmatch(path):
            max_bytes = max(max_bytes, self._events_max_bytes)
        is_long = length_bytes is None or length_bytes > self._max_bytes
        return max_bytes if not is_long or max_bytes == self._max_bytes or await _may_send(scope, headers) else self._max_bytes


async def _is_known(scope: Scope, headers: Headers) -> bool:
    """Whether somebody sends it who has a token or is logged in. Where the ledger does not answer, the route says so, and nobody that it
    is too long: a venue sends its events once more.
    """
    try:
        return await known_by(headers, scope["app"].state.house) is not None
    except LedgerFault:
        return True


async def _may_send(scope: Scope, headers: Headers) -> bool:
    """Whether somebody sends it who may. The route asks again; a ledger that does not answer knows nobody."""
    house: House = scope["app"].state.house
    found, action = next((match, action) for path, action in ACTIONS if (match := path.fullmatch(scope["path"])))
    parts = found.groupdict()
    contest = ContestId(parts["contest"]) if "contest" in parts else None
    venue = VenueId(parts["venue"]) if "venue" in parts else None
    try:
        await allow(headers, house, action, contest, venue)
    except (NotAllowed, Denied, UnknownContest, DeskClosed, LedgerFault):
        return False
    return True


def _length(headers: Headers) -> int | None:
    """What the request says of its length; None where it does not."""
    if "transfer-encoding" in headers:
        return None
    text = headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() else None


def _counting(receive: Receive, max_bytes: int, max_values: int) -> Receive:
    read_bytes = values = 0

    async def counted() -> Message:
        nonlocal read_bytes, values
        message = await receive()
        part = message.get("body", b"")
        read_bytes, values = read_bytes + len(part), values + part.count(b",")
        if read_bytes > max_bytes:
            raise BodyTooLong(_too_large(max_bytes))
        if values > max_values:
            raise BodyTooLong(Said("more than {most} values in one body", most=max_values))
        return message

    return counted


def _too_large(max_bytes: int) -> Said:
    return Said("more than {most} bytes in one body", most=max_bytes)
