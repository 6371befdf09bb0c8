"""Verifies the ledgers in a PostgreSQL database as they lie there. Only reads: it neither upgrades nor repairs anything."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from contest_server.core.facts import ContestId
from contest_server.core.saying import Said, said_by
from contest_server.ledger.port import LedgerDamaged, LedgerFault
from contest_server.ledger.postgres import PostgresLedger
from contest_server.ledger.postgres_link import Link
from contest_server.ledger.verifying import Contradiction, Count, Published, Unreadable, Verified, Verifier

PAGE_ENTRIES = 5_000

Result = TypeVar("Result")


def contests_at(url: str) -> list[ContestId]:
    """All contests that have a ledger in this database. Raises Unreadable."""
    ledger = PostgresLedger(Link(url))
    return _run(ledger, ledger.contests())


def verify_postgres(url: str, contest: ContestId, *, expected: Published | None = None, count: Count | None = None) -> Verified:
    """Hold one ledger against itself, up to where it ends at this moment; writers may go on meanwhile.

    Raises:
        Contradiction: the first thing that is wrong.
        Unreadable: it cannot be opened, it is no ledger, or it has no such contest.
    """
    ledger = PostgresLedger(Link(url))
    return _run(ledger, _verify(ledger, contest, expected, count))


def _run(ledger: PostgresLedger, work: Coroutine[Any, Any, Result]) -> Result:
    async def run() -> Result:
        try:
            return await work
        finally:
            await ledger.close()

    try:
        return asyncio.run(run())
    except LedgerDamaged as error:
        raise Contradiction(said_by(error)) from error
    except LedgerFault as error:
        raise Unreadable(said_by(error)) from error


async def _verify(ledger: PostgresLedger, contest: ContestId, expected: Published | None, count: Count | None) -> Verified:
    try:
        head = await ledger.head(contest)
    except KeyError:
        raise Unreadable(Said("there is no contest {contest!r} in it", contest=contest)) from None
    verifier = Verifier(contest, head.epoch, expected)
    while verifier.position < head.position:
        for entry in await ledger.stored(contest, verifier.position, min(PAGE_ENTRIES, head.position - verifier.position)):
            verifier.take_stored(entry)
        if count is not None:
            count(verifier.position)
    return verifier.end(head.position, bytes.fromhex(head.hash))
