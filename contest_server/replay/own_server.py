"""A server for one replay: a free port of 127.0.0.1, data that are thrown away afterwards unless a database is named."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import ContestId, Json, VenueId
from contest_server.core.rulebook import Judges
from contest_server.ledger.urls import Stores, open_stores
from contest_server.live.adopting import adopt
from contest_server.live.settings import Settings
from contest_server.web.serving import serving

RATE_PER_S = 100_000
"""A replay's own server takes what its disk takes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a replay goes: the server, the contest there, and the tokens to speak with. Without `staff`: as the public sees it."""

    url: str
    contest: ContestId
    venues: Mapping[VenueId, str]
    staff: str | None = None

    def venue_url(self, venue: VenueId) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/api/contests/{self.contest}/venues/{venue}/events"


async def prepare(stores: Stores, document: Json, judges: Judges, now_us: int) -> tuple[ContestId, dict[VenueId, str], str]:
    """Adopt the definition, and issue a token for each venue and one for staff.

    Raises:
        DefinitionError: with every fault of the document.
        VersionTaken: the database holds this contest with another definition.
    """
    definition = read_definition(document)
    await adopt(stores, compile_rulebook(definition, judges), "replay", now_us)
    contest = ContestId(definition.contest.id)
    venues = {}
    for venue in definition.venues:
        issued = await stores.tokens.issue("venue", now_us, contest, VenueId(venue.id), "replay")
        venues[VenueId(venue.id)] = issued.secret
    staff = await stores.tokens.issue("staff", now_us, contest, None, "replay")
    return contest, venues, staff.secret


@asynccontextmanager
async def own_server(document: Json, judges: Judges, clock: Callable[[], int], db: str | None = None) -> AsyncIterator[Place]:
    """A server that lives as long as this block, with the definition adopted, on the given clock."""
    with _database(db) as url:
        stores = open_stores(url)
        try:
            contest, venues, staff = await prepare(stores, document, judges, clock())
            settings = Settings(db=url, host="127.0.0.1", port=0, venue_rate_per_s=RATE_PER_S)
            async with serving(stores, judges, settings, clock) as address:
                yield Place(address, contest, venues, staff)
        finally:
            await stores.close()


@contextmanager
def _database(db: str | None) -> Iterator[str]:
    if db is not None:
        yield db
        return
    with tempfile.TemporaryDirectory(prefix="contest-replay-") as folder:
        yield f"sqlite:///{Path(folder) / 'replay.db'}"
