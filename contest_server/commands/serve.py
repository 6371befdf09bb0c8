"""`contest-server serve`: the server."""

from __future__ import annotations

import logging
from typing import Annotated

import structlog
import typer
from pydantic import ValidationError

from contest_server.commands.options import DEFAULT_DB, Db, fail, judges_here, stores_at
from contest_server.live.settings import Settings
from contest_server.web.serving import serve_forever

Host = Annotated[str, typer.Option(envvar="CONTEST_HOST", help="Address to listen on; 0.0.0.0 lets other machines in.")]
Port = Annotated[int, typer.Option(envvar="CONTEST_PORT", help="Port to listen on; 0 takes a free one.")]


def serve(db: Db = DEFAULT_DB, host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve all contests of a database: venues send events, displays get boards, until Ctrl-C.

    Limits are set by environment variables such as CONTEST_PAINT_INTERVAL_MS; docs/operations.md lists them all.

    Exit codes: 0 ended by Ctrl-C, 2 bad usage, no database, or the port is taken.
    """
    settings = settings_here(db, host, port)
    log_to_stderr()
    try:
        serve_forever(stores_at(db), judges_here(), settings)
    except OSError as error:
        fail(f"cannot listen on {host}:{port}: {error.strerror or error}; choose another with --host and --port")


def settings_here(db: str, host: str, port: int) -> Settings:
    """The settings of the environment, with what the command line says."""
    try:
        return Settings(db=db, host=host, port=port)
    except ValidationError as error:
        first = error.errors()[0]
        fail(f"CONTEST_{'_'.join(str(step) for step in first['loc']).upper()}: {first['msg']} (found {first['input']!r})")


def log_to_stderr() -> None:
    """One line an event, for people; nothing secret is ever logged."""
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(),
    )
