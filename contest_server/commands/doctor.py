"""`contest-server doctor`: what is right and what is wrong, before the contest rather than during it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from sqlalchemy import Connection

from contest_server.commands.configured import ConfigOption
from contest_server.commands.options import EXIT_FAULTS
from contest_server.commands.progress import show_progress
from contest_server.commands.tongue import tell
from contest_server.core.rulebook import Judges
from contest_server.core.saying import Said, said_by
from contest_server.doctor import contests, machine, storage
from contest_server.doctor.findings import Finding, bad, good
from contest_server.doctor.settings import of_settings
from contest_server.ledger.database_url import MEMORY_URL, BadUrl, file_of, is_postgres, shown
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.snapshots import look

Db = Annotated[str | None, typer.Option("--db", help="Another database than that of the settings.", show_default="as in the settings")]
Full = Annotated[bool, typer.Option("--full", help="Reckon every hash of every contest, instead of looking at the end of each.")]
Json = Annotated[bool, typer.Option("--json", help="For programs: {good, findings: [{level, about, detail}]}.")]


def doctor(db: Db = None, full: Full = False, json: Json = False, config: ConfigOption = None) -> None:
    """Look at everything a contest depends on, and say in plain words what is right (✓), what to look at (!) and what is wrong (✗).

    It changes nothing, and may run beside servers: version, settings, clock, open files, port, pages, rules, database, disk, and each
    contest's ledger and definition; tokens for ever, accounts and officials without a password.

    Exit codes: 0 nothing is wrong, 1 something is.
    """
    findings = list(_findings(db, config, full=full))
    is_good = all(each.level != "bad" for each in findings)
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode({"good": is_good, "findings": [each.document() for each in findings]})))
    else:
        for each in findings:
            tell(each.sentence)
        typer.echo()
        tell(_verdict(findings))
    raise typer.Exit(0 if is_good else EXIT_FAULTS)


def _findings(db: str | None, config: Path | None, *, full: bool) -> Iterator[Finding]:
    of_settings_, settings = of_settings(config)
    of_judges, judges = machine.of_judges()
    url = db or settings.db
    yield from chain(machine.of_program(), of_settings_, machine.of_clock(), machine.of_limits(settings), machine.of_port(settings))
    yield of_judges
    yield from storage.of_storage(url)
    yield from _of_database(url, judges, full=full)


def _of_database(url: str, judges: Judges | None, *, full: bool) -> Iterator[Finding]:
    try:
        path = file_of(url)
        if url == MEMORY_URL or (path is not None and not path.exists()):
            return
        yield from look(url, lambda rows: _within(rows, url, judges, full=full))
    except (BadUrl, OSError):
        return  # said already
    except LedgerFault as error:
        yield bad("database", said_by(error))


def _within(rows: Connection, url: str, judges: Judges | None, *, full: bool) -> list[Finding]:
    reached = good("database", Said("{db} can be reached", db=shown(url)))
    server = storage.of_postgres(rows) if is_postgres(url) else ()
    return [reached, *server, *contests.of_database(rows, judges, show_progress, full=full)]


def _verdict(findings: list[Finding]) -> Said:
    wrong, odd = (sum(each.level == level for each in findings) for level in ("bad", "warning"))
    if wrong:
        return Said("{wrong} wrong, {odd} to look at", wrong=wrong, odd=odd)
    return Said("nothing is wrong, {odd} to look at", odd=odd) if odd else Said("nothing is wrong")
