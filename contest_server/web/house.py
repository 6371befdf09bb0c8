"""What every route needs: the desks, the stores, the settings and the time. Made once with the application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request, WebSocket

from contest_server.core.facts import ContestId, SourceId
from contest_server.ledger.urls import Stores
from contest_server.live.desks import Desks
from contest_server.live.settings import Settings
from contest_server.web.links import VenueLink
from contest_server.web.revoking import Revocations
from contest_server.web.tries import Tries


@dataclass(slots=True)
class House:
    desks: Desks
    stores: Stores
    settings: Settings
    now_us: Callable[[], int]
    revocations: Revocations
    links: dict[tuple[ContestId, SourceId], VenueLink] = field(default_factory=dict)
    venue_sockets: int = 0
    display_sockets: int = 0
    review_sockets: int = 0
    tries: Tries = field(default_factory=Tries)


def house_of(request: Request) -> House:
    house: House = request.app.state.house
    return house


def house_of_socket(socket: WebSocket) -> House:
    house: House = socket.app.state.house
    return house
