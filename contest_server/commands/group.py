"""All commands by their names; how each ends where a file or a name that somebody gave cannot be used. Hides no fault of ours.

The module of a command is loaded when it is asked for: most need much less than the server does, and a venue's computer may be a small one.
"""

from __future__ import annotations

from collections.abc import Callable
from errno import EEXIST
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from contest_server.commands.help import Command, in_short, is_english, page, section, usage, wrong_use_told
from contest_server.commands.options import OF_WRITING, end_unheard, fail, told
from contest_server.core.saying import Said, said_by
from contest_server.ledger.tables import NoText

NAMES = (
    "serve",
    "demo",
    "check",
    "adopt",
    "token",
    "account",
    "official",
    "erase",
    "venue",
    "rehearse",
    "replay",
    "doctor",
    "config",
    "backup",
    "restore",
    "copy",
    "export",
    "verify",
    "audit",
)
"""In the order in which they are listed. Each is a function of the same name in a module of the same name."""
_TELLING = OF_WRITING | {EEXIST}
"""Errors that say enough."""


def function_of(name: str) -> Callable[..., Any]:
    """What a command does; its documentation is the command's help."""
    function: Callable[..., Any] = getattr(import_module(f"contest_server.commands.{name}"), name)
    return function


class Commands(TyperGroup):
    """What a command says itself outweighs this."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - they are always the same
        return list(NAMES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in NAMES:
            return None
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        alone.command(cls=Command)(function_of(cmd_name))
        return typer.main.get_command(alone)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        if is_english():
            super().format_help(ctx, formatter)
            return
        commands = [(name, in_short(self.get_command(ctx, name))) for name in NAMES]
        formatter.write("\n".join([*page(self, ctx, formatter.width), *section(Said("Commands:"), commands, formatter.width)]))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        if is_english():
            super().format_usage(ctx, formatter)
        else:
            formatter.write("\n".join(usage(self, ctx, formatter.width)))

    def make_context(self, *arguments: Any, **extra: Any) -> Any:
        with wrong_use_told():
            return super().make_context(*arguments, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Raises typer.Exit with EXIT_USAGE in the place of an OSError that names a file, and of NoText; with EXIT_FAULTS where what the
        command says cannot be written.
        """
        try:
            with wrong_use_told():
                return super().invoke(ctx)
        except OSError as error:
            if error.filename is None and error.errno in OF_WRITING:  # files are named by whoever makes them: it was standard output
                end_unheard(error)
            if error.filename is None:
                raise
            what = told(error)
            fail(what if error.errno in _TELLING else Said("{fault}. Is the path right, and may this user use it?", fault=what))
        except NoText as error:
            fail(said_by(error))
