"""`contest-server copy`: a contest from one database into another, with the same digest."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from contest_server.commands.options import EXIT_FAULTS, fail, lasting_stores_at
from contest_server.core.facts import ContestId
from contest_server.ledger.copying import copy_contest
from contest_server.ledger.database_url import shown
from contest_server.ledger.port import Head, LedgerFault
from contest_server.ledger.sealed import Foreign
from contest_server.ledger.urls import Stores

From = Annotated[str, typer.Option("--from", envvar="CONTEST_DB", help="The database to copy from; servers on it may go on.")]
To = Annotated[str, typer.Option("--to", help="The database to copy into, created or upgraded; no server may write this contest there.")]
Contest = Annotated[
    list[str] | None, typer.Option("--contest", help="Which contest; may be given several times.", show_default="all of them")
]


def copy(source: From, target: To, contest: Contest = None) -> None:
    """Copy contests between databases (SQLite, PostgreSQL): every entry with its hash, names, passwords of officials and tokens as hashes.

    To move an installation: copy while it runs, stop its servers, copy once more (only what came since is copied), start servers on the
    new database. The command prints the head of each contest: position and hash are the same in both.

    Exit codes: 0 copied; 1 a database failed, or holds another ledger under this name; 2 wrong usage, or no such database or contest.
    """
    if source == target:
        fail("--from and --to are the same database")
    try:
        for name, head in asyncio.run(_copy(lasting_stores_at(source, create=False), lasting_stores_at(target), contest)):
            typer.echo(f"{name}: {head.position:,} entries in {shown(target)}, head {head.position}:{head.hash}")
    except (LedgerFault, Foreign) as error:
        fail(str(error), EXIT_FAULTS)


async def _copy(source: Stores, target: Stores, wanted: list[str] | None) -> list[tuple[ContestId, Head]]:
    try:
        there = await source.ledger.contests()
        names = [ContestId(name) for name in wanted] if wanted else there
        missing = [name for name in names if name not in there]
        if missing:
            fail(f"there is no contest {missing[0]!r}. The database holds: {', '.join(there) or 'none'}")
        return [(name, await copy_contest(source, target, name, _progress)) for name in names]
    finally:
        await source.close()
        await target.close()


def _progress(done: int, all_: int) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{done:,} of {all_:,} entries …\r", nl=False, err=True)
