"""The command line: `contest-server COMMAND`, one module each in `commands`; `contest-server --help` lists them."""

from __future__ import annotations

import io
import sys

import typer

from contest_server.commands.configured import configure
from contest_server.commands.group import Commands

app = typer.Typer(
    name="contest-server",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.callback()(configure)


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a terminal or a file's name cannot say ends no command
    app()


if __name__ == "__main__":
    main()
