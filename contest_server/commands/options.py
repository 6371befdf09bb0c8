"""Options that several commands share, and how they all end."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from errno import EDQUOT, EFBIG, EIO, ENOSPC
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from contest_server.commands.tongue import tell
from contest_server.core.faults import DefinitionError
from contest_server.core.rulebook import Judges, Rulebook
from contest_server.core.saying import Said, Text, said_by
from contest_server.intake.toml_file import read_file
from contest_server.ledger.database_url import MEMORY_URL, BadUrl, shown
from contest_server.ledger.migrating import REVISIONS
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.urls import Stores, open_stores
from contest_server.live.judges_loading import JudgeUnusable, load_judges

PROGRAM = "contest-server"
EXIT_FAULTS = 1
EXIT_USAGE = 2
OF_WRITING = frozenset({ENOSPC, EDQUOT, EFBIG, EIO})
"""Errors of writing into what is open, which name no file."""

Db = Annotated[
    str,
    typer.Option(
        "--db",
        envvar="CONTEST_DB",
        help="Where everything is kept: sqlite:///file.db (relative), sqlite:////absolute/file.db, postgresql://user@host[,host]/database.",
    ),
]
DEFAULT_DB = "sqlite:///contest.db"


def fail(message: Text, code: int = EXIT_USAGE) -> NoReturn:
    """End the command with a sentence on standard error."""
    tell(Said("{program}: {message}", program=PROGRAM, message=message), err=True)
    raise typer.Exit(code)


def stop(message: Text, code: int) -> typer.Exit:
    """The end of a command, to be raised, after a sentence on standard error that says by itself what it is about."""
    tell(message, err=True)
    return typer.Exit(code)


def told(error: Exception) -> Text:
    """What an exception says; of an OSError the file, what is wrong without its number, and what to do about a full disk."""
    if not isinstance(error, OSError) or error.strerror is None:
        return said_by(error)
    is_full = error.errno in (ENOSPC, EDQUOT)
    what = Said("{fault}. Free some space, or name another place", fault=error.strerror) if is_full else error.strerror
    return Said("{path}: {what}", path=os.fsdecode(error.filename), what=what) if error.filename else what


def end_unheard(error: OSError) -> NoReturn:
    """End the command where what it says cannot be written: the disk is full, say, on which its output is to be kept."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains once more when it ends
    what = told(error)
    fail(Said("standard output: {what}. The command may have done its work unheard: look before you repeat it", what=what), EXIT_FAULTS)


def first_line(most_chars: int) -> str:
    """The first line of standard input, without its end, cut a little after so many characters; or the end of the command."""
    if sys.stdin is None:
        fail(Said("nothing can be read: standard input is closed"))
    try:
        line = sys.stdin.readline(most_chars + 3).rstrip("\r\n")
        line.encode()
    except UnicodeError:
        fail(Said("what was given on standard input is no text in UTF-8"))
    return line


def stores_at(url: str, *, create: bool = True) -> Stores:
    """The stores at this URL, or the end of the command with what is wrong. Says so where programs of the version before are shut out."""
    try:
        stores = open_stores(url, create=create)
    except (BadUrl, LedgerFault) as error:
        fail(said_by(error))
    if stores.upgraded_from is not None:
        told = Said(
            "the tables of {db} were of an older version ({before}) and were upgraded to {after}: programs of that version cannot open it "
            "any more. Whoever has to go back restores the backup that was made before.",
            db=shown(url),
            before=stores.upgraded_from,
            after=REVISIONS[-1],
        )
        tell(Said("{program}: {message}", program=PROGRAM, message=told), err=True)
    return stores


def lasting_stores_at(url: str, *, create: bool = True) -> Stores:
    """As `stores_at`, for commands whose whole point is what they leave behind."""
    if url == MEMORY_URL:
        fail(Said("{url} keeps nothing after this command; name a file, such as {other}", url=MEMORY_URL, other=DEFAULT_DB))
    return stores_at(url, create=create)


def judges_here() -> Judges:
    try:
        return load_judges()
    except JudgeUnusable as error:
        fail(said_by(error))


def rulebook_of(path: Path, judges: Judges) -> Rulebook:
    """The definition in this file, or the end of the command with every fault of it."""
    try:
        return read_file(path, judges)
    except OSError as error:
        fail(Said("{path}: {what}", path=str(path), what=error.strerror or str(error)))
    except DefinitionError as error:
        end_with_faults(str(path), error)


def unknown_contest(contest: str, known: Sequence[str]) -> Said:
    """That nobody has adopted it, and which were."""
    there = list(known) or Said("none yet; see contest-server adopt")
    return Said("no contest {contest!r} has been adopted; known: {known}", contest=contest, known=there)


def no_such_contest(contest: str, there: Sequence[str]) -> Said:
    """That a database does not hold it, and which it does."""
    return Said("there is no contest {contest!r}. The database holds: {there}", contest=contest, there=list(there) or Said("none"))


def head_of(contest: str, position: int, hash_: str) -> Said:
    """Where a ledger ends, to be kept and compared."""
    return Said("{contest}: {position:,} entries, head {head}", contest=contest, position=position, head=f"{position}:{hash_}")


def end_with_faults(path: str, error: DefinitionError) -> NoReturn:
    """End the command with every fault of a definition, a line each."""
    one, more = Said("{path}: 1 fault", path=path), Said("{path}: {count} faults", path=path, count=len(error.faults))
    tell(one if len(error.faults) == 1 else more, err=True)
    for fault in error.faults:
        tell(Said("  {fault}", fault=fault.sentence), err=True)
    raise typer.Exit(EXIT_FAULTS) from None
