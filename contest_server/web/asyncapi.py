"""The sockets as an AsyncAPI 3.0 document, made from the message types themselves."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from fastapi import APIRouter

from contest_server import __version__
from contest_server.core.rows import Row
from contest_server.web.rights import needs
from contest_server.wire import messages as m
from contest_server.wire import reviews as r
from contest_server.wire import screens as s

router = APIRouter(tags=["sockets"])

VENUE = "/api/contests/{contest}/venues/{venue}/events"
BOARD = "/api/contests/{contest}/board"
REVIEWS = "/api/contests/{contest}/reviews"
SCREEN = "/api/contests/{contest}/screens/me"

FROM_VENUE = (m.VenueHello, m.VenueEvents, m.VenueTime)
TO_VENUE = (m.Welcome, m.Ack, m.Refusal, m.Time, m.ClockNotice, m.Bye)
FROM_DISPLAY = (m.Painted,)
TO_DISPLAY = (m.FrameMessage, m.Beat, m.Bye)
FROM_OFFICIAL = (r.ReviewHello, r.Look, r.Leave)
FROM_SCREEN = (s.ScreenHello, s.ScreenShown)
TO_SCREEN = (s.ProgramMessage, m.Beat, m.Bye)
TO_OFFICIAL = (r.ReviewWelcome, r.QueueMessage, r.ReviewBeat, m.Bye)


@router.get("/asyncapi.json", dependencies=[needs("pages.read")])
async def asyncapi() -> dict[str, Any]:
    """The messages of the sockets, described by AsyncAPI 3.0."""
    return document()


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole document."""
    types = [*FROM_VENUE, *TO_VENUE, *FROM_DISPLAY, *TO_DISPLAY, *FROM_OFFICIAL, *TO_OFFICIAL, *FROM_SCREEN, *TO_SCREEN, Row]
    _, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Contest server, sockets", "version": __version__, "description": f"Subprotocol `{m.SUBPROTOCOL}`. {_closes()}"},
        "defaultContentType": "application/json",
        "channels": _channels(),
        "operations": {
            "fromVenue": _operation("receive", "venue", FROM_VENUE),
            "toVenue": _operation("send", "venue", TO_VENUE),
            "fromDisplay": _operation("receive", "board", FROM_DISPLAY),
            "toDisplay": _operation("send", "board", TO_DISPLAY),
            "fromOfficial": _operation("receive", "reviews", FROM_OFFICIAL),
            "toOfficial": _operation("send", "reviews", TO_OFFICIAL),
            "fromScreen": _operation("receive", "screen", FROM_SCREEN),
            "toScreen": _operation("send", "screen", TO_SCREEN),
        },
        "components": {
            "schemas": schemas,
            "messages": {kind.__name__: _message(kind) for kind in dict.fromkeys(types[:-1])},
        },
    }


def _channels() -> dict[str, Any]:
    """Each socket with all messages of both directions."""
    return {
        "venue": _channel(VENUE, (*FROM_VENUE, *TO_VENUE), ("contest", "venue"), "A venue's stream of events. Bearer token of that venue."),
        "board": _channel(
            BOARD, (*FROM_DISPLAY, *TO_DISPLAY), ("contest",), "A display's board; query: audience, view, after=EPOCH:POSITION."
        ),
        "reviews": _channel(
            REVIEWS,
            (*FROM_OFFICIAL, *TO_OFFICIAL),
            ("contest",),
            "The review queue, for officials: by cookie, header, or first message.",
        ),
        "screen": _channel(
            SCREEN,
            (*FROM_SCREEN, *TO_SCREEN),
            ("contest",),
            "What a paired screen is to show: token by header, or in its first message.",
        ),
    }


def _channel(address: str, kinds: tuple[type[Any], ...], parameters: tuple[str, ...], description: str) -> dict[str, Any]:
    return {
        "address": address,
        "description": description,
        "parameters": {name: {"description": f"id of the {name}"} for name in parameters},
        "messages": {kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"} for kind in dict.fromkeys(kinds)},
    }


def _operation(action: str, channel: str, kinds: tuple[type[Any], ...]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{kind.__name__}"} for kind in kinds],
    }


def _message(kind: type[Any]) -> dict[str, Any]:
    summary = (kind.__doc__ or kind.__name__).strip().split("\n")[0]
    return {"name": kind.__name__, "summary": summary, "payload": {"$ref": f"#/components/schemas/{kind.__name__}"}}


def _closes() -> str:
    return (
        "Close codes: " + ", ".join(f"{close.status} {close.code}" for close in m.CLOSES) + ". 4000-4499: connect again; 4500-4999: do not."
    )
