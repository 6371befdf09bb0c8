"""`contest-server adopt`: let a definition hold from here on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from contest_server.commands.options import DEFAULT_DB, EXIT_FAULTS, Db, fail, judges_here, lasting_stores_at, rulebook_of
from contest_server.commands.tongue import tell
from contest_server.core.rulebook import Rulebook
from contest_server.core.saying import Said, said_by
from contest_server.ledger.codec import NotAFact
from contest_server.ledger.limits import LimitExceeded, check_name
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.urls import Stores
from contest_server.live.adopting import VersionTaken
from contest_server.live.adopting import adopt as adopt_definition
from contest_server.live.now import now_us


def adopt(
    file: Annotated[Path, typer.Argument(help="The definition: a TOML document.")],
    db: Db = DEFAULT_DB,
    author: Annotated[str, typer.Option(help="Who adopts it; kept in the ledger.")] = "command line",
) -> None:
    """Adopt a contest's definition: it is checked, then entered into the contest's ledger with its version.

    A running server on the same database takes it up within a second and judges everything again under it.
    Adopting the same document twice changes nothing; changed content needs a higher contest.version.

    Exit codes: 0 adopted (or in force already), 1 the definition has faults or its version is taken, 2 bad usage or no database.
    """
    try:
        check_name("--author", author)
    except LimitExceeded as error:
        fail(said_by(error))
    book = rulebook_of(file, judges_here())
    asyncio.run(_adopt(lasting_stores_at(db), book, author))


async def _adopt(stores: Stores, book: Rulebook, author: str) -> None:
    try:
        fact, new = await adopt_definition(stores, book, author, now_us())
    except VersionTaken as error:
        fail(said_by(error), EXIT_FAULTS)
    except (LimitExceeded, NotAFact, LedgerFault) as error:
        fail(said_by(error))
    finally:
        await stores.close()
    contest = book.definition.contest
    begins = fact.digest[:12]
    if not new:
        tell(Said("{id}: version {version} was adopted already (digest {begins}…)", id=contest.id, version=fact.version, begins=begins))
        return
    tell(Said("{id}: version {version} adopted (digest {begins}…)", id=contest.id, version=fact.version, begins=begins))
    venue = book.definition.venues[0].id
    tell(Said("next: contest-server token --contest {id} --venue {venue}", id=contest.id, venue=venue))
