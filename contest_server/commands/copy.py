"""`contest-server copy`: a contest from one database into another, with the same digest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from contest_server.commands.options import EXIT_FAULTS, fail, lasting_stores_at, no_such_contest
from contest_server.commands.progress import show_entries
from contest_server.commands.tongue import tell
from contest_server.core.facts import ContestId
from contest_server.core.saying import Said, said_by
from contest_server.ledger.copying import OfItsOwn, check_target, copy_contest, copy_installation
from contest_server.ledger.database_url import BadUrl, file_of, shown
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.sealed import Foreign
from contest_server.ledger.urls import Stores

From = Annotated[str, typer.Option("--from", envvar="CONTEST_DB", help="The database to copy from; servers on it may go on.")]
To = Annotated[str, typer.Option("--to", help="The database to copy into, created or upgraded; no server may write this contest there.")]
Contest = Annotated[
    list[str] | None, typer.Option("--contest", help="Which contest; may be given several times.", show_default="all of them")
]


def copy(source: From, target: To, contest: Contest = None) -> None:
    """Copy contests between databases (SQLite, PostgreSQL): every entry with its hash, names, passwords of officials and tokens as hashes.
    Without --contest, also accounts with what is granted to them, and tokens for all contests.

    To move an installation: copy while it runs, stop its servers, copy once more (only what came since is copied), start servers on the
    new database. The command prints the head of each contest: position and hash are the same in both. Where something would take away what
    the new database holds of its own (entries, tokens, without --contest also accounts), nothing is copied at all.

    Exit codes: 0 copied; 1 a database failed, or the new one holds another ledger under this name, or something that the other does not
    know; 2 wrong usage, or no such database or contest.
    """
    if _is_same(source, target):
        fail(Said("--from and --to are the same database"))
    try:
        asyncio.run(_copy(lasting_stores_at(source, create=False), target, contest))
    except (LedgerFault, Foreign, OfItsOwn) as error:
        fail(said_by(error), EXIT_FAULTS)


def _is_same(source: str, target: str) -> bool:
    try:
        files = [path.resolve() for path in (file_of(source), file_of(target)) if path is not None]
    except BadUrl as error:
        fail(said_by(error))
    return source == target or (len(files) == 2 and files[0] == files[1])


async def _copy(source: Stores, url: str, wanted: list[str] | None) -> None:
    try:
        there = await source.ledger.contests()
        names = [ContestId(name) for name in wanted] if wanted else there
        missing = [name for name in names if name not in there]
        if missing:
            fail(no_such_contest(missing[0], there))
        await _copy_into(lasting_stores_at(url), url, source, names, is_all=not wanted)
    finally:
        await source.close()


async def _copy_into(target: Stores, url: str, source: Stores, names: Sequence[ContestId], *, is_all: bool) -> None:
    try:
        await check_target(source, target, names, is_all=is_all)
        for name in names:
            head = await copy_contest(source, target, name, show_entries)
            where, end = shown(url), f"{head.position}:{head.hash}"
            tell(Said("{contest}: {count:,} entries in {db}, head {head}", contest=name, count=head.position, db=where, head=end))
        if is_all:
            await copy_installation(source, target)
    finally:
        await target.close()
