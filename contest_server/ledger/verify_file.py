"""Verifies the ledgers in a SQLite file as they lie there. Only reads: it neither upgrades nor repairs anything."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import starmap
from pathlib import Path

from contest_server.core.facts import ContestId
from contest_server.core.saying import Said, said_by
from contest_server.ledger.chain import Stored
from contest_server.ledger.migrating import revision_of
from contest_server.ledger.port import LedgerDamaged, LedgerFault
from contest_server.ledger.pragmas import BUSY_TIMEOUT_MS, place_to_look_at
from contest_server.ledger.sqlite_faults import naming_faults
from contest_server.ledger.verifying import Contradiction, Count, Published, Unreadable, Verified, Verifier

COUNT_EVERY_ENTRIES = 10_000

_HEAD = "SELECT epoch, position, hash FROM contests WHERE contest = ?"
_ENTRIES = "SELECT position, CAST(body AS BLOB), hash, source, seq FROM ledger WHERE contest = ? ORDER BY position"
_CONTESTS = "SELECT contest FROM contests UNION SELECT contest FROM ledger ORDER BY contest"


def contests_in(path: Path) -> list[ContestId]:
    """All contests that have a ledger in this file. Raises Unreadable, or Contradiction for a damaged file."""
    with _reading(path) as connection:
        return [ContestId(name) for (name,) in connection.execute(_CONTESTS)]


def verify_file(path: Path, contest: ContestId, *, expected: Published | None = None, count: Count | None = None) -> Verified:
    """Hold one ledger against itself, as it is at this moment; writers may go on meanwhile.

    Raises:
        Contradiction: the first thing that is wrong.
        Unreadable: it cannot be opened, it is no ledger, or it has no such contest.
    """
    with _reading(path) as connection:
        return _verify(connection, contest, expected, count)


def _verify(connection: sqlite3.Connection, contest: ContestId, expected: Published | None, count: Count | None) -> Verified:
    row = connection.execute(_HEAD, (contest,)).fetchone()
    if row is None:
        if contest in {name for (name,) in connection.execute(_CONTESTS)}:
            raise Contradiction(Said("there are entries of {contest}, but the table `contests` does not know it", contest=contest))
        raise Unreadable(Said("there is no contest {contest!r} in it", contest=contest))
    epoch, position, hash_ = row
    if not isinstance(hash_, bytes):
        raise Contradiction(Said("the hash of the head is not 32 bytes"))
    verifier = Verifier(contest, epoch, expected)
    for entry in starmap(Stored, connection.execute(_ENTRIES, (contest,))):
        verifier.take_stored(entry)
        if count is not None and entry.position % COUNT_EVERY_ENTRIES == 0:
            count(entry.position)
    return verifier.end(position, hash_)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """One read transaction: what other processes write meanwhile is not seen."""
    if not path.is_file():
        raise Unreadable(Said("there is no file {path}", path=path))
    try:
        with naming_faults(path), closing(_connect(path)) as connection:
            connection.execute("BEGIN")
            if revision_of(connection, path) is None:
                raise Unreadable(Said("{path} is an empty database", path=path))
            yield connection
    except LedgerDamaged as error:
        raise Contradiction(said_by(error)) from error
    except LedgerFault as error:
        raise Unreadable(said_by(error)) from error


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(place_to_look_at(path), uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1_000)
