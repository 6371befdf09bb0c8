"""`contest-server erase`: forget who somebody is. What they did stays, under their id."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from contest_server.commands.options import DEFAULT_DB, EXIT_FAULTS, Db, fail, lasting_stores_at
from contest_server.commands.tongue import in_tongue, tell
from contest_server.core.facts import ContestantId, ContestId, Json
from contest_server.core.saying import Said, Text, said_by
from contest_server.ledger.people import Person
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.urls import Stores

TOLD_MAX = 20
"""So many of those who are to be erased are shown before it is asked."""
SCRUBS, SCRUB_EVERY_S = 5, 0.5


def erase(
    contest: Annotated[str, typer.Option(help="The contest.")],
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Contestants or officials.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    db: Db = DEFAULT_DB,
) -> None:
    """Erase the names, employers and whatever else is kept of these people, for ever; servers that run notice it. Where the names may
    still be on the disk is said, with what to do.

    The ledger never had them: results, ranks and digests stay as they are, under the ids. Adopting a definition that names them again
    brings the names back, and backups that were made before keep them.

    Exit codes: 0 erased, 1 nothing is kept of one of them or it was not agreed to (nothing is erased), 2 bad usage or no database.
    """
    stores = lasting_stores_at(db, create=False)
    asyncio.run(_erase(stores, ContestId(contest), [ContestantId(each) for each in dict.fromkeys(ids)], yes))


async def _erase(stores: Stores, contest: ContestId, ids: Sequence[ContestantId], yes: bool) -> None:
    try:
        kept = {each.contestant: each for each in (await stores.people.roster(contest)).people}
        if unknown := [each for each in ids if each not in kept]:
            fail(Said("nothing is kept of {ids} in {contest!r}; nothing was erased", ids=unknown, contest=contest), EXIT_FAULTS)
        _show([kept[each] for each in ids])
        if not yes and not typer.confirm(in_tongue(Said("Erase what is kept of them, for ever?"))):
            fail(Said("nothing was erased"), EXIT_FAULTS)
        await stores.people.erase(contest, ids)
        erased = Said(
            "erased: {count}. Adopting a definition that names them brings the names back; so does a backup made before.", count=len(ids)
        )
        tell(erased)
        if left := await _scrubbed(stores):
            tell(Said("Their names may still be {left}.", left=left))
    except LedgerFault as error:
        fail(said_by(error))
    finally:
        await stores.close()


async def _scrubbed(stores: Stores) -> Text | None:
    """Where names may still be on the disk: who reads just now is done soon, mostly."""
    left = await stores.people.scrub()
    for _ in range(SCRUBS - 1):
        if left is not None:
            await asyncio.sleep(SCRUB_EVERY_S)
            left = await stores.people.scrub()
    return left


def _show(people: Sequence[Person]) -> None:
    for each in people[:TOLD_MAX]:
        typer.echo("  ".join([each.contestant, *_texts(each.document)]))
    if len(people) > TOLD_MAX:
        tell(Said("… and {count} more", count=len(people) - TOLD_MAX))


def _texts(document: Json) -> list[str]:
    """What a document says, whatever it is called: texts, also those of several languages."""
    found: list[str] = []
    for value in document.values():
        found += [value] if isinstance(value, str) else _texts(value) if isinstance(value, dict) else []
    return found
