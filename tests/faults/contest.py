"""The contest of a fault run: as many venues as asked for, four contestants each, three stages that hold on to each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import VenueId
from contest_server.ledger.urls import open_stores
from contest_server.live.adopting import adopt
from contest_server.live.now import now_us
from tests.contests import CUP, JUDGES, Json, document

PEOPLE_A_VENUE = 4
MINUTES = 600


def venue_name(number: int) -> str:
    return f"city-{number:03}"


def people_of(venue: str) -> tuple[str, ...]:
    return tuple(f"{venue}-{letter}" for letter in "ABCD"[:PEOPLE_A_VENUE])


def begins() -> datetime:
    """An hour ago: the contest is running."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


def definition(venues: int, starts: datetime) -> Json:
    names = [venue_name(number) for number in range(1, venues + 1)]
    return document(
        contest={"starts": starts.isoformat(), "minutes": MINUTES},
        venues=[{"id": name} for name in names],
        contestants=[{"id": person, "venue": name} for name in names for person in people_of(name)],
        officials=[],
    )


async def adopt_and_let_in(url: str, document_: Json) -> dict[str, str]:
    """Adopt the contest at this database; the secrets of its venues, by name."""
    stores = open_stores(url)
    try:
        await adopt(stores, compile_rulebook(read_definition(document_), JUDGES), "fault run", now_us())
        names = [venue["id"] for venue in document_["venues"]]
        return {name: (await stores.tokens.issue("venue", now_us(), CUP, VenueId(name))).secret for name in names}
    finally:
        await stores.close()
