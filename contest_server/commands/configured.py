"""What a file of settings means for options: each is given by the command line, else by the environment, else by the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from contest_server import __version__
from contest_server.commands.options import EXIT_USAGE, PROGRAM, stop
from contest_server.commands.tongue import tell
from contest_server.core.saying import Said
from contest_server.live.settings_file import BadSettings, read_settings

HELP = "A TOML file with settings, such as `port = 8000`; the environment outweighs it."
BY_NAME = ("db", "host", "port")
"""Options that are settings."""
ON_THEIR_OWN = ("demo", "replay")
"""Commands whose database is not the installation's."""
EXPLAINING = ("config", "doctor")
"""Commands that say themselves what is wrong with the file."""

ConfigOption = Annotated[Path | None, typer.Option("--config", envvar="CONTEST_CONFIG", help=HELP)]


def _say_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


VersionOption = Annotated[bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")]


def configure(context: typer.Context, config: ConfigOption = None, version: VersionOption = False) -> None:  # noqa: ARG001 - it has ended
    """Live stage-clear contests: venues stream events, judges score them at once and say why, big screens follow."""
    if config is None:
        return
    values = {"config": config, **({} if context.invoked_subcommand in EXPLAINING else _options_in(config))}
    assert isinstance(context.command, TyperGroup)
    context.default_map = {name: values for name in context.command.list_commands(context) if name not in ON_THEIR_OWN}


def take_config(context: typer.Context, path: Path | None) -> Path | None:
    """For a command with a --config of its own: called before its other options are looked at."""
    if path is not None:
        context.default_map = {"config": path, **_options_in(path)}
    return path


def _options_in(path: Path | None) -> Mapping[str, Any]:
    try:
        values = read_settings(path).values
    except BadSettings as error:
        fail_with(error)
    return {name: values[name] for name in BY_NAME if name in values}


def fail_with(error: BadSettings) -> NoReturn:
    """End the command with every fault of the settings."""
    end = stop(Said("{program}: {message}", program=PROGRAM, message=Said("the settings cannot be used:")), EXIT_USAGE)
    for each in error.faults:
        tell(Said("  {fault}", fault=each), err=True)
    raise end
