"""`contest-server venue`: send one source's events to the contest, whatever happens on the way."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from inspect import cleandoc
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from contest_server.agent.agent import Agent, Exit, Options
from contest_server.agent.calls import OneThread
from contest_server.agent.console import Console, attend
from contest_server.agent.courier import Tell
from contest_server.agent.devices import from_device, is_device
from contest_server.agent.files import InputAs
from contest_server.agent.limits import ID, SOURCE
from contest_server.agent.mqtt import NoSuchBroker
from contest_server.agent.outbox import Outbox
from contest_server.agent.refusals import open_refusals, rejected_lines, settle, withhold
from contest_server.agent.resume import ServerAhead
from contest_server.agent.serial_plc import BadPanel
from contest_server.agent.sources import FileInput, Source, descriptor_bytes, from_bytes, from_file
from contest_server.agent.store import Binding, DiskFault, OutboxFault, Store
from contest_server.agent.websocket import BadServer, Endpoint, connected, endpoint
from contest_server.agent.wording import in_both
from contest_server.core.saying import Said, said_by

EPILOG = """\b
Exit codes:
  0  everything read is acknowledged
  2  wrong options, no token, or an outbox that cannot be used
  3  stopped by the server: trying again does not help
  4  everything is answered, but events were refused or lines were no events
  5  stopped by a person while events wait; they are safe in the outbox
  6  the input cannot be read on; what was read is answered
"""


Input = Annotated[
    str,
    typer.Argument(
        metavar="[FILE.ndjson | - | mqtt://HOST/TOPIC | plc:FILE.toml]", help="Events, one JSON object a line; - is standard input."
    ),
]
ServerUrl = Annotated[str, typer.Option(envvar="CONTEST_SERVER", help="Where the contest is served.")]
ContestOf = Annotated[str, typer.Option(help="Id of the contest.")]
VenueOf = Annotated[str, typer.Option(help="Id of this venue.")]
SourceOf = Annotated[str, typer.Option(help="Name of this desk or device; its numbers are its own.")]
TokenFile = Annotated[Path | None, typer.Option(help="File that holds the venue's token. Otherwise the variable CONTEST_TOKEN.")]
Token = Annotated[str, typer.Option(help="The token itself. Everybody on this computer can read it: prefer --token-file.")]
OutboxFile = Annotated[Path | None, typer.Option(help="The outbox file; made if missing. [CONTEST.VENUE.SOURCE.outbox.db]")]
Follow = Annotated[bool, typer.Option("--follow", help="Go on reading as FILE grows; wait for it if it is not there.")]
Once = Annotated[bool, typer.Option("--once", help="End when the input is over and everything is answered.")]
Changed = Annotated[InputAs, typer.Option(help="What to do with a FILE that was changed in what had been read.")]
Ahead = Annotated[ServerAhead, typer.Option(help="What to do when the server has more events of this source than the outbox ever sent.")]
ListRefused = Annotated[bool, typer.Option("--refused", help="List the refused numbers that nobody has dealt with, and end.")]
ListRejected = Annotated[bool, typer.Option("--rejected", help="List the lines that were no events, and end.")]
Settled = Annotated[
    int, typer.Option(metavar="SEQ", show_default=False, help="Say that refused number SEQ is dealt with (with --note), and end.")
]
Withheld = Annotated[
    int, typer.Option(metavar="SEQ", show_default=False, help="Send a note for waiting number SEQ (with --note), and end.")
]
Note = Annotated[str, typer.Option(help="Why, for --settle and --withhold.")]


class _WrongUse(Exception):
    """Whoever typed the command has to change it."""


@dataclass(frozen=True, slots=True)
class _Run:
    binding: Binding
    where: Endpoint
    token: str
    outbox: Path
    file: str
    follow: bool
    input_as: InputAs
    options: Options


def venue(
    file: Input = "-",
    server: ServerUrl = "http://127.0.0.1:8000",
    contest: ContestOf = "",
    venue: VenueOf = "",
    source: SourceOf = "",
    token_file: TokenFile = None,
    token: Token = "",
    outbox: OutboxFile = None,
    follow: Follow = False,
    once: Once = False,
    input_as: Changed = InputAs.ASK,
    server_ahead: Ahead = ServerAhead.STOP,
    refused: ListRefused = False,
    rejected: ListRejected = False,
    settle: Settled = 0,
    withhold: Withheld = 0,
    note: Note = "",
) -> None:
    """Send the events of one source to the contest, and keep them until they are acknowledged.

    Events are kept in the outbox from the moment they are read, and after
    the acknowledgement too. The agent reconnects by itself, for ever, and
    goes on where the server left off; it may be killed at any moment.

    A FILE is read on at the byte where it was left. What is read from
    standard input is kept too, but cannot be read again: what was still in
    the pipe at a kill is the sender's to repeat (lines that carry their own
    `seq` are not doubled).
    """
    try:
        binding = _binding(contest, venue, source)
        path = outbox or _default_outbox(binding)
        if refused or rejected or settle or withhold:
            raise typer.Exit(_look_after(path, binding, refused=refused, rejected=rejected, settled=settle, withheld=withhold, note=note))
        if binding is None:
            raise _WrongUse(Said("--contest, --venue and --source are needed"))
        options = Options(once=once, server_ahead=server_ahead)
        run = _Run(binding, _where(server, binding), _token(token, token_file), path, file, follow, input_as, options)
        raise typer.Exit(_run(run))
    except (_WrongUse, OutboxFault, DiskFault) as fault:
        typer.echo(f"contest-server venue: {in_both(said_by(fault))}", err=True)
        raise typer.Exit(Exit.USAGE) from fault


def _binding(contest: str, venue: str, source: str) -> Binding | None:
    given = [bool(contest), bool(venue), bool(source)]
    if any(given) and not all(given):
        raise _WrongUse(Said("--contest, --venue and --source belong together"))
    for option, wanted, name in (("--contest", ID, contest), ("--venue", ID, venue), ("--source", SOURCE, source)):
        if name and wanted.fullmatch(name) is None:
            marks = "_ . - :" if wanted is ID else "_ . -"
            raise _WrongUse(
                Said("{option} {name!r:.80}: 1 to 64 letters, digits and {marks} are taken", option=option, name=name, marks=marks)
            )
    return Binding(contest, venue, source) if all(given) else None


def _where(server: str, binding: Binding) -> Endpoint:
    try:
        return endpoint(server, binding)
    except BadServer as fault:
        raise _WrongUse(Said("--server: {fault}", fault=said_by(fault))) from fault


def _default_outbox(binding: Binding | None) -> Path:
    if binding is None:
        raise _WrongUse(Said("--outbox, or --contest, --venue and --source are needed"))
    return Path(".".join(re.sub(r"[^\w-]", "_", part) for part in (binding.contest, binding.venue, binding.source)) + ".outbox.db")


def _token(token: str, token_file: Path | None) -> str:
    if token:
        warning = Said("WARNING: a token on the command line can be read by everybody on this computer; prefer --token-file")
        typer.echo(in_both(warning), err=True)
    elif token_file is not None:
        try:
            token = token_file.read_text(encoding="utf-8")
        except OSError as fault:
            raise _WrongUse(Said("the token cannot be read from {path}: {fault}", path=str(token_file), fault=fault.strerror)) from fault
    else:
        token = os.environ.get("CONTEST_TOKEN", "")
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable():
        raise _WrongUse(Said("no usable token: give --token-file FILE or set CONTEST_TOKEN (`contest-server token` makes one)"))
    return token


def _run(run: _Run) -> int:
    if run.follow and (run.file == "-" or run.options.once):
        raise _WrongUse(Said("--follow goes with a FILE, and never ends: not with -, not with --once"))
    if is_device(run.file) and (run.follow or run.options.once):
        raise _WrongUse(Said("a broker and a PLC never end: not with --once, and without --follow"))
    console = Console(sys.stderr, now_us)
    if run.where.secret_in_the_clear:
        console.tell(Said("WARNING: the token and the events travel unencrypted; use https:// where the network is not yours alone"))
    with closing(Store.open(run.outbox, run.binding, now_us)) as store, closing(OneThread()) as call:
        agent = Agent(
            outbox := Outbox(store),
            partial(connected, run.where, run.token),
            _source(run, outbox, call, console.tell),
            now_us,
            run.options,
            call=call,
            tell=console.tell,
        )
        return asyncio.run(attend(agent, console)).exit


def _source(run: _Run, outbox: Outbox, call: OneThread, tell: Tell) -> Source:
    if is_device(run.file):
        try:
            return from_device(run.file, run.binding, os.environ.get("CONTEST_MQTT_PASSWORD"), now_us, tell, run.options.bounds)
        except (NoSuchBroker, BadPanel) as fault:
            raise _WrongUse(said_by(fault)) from fault
    path = Path(run.file)
    if run.file == "-" and sys.stdin is None:
        raise _WrongUse(Said("standard input is closed: name a FILE"))
    if run.file == "-":
        return from_bytes(descriptor_bytes(sys.stdin.fileno()), now_us)
    if not path.exists() and not run.follow:
        raise _WrongUse(Said("{path}: there is no such file (--follow waits for it)", path=str(path)))
    if path.exists() and not path.is_file():
        raise _WrongUse(Said("{path}: not a plain file; read a pipe or a device as standard input: < {path}", path=str(path)))
    return from_file(FileInput(path, run.follow, run.input_as, run.options.bounds.file_poll_s), outbox, call, now_us)


def _look_after(path: Path, binding: Binding | None, *, refused: bool, rejected: bool, settled: int, withheld: int, note: str) -> int:
    """What a person does with an outbox; an agent may be using it meanwhile."""
    if (settled or withheld) and not note:
        raise _WrongUse(Said("say why: --note TEXT"))
    if not path.exists():
        raise _WrongUse(Said("{path}: there is no such outbox", path=str(path)))
    with closing(Store.open(path, binding, now_us, exclusive=False)) as store:
        rows = [*(open_refusals(store) if refused else []), *(rejected_lines(store) if rejected else [])]
        for row in rows:
            typer.echo(msgspec.json.encode(row).decode())
        if settled and not settle(store, settled, note):
            raise _WrongUse(Said("number {seq} is not an open refusal", seq=settled))
        if withheld and not withhold(store, withheld, note):
            raise _WrongUse(Said("number {seq} does not wait", seq=withheld))
    return Exit.DONE


def now_us() -> int:
    """This device's clock, as it is: the server measures how wrong it is."""
    return time.time_ns() // 1_000


venue.__doc__ = f"{cleandoc(venue.__doc__ or '')}\n\n{EPILOG}"
