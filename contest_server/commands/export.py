"""`contest-server export`: a ledger as lines of JSON, for publication, audit and archives. Never leaves half a file behind."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from contest_server.commands.files import OPEN_MODE, whole_file
from contest_server.commands.options import head_of, no_such_contest, stop, told
from contest_server.commands.progress import show_entries
from contest_server.commands.tongue import tell
from contest_server.core.facts import ContestId
from contest_server.core.saying import Said, Text, said_by
from contest_server.ledger.database_url import DEFAULT_URL, MEMORY_URL, BadUrl
from contest_server.ledger.exporting import export as lines_of
from contest_server.ledger.exporting import state_at
from contest_server.ledger.port import Head, LedgerFault
from contest_server.ledger.sealed import SealedLedger
from contest_server.ledger.urls import open_ledger

FAILED, USAGE = 1, 2

ContestArgument = Annotated[
    str | None, typer.Argument(help="Which contest. Not needed if the database holds only one.", show_default=False)
]
DbOption = Annotated[str, typer.Option("--db", envvar="CONTEST_DB", help="The database, as a URL.")]
ToOption = Annotated[str, typer.Option("--to", metavar="FILE", help="Where to write; - is standard output.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")]


class _Usage(Exception):
    """The command cannot be carried out as it was given."""


def export(contest: ContestArgument = None, db: DbOption = DEFAULT_URL, to: ToOption = "-", force: ForceOption = False) -> None:
    """Write a whole ledger as NDJSON: a header, one line an entry with its hash, and a last line that says where it ends.

    The server may go on running. The file appears under its name only when it is complete. It holds every fact and no names of persons:
    contestants are ids. It is not filtered for an audience, so do not publish it while the public board is frozen.
    Check it, now or in ten years, with `contest-server verify FILE`.

    Exit codes: 0 written; 1 the database or the disk failed; 2 wrong usage, or no such database or contest.
    """
    try:
        head, name = asyncio.run(_export(contest, db, to, force))
    except (_Usage, BadUrl) as error:
        raise _stop(said_by(error), USAGE) from error
    except BrokenPipeError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains once more when it ends
        raise typer.Exit(FAILED) from error
    except (LedgerFault, OSError) as error:
        raise _stop(told(error), FAILED) from error
    tell(head_of(name, head.position, head.hash), err=True)


async def _export(contest: str | None, db: str, to: str, force: bool) -> tuple[Head, ContestId]:
    if db == MEMORY_URL:
        raise _Usage(Said("a ledger in memory is gone when its program ends: name a file with --db"))
    ledger = _existing(db)
    try:
        name = await _chosen(ledger, contest)
        head = await ledger.head(name)
        state = await state_at(ledger, name, head)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with _target(to, force) as out:
            async for lines in lines_of(ledger, name, state=state, exported_at=now, head=head, progress=show_entries):
                out.write(lines)
        return head, name
    finally:
        await ledger.close()


def _existing(db: str) -> SealedLedger:
    try:
        return open_ledger(db, create=False)
    except LedgerFault as error:
        raise _Usage(said_by(error)) from error


async def _chosen(ledger: SealedLedger, contest: str | None) -> ContestId:
    names = await ledger.contests()
    if contest is None and len(names) == 1:
        return names[0]
    if contest is None:
        raise _Usage(Said("which contest? The database holds: {there}", there=names or Said("none")))
    if contest not in names:
        raise _Usage(no_such_contest(contest, names))
    return ContestId(contest)


@contextmanager
def _target(to: str, force: bool) -> Iterator[BinaryIO]:
    """Standard output, or a file that takes its name once it is complete and on the disk."""
    if to == "-":
        if sys.stdout is None:
            raise _Usage(Said("standard output is closed; name a file with --to"))
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(to)
    if target.exists() and not target.is_file():
        raise _Usage(Said("{path} is not a file; - writes to standard output", path=to))
    if target.exists() and not force:
        raise _Usage(Said("{path} exists; --force replaces it", path=to))
    with whole_file(target, OPEN_MODE) as out:
        yield out


def _stop(message: Text, code: int) -> typer.Exit:
    return stop(Said("cannot export: {fault}", fault=message), code)
