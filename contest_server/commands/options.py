"""Options that several commands share, and how they all end."""

from __future__ import annotations

import os
import sys
from errno import EDQUOT, EFBIG, EIO, ENOSPC
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from contest_server.core.faults import DefinitionError
from contest_server.core.rulebook import Judges, Rulebook
from contest_server.intake.toml_file import read_file
from contest_server.ledger.database_url import MEMORY_URL, BadUrl
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.urls import Stores, open_stores
from contest_server.live.judges_loading import JudgeUnusable, load_judges

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


def fail(message: str, code: int = EXIT_USAGE) -> NoReturn:
    """End the command with a sentence on standard error."""
    typer.echo(f"contest-server: {message}", err=True)
    raise typer.Exit(code)


def told(error: Exception) -> str:
    """What an exception says; of an OSError the file, what is wrong without its number, and what to do about a full disk."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    place = f"{os.fsdecode(error.filename)}: " if error.filename else ""
    room = ". Free some space, or name another place" if error.errno in (ENOSPC, EDQUOT) else ""
    return f"{place}{error.strerror}{room}"


def end_unheard(error: OSError) -> NoReturn:
    """End the command where what it says cannot be written: the disk is full, say, on which its output is to be kept."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains once more when it ends
    fail(f"standard output: {told(error)}. The command may have done its work unheard: look before you repeat it", EXIT_FAULTS)


def first_line(most_chars: int) -> str:
    """The first line of standard input, without its end, cut a little after so many characters; or the end of the command."""
    if sys.stdin is None:
        fail("nothing can be read: standard input is closed")
    try:
        line = sys.stdin.readline(most_chars + 3).rstrip("\r\n")
        line.encode()
    except UnicodeError:
        fail("what was given on standard input is no text in UTF-8")
    return line


def stores_at(url: str, *, create: bool = True) -> Stores:
    """The stores at this URL, or the end of the command with what is wrong."""
    try:
        return open_stores(url, create=create)
    except (BadUrl, LedgerFault) as error:
        fail(str(error))


def lasting_stores_at(url: str, *, create: bool = True) -> Stores:
    """As `stores_at`, for commands whose whole point is what they leave behind."""
    if url == MEMORY_URL:
        fail(f"{MEMORY_URL} keeps nothing after this command; name a file, such as {DEFAULT_DB}")
    return stores_at(url, create=create)


def judges_here() -> Judges:
    try:
        return load_judges()
    except JudgeUnusable as error:
        fail(str(error))


def rulebook_of(path: Path, judges: Judges) -> Rulebook:
    """The definition in this file, or the end of the command with every fault of it."""
    try:
        return read_file(path, judges)
    except OSError as error:
        fail(f"{path}: {error.strerror or error}")
    except DefinitionError as error:
        typer.echo(f"{path}: {len(error.faults)} fault{'s' if len(error.faults) > 1 else ''}", err=True)
        for fault in error.faults:
            typer.echo(f"  {fault}", err=True)
        raise typer.Exit(EXIT_FAULTS) from None
