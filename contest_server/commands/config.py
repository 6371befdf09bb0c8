"""`contest-server config`: the settings that hold, and where each comes from. Shows no secret."""

from __future__ import annotations

import json
import os
from typing import Any

import typer
from pydantic import SecretStr

from contest_server import __version__
from contest_server.commands.configured import ConfigOption
from contest_server.commands.options import EXIT_FAULTS, PROGRAM
from contest_server.commands.tongue import in_tongue, tell
from contest_server.core.saying import Said
from contest_server.ledger.database_url import shown
from contest_server.live.settings import Settings
from contest_server.live.settings_file import BadSettings, combine, read_settings, source_of, unknown_variables

MASK = "***"


def config(config: ConfigOption = None) -> None:
    """Show every setting with its value and where it comes from, in the form of a settings file. Secrets are masked.

    Exit codes: 0 they can be used, 1 they cannot: every fault is named with its line or variable.
    """
    try:
        file = read_settings(config)
        settings = combine(file)
    except BadSettings as error:
        for fault in error.faults:
            tell(fault, err=True)
        raise typer.Exit(EXIT_FAULTS) from None
    typer.echo(f"# {PROGRAM} {__version__}")
    for name in Settings.model_fields:
        source = source_of(name, file, os.environ)
        typer.echo(f"{line_of(name, getattr(settings, name)):48}  # {in_tongue(source)}")
    for each in unknown_variables(os.environ):
        tell(Said("! {told}", told=each), err=True)


def line_of(name: str, value: Any) -> str:
    """A setting as a line of TOML; without a value it is a comment."""
    if value is None:
        return f"# {name} ="
    if isinstance(value, SecretStr):
        value = MASK
    return f"{name} = {json.dumps(shown(value) if name == 'db' else value, ensure_ascii=False)}"
