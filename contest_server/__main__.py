"""The command line: `contest-server COMMAND`, one module each in `commands`; `contest-server --help` lists them."""

from __future__ import annotations

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
    app()


if __name__ == "__main__":
    main()
