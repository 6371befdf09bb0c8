"""What every route needs: the desks, the stores, the settings and the time. Made once with the application."""

from __future__ import annotations

from asyncio import Event, Lock
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request, WebSocket

from contest_server.core.facts import ContestId, SourceId
from contest_server.ledger.pairings import OPEN_US
from contest_server.ledger.urls import Stores
from contest_server.live.archive import Archive
from contest_server.live.desks import Desks
from contest_server.live.ledger_watch import LedgerWatch
from contest_server.live.pulse import Pulse
from contest_server.live.settings import Settings
from contest_server.live.stands import Stands
from contest_server.live.supposing import Suppositions
from contest_server.web.aside import Aside
from contest_server.web.browsers import Browsers
from contest_server.web.links import VenueLink
from contest_server.web.onlookers import Onlookers
from contest_server.web.open_sockets import OpenSockets
from contest_server.web.outboxes import Outboxes
from contest_server.web.revoking import Revocations
from contest_server.web.roll import Roll
from contest_server.web.rosters import Rosters
from contest_server.web.tries import Tries

CODES_MAX_AN_ADDRESS = 60
"""Within the time that a code stands: so many screens of one hall may ask at once."""


@dataclass(slots=True)
class House:
    desks: Desks
    stores: Stores
    settings: Settings
    now_us: Callable[[], int]
    revocations: Revocations
    stands: Stands
    links: dict[tuple[ContestId, SourceId], VenueLink] = field(default_factory=dict)
    tries: Tries = field(default_factory=Tries)
    browsers: Browsers = field(default_factory=Browsers)
    codes: Tries = field(default_factory=lambda: Tries(CODES_MAX_AN_ADDRESS, OPEN_US))
    """How many codes for screens each address asked for lately."""
    onlookers: Onlookers = field(default_factory=Onlookers)
    outboxes: Outboxes = field(default_factory=Outboxes)
    pulse: Pulse = field(default_factory=Pulse)
    archive: Archive = field(default_factory=Archive)
    suppositions: Suppositions = field(default_factory=Suppositions)
    aside: Aside = field(init=False)
    """Where long bodies are read."""
    rosters: Rosters = field(init=False)
    sockets: OpenSockets = field(init=False)
    ledger_watch: LedgerWatch = field(init=False)
    roll: Roll = field(init=False)
    answers: Counter[int] = field(default_factory=Counter)
    """How many answers over HTTP were given, by the first digit of their status."""
    gallery: bytes | None = None
    """The rules that are installed, with their examples, once somebody has asked for them."""
    gallery_lock: Lock = field(default_factory=Lock)
    dry_run: Lock = field(default_factory=Lock)
    """Held while a draft is played through."""
    is_draining: bool = False
    """This server ends: who looks for one that is ready goes elsewhere."""
    over: Event = field(default_factory=Event)
    """What goes round beside the requests has ended, by itself or with the server: no request can be served any more."""

    def __post_init__(self) -> None:
        self.aside = Aside(self.desks.judges)
        self.rosters = Rosters(self.stores.people)
        self.sockets = OpenSockets(self.settings)
        self.ledger_watch = LedgerWatch(self.stores.ledger)
        self.roll = Roll(self.stores.notes, self.links, self.outboxes, self.now_us)


def house_of(request: Request) -> House:
    house: House = request.app.state.house
    return house


def house_of_socket(socket: WebSocket) -> House:
    house: House = socket.app.state.house
    return house
