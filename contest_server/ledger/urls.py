"""One URL says where everything is kept. Refuses what this version cannot open, before anything is touched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contest_server.ledger.lane import Lane
from contest_server.ledger.memory import MemoryLedger
from contest_server.ledger.officials import MemoryOfficials, Officials, SqliteOfficials
from contest_server.ledger.people import MemoryPeople, People, SqlitePeople
from contest_server.ledger.sealed import SealedLedger
from contest_server.ledger.seals import MemorySeals, Seals, SqliteSeals
from contest_server.ledger.sqlite import SqliteLedger
from contest_server.ledger.tokens import MemoryTokens, SqliteTokens, Tokens

DEFAULT_URL = "sqlite:///contest.db"
MEMORY_URL = "memory:"
_SQLITE = "sqlite:///"


class BadUrl(ValueError):
    """The URL names no store that this version can open."""


@dataclass(frozen=True, slots=True)
class Stores:
    """All that is kept at one URL."""

    ledger: SealedLedger
    people: People
    tokens: Tokens
    officials: Officials
    seals: Seals

    async def close(self) -> None:
        await self.ledger.close()


def file_of(url: str) -> Path | None:
    """The file that a URL names; None for `memory:`. Raises BadUrl."""
    if url == MEMORY_URL:
        return None
    if url.startswith(("postgresql:", "postgres:", "postgresql+")):
        raise BadUrl("PostgreSQL arrives in a later version; use sqlite:///contest.db")
    if url.startswith(_SQLITE) and len(url) > len(_SQLITE) and "\0" not in url:
        return Path(url.removeprefix(_SQLITE))
    raise BadUrl(f"{url!r} is not sqlite:///contest.db (relative), sqlite:////absolute/contest.db or memory:")


def open_stores(url: str, *, create: bool = True) -> Stores:
    """Open, and create or upgrade unless it is up to date. May take a second then: call it before serving anybody.

    Raises:
        BadUrl: see there.
        LedgerFault: the file is missing (and `create` is false), not ours, of a newer version, or cannot be opened.
    """
    path = file_of(url)
    if path is None:
        return Stores(MemoryLedger(), MemoryPeople(), MemoryTokens(), MemoryOfficials(), MemorySeals())
    lane = Lane(path, create=create)
    return Stores(SqliteLedger(lane), SqlitePeople(lane), SqliteTokens(lane), SqliteOfficials(lane), SqliteSeals(lane))


def open_ledger(url: str, *, create: bool = True) -> SealedLedger:
    """As `open_stores`, for those who want the ledger alone."""
    return open_stores(url, create=create).ledger
