"""The command line: `contest-server serve | demo | adopt | token | official | venue | replay | verify | audit | export | check`."""

from __future__ import annotations

import typer

from contest_server.commands.adopt import adopt
from contest_server.commands.audit import audit
from contest_server.commands.check import check
from contest_server.commands.demo import demo
from contest_server.commands.export import export
from contest_server.commands.official import official
from contest_server.commands.replay import replay
from contest_server.commands.serve import serve
from contest_server.commands.token import token
from contest_server.commands.venue import venue
from contest_server.commands.verify import verify

app = typer.Typer(
    name="contest-server",
    help="Live stage-clear contests: venues stream events, judges score them at once and say why, big screens follow.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for command in (serve, demo, adopt, token, official, venue, replay, verify, audit, export, check):
    app.command()(command)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
