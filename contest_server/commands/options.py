"""Options that several commands share, and how they all end."""

from __future__ import annotations

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
