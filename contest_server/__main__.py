"""The command line: `contest-server COMMAND`, one module each in `commands`; `contest-server --help` lists them."""

from __future__ import annotations

import typer

from contest_server.commands.account import account
from contest_server.commands.adopt import adopt
from contest_server.commands.audit import audit
from contest_server.commands.backup import backup
from contest_server.commands.check import check
from contest_server.commands.config import config
from contest_server.commands.configured import configure
from contest_server.commands.copy import copy
from contest_server.commands.demo import demo
from contest_server.commands.doctor import doctor
from contest_server.commands.ending import Commands
from contest_server.commands.erase import erase
from contest_server.commands.export import export
from contest_server.commands.official import official
from contest_server.commands.rehearse import rehearse
from contest_server.commands.replay import replay
from contest_server.commands.restore import restore
from contest_server.commands.serve import serve
from contest_server.commands.token import token
from contest_server.commands.venue import venue
from contest_server.commands.verify import verify

app = typer.Typer(
    name="contest-server",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.callback()(configure)
for command in (
    serve,
    demo,
    check,
    adopt,
    token,
    account,
    official,
    erase,
    venue,
    rehearse,
    replay,
    doctor,
    config,
    backup,
    restore,
    copy,
    export,
    verify,
    audit,
):
    app.command()(command)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
