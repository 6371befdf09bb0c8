"""One URL says where everything is kept. Refuses what this version cannot open, before anything is touched."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from contest_server.ledger.accounts import Accounts
from contest_server.ledger.checkpoints import Checkpoints
from contest_server.ledger.database_url import file_of, is_postgres
from contest_server.ledger.lane import Lane
from contest_server.ledger.memory import MemoryLedger
from contest_server.ledger.memory_tables import MemoryTables
from contest_server.ledger.notes import Notes
from contest_server.ledger.officials import MemoryOfficials, Officials, TableOfficials
from contest_server.ledger.pairings import Pairings
from contest_server.ledger.passwords import careful, light
from contest_server.ledger.people import MemoryPeople, People, TablePeople
from contest_server.ledger.sealed import SealedLedger
from contest_server.ledger.seals import MemorySeals, Seals, TableSeals
from contest_server.ledger.sqlite import SqliteLedger
from contest_server.ledger.tables import SqliteTables, Tables
from contest_server.ledger.tokens import TableTokens, Tokens


@dataclass(frozen=True, slots=True)
class Stores:
    """All that is kept at one URL."""

    ledger: SealedLedger
    people: People
    tokens: Tokens
    officials: Officials
    seals: Seals
    accounts: Accounts
    pairings: Pairings
    notes: Notes
    checkpoints: Checkpoints
    tables: Tables
    """What the small stores are kept in, for whoever copies all of it."""
    upgraded_from: str | None = None
    """The revision of the tables that were of an older version until this program opened them; None: they were not."""

    async def close(self) -> None:
        await self.ledger.close()


def open_stores(url: str, *, create: bool = True) -> Stores:
    """Open, and create or upgrade unless it is up to date. May take a second then: call it before serving anybody.

    What was upgraded is closed to programs of the version before: their servers are not ready any more, and none of them starts again.

    Raises:
        BadUrl: see there.
        LedgerFault: the database is missing (for a file: and `create` is false), not ours, of a newer version, or cannot be opened.
    """
    return _opened(url, create=create, older_stays=False)


def open_ledger(url: str, *, create: bool = True) -> SealedLedger:
    """As `open_stores`, for those who want the ledger alone, which is in every version what it was in the first. Unless it may be created,
    tables of an older version stay as they are: its servers go on.
    """
    return _opened(url, create=create, older_stays=not create).ledger


def _opened(url: str, *, create: bool, older_stays: bool) -> Stores:
    if is_postgres(url):
        return _postgres_stores(url, older_stays)
    path = file_of(url)
    if path is None:
        return _memory_stores()
    lane = Lane(path, create=create, older_stays=older_stays)
    return _stores(SqliteLedger(lane), SqliteTables(lane), lane.upgraded_from)


def _stores(ledger: SealedLedger, tables: Tables, upgraded_from: str | None) -> Stores:
    people, tokens, officials, seals = TablePeople(tables), TableTokens(tables), TableOfficials(tables), TableSeals(tables)
    accounts, pairings, notes, checkpoints = Accounts(tables, careful()), Pairings(tables), Notes(tables), Checkpoints(tables)
    return Stores(ledger, people, tokens, officials, seals, accounts, pairings, notes, checkpoints, tables, upgraded_from)


def _memory_stores() -> Stores:
    tables = MemoryTables()
    tokens, accounts, pairings, notes = TableTokens(tables), Accounts(tables, light()), Pairings(tables), Notes(tables)
    small = accounts, pairings, notes, Checkpoints(tables)
    return Stores(MemoryLedger(), MemoryPeople(), tokens, MemoryOfficials(), MemorySeals(), *small, tables)


def _postgres_stores(url: str, older_stays: bool) -> Stores:
    """Imports what PostgreSQL needs only where it is used: a command on a file starts faster without."""
    from contest_server.ledger.postgres import PostgresLedger
    from contest_server.ledger.postgres_link import Link
    from contest_server.ledger.postgres_migrating import upgrade
    from contest_server.ledger.postgres_tables import PostgresTables

    with ThreadPoolExecutor(1) as thread:  # the caller may have an event loop of its own
        upgraded_from = thread.submit(upgrade, url, older_stays=older_stays).result()
    link = Link(url)
    return _stores(PostgresLedger(link), PostgresTables(link), upgraded_from)
