"""`contest-server serve`: the server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import structlog
import typer

from contest_server.commands.configured import HELP, fail_with, take_config
from contest_server.commands.logs import log_to_stderr
from contest_server.commands.options import DEFAULT_DB, EXIT_FAULTS, PROGRAM, Db, fail, judges_here, stores_at
from contest_server.commands.tongue import tell
from contest_server.core.saying import Said
from contest_server.ledger.database_url import shown
from contest_server.live.settings import Settings
from contest_server.live.settings_file import BadSettings, combine, read_settings, unknown_variables
from contest_server.web.serving import CannotGoOn, serve_forever

log = structlog.get_logger()

Host = Annotated[str, typer.Option(envvar="CONTEST_HOST", help="Address to listen on; 0.0.0.0 lets other machines in.")]
Port = Annotated[int, typer.Option(envvar="CONTEST_PORT", help="Port to listen on; 0 takes a free one.")]
Config = Annotated[Path | None, typer.Option("--config", envvar="CONTEST_CONFIG", is_eager=True, callback=take_config, help=HELP)]


def serve(db: Db = DEFAULT_DB, host: Host = "127.0.0.1", port: Port = 8000, config: Config = None) -> None:
    """Serve all contests of a database: venues send events, displays get boards, until Ctrl-C.

    Limits are set in a file (--config) or by environment variables such as CONTEST_PAINT_INTERVAL_MS, which outweigh it; docs/operations.md
    lists them all, and `contest-server config` shows what holds. On SIGTERM or Ctrl-C everything that was accepted is stored and answered,
    and every socket is told to come back; a second one ends at once.

    Exit codes: 0 ended by Ctrl-C or SIGTERM, 1 it could not go on (the log says why), 2 bad usage or settings, no database, or the port is
    taken.
    """
    settings = settings_here(db, host, port, config)
    log_to_stderr(settings.log, settings.log_level)
    for each in unknown_variables(os.environ):
        log.warning("not a setting", variable=str(each))
    try:
        serve_forever(stores_at(db), judges_here(), settings, lambda url: _say_where(url, settings))
    except OSError as error:
        fault = error.strerror or str(error)
        fail(Said("cannot listen on {host}:{port}: {fault}; choose another with --host and --port", host=host, port=port, fault=fault))
    except CannotGoOn:
        fail(Said("the server cannot go on; its log says why. Start it again: nothing that was acknowledged is lost"), EXIT_FAULTS)


def _say_where(url: str, settings: Settings) -> None:
    """For whoever started it; a program reads the log."""
    if settings.log == "console":
        told = Said("{program}: {url}  (database {db}; Ctrl-C ends)", program=PROGRAM, url=url, db=shown(settings.db))
        tell(told, err=True)


def settings_here(db: str, host: str, port: int, config: Path | None = None) -> Settings:
    """The settings of the environment and of the file, with what the command line says; or the end of the command with every fault."""
    if not host.strip():
        fail(Said("--host is empty; 127.0.0.1 is this computer alone, 0.0.0.0 lets all networks in"))
    try:
        return combine(read_settings(config), db=db, host=host, port=port)
    except BadSettings as error:
        fail_with(error)
