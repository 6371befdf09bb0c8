"""`contest-server rehearse`: a whole contest against a running installation, with faults, and what its operators would have seen."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from contest_server.commands.files import OPEN_MODE, whole_file
from contest_server.commands.options import end_with_faults, fail, judges_here, told
from contest_server.core.faults import DefinitionError
from contest_server.core.rulebook import Judges
from contest_server.core.saying import Said, said_by
from contest_server.demo.voice import Voice
from contest_server.rehearsal.office import Unanswered
from contest_server.rehearsal.outcome import Outcome
from contest_server.rehearsal.page import page_of
from contest_server.rehearsal.performing import Rehearsal
from contest_server.rehearsal.plan import Plan, plan_of
from contest_server.rehearsal.plan import lines_of as plan_lines
from contest_server.rehearsal.report import as_json, lines_of
from contest_server.rehearsal.verdict import Verdict, verdict_of
from contest_server.rehearsal.wishes import BadWish, FaultKind, Wishes, faults_of, is_loopback

EXIT_NOT_READY = 1


def rehearse(
    url: Annotated[
        list[str], typer.Option(help="A server of the installation, such as https://contest.example; may be given several times.")
    ],
    token: Annotated[str, typer.Option(envvar="CONTEST_TOKEN", help="An administrator's token.")] = "",
    venues: Annotated[int, typer.Option(help="Venues of the bundled contest, 1 to 50.")] = 3,
    contestants: Annotated[int, typer.Option(help="Contestants of the bundled contest, 16 to 500.")] = 60,
    displays: Annotated[int, typer.Option(help="Display sockets, 1 to 200.")] = 6,
    minutes: Annotated[int | None, typer.Option(help="Length of the contest (30, or what --definition says).")] = None,
    speed: Annotated[float, typer.Option(help="So many times as fast as real time, 1 to 1000.")] = 20.0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same plan.")] = 7,
    faults: Annotated[
        str, typer.Option(help="all, none, or some of: cut, delay, duplicate, reorder, clock, crash, garbage, slow-display, late.")
    ] = "all",
    definition: Annotated[Path | None, typer.Option(help="A folder with your own contest.toml, instead of the bundled contest.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report as an HTML page.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the report as JSON.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Print what would happen, and end.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Needed where a server is not on this computer.")] = False,
) -> None:
    """Rehearse a whole contest against servers that are running: venues, displays, referees, and seeded faults on this side of the wire.

    It adopts a contest of its own, whose name says that it is a rehearsal, and touches no other. Every event is looked for in the ledger in
    the end, and the board is held against one that is reckoned here from the plan. Ctrl-C ends it early, with a report.

    Exit codes: 0 ready, 1 not ready, 2 bad usage, no server, or not an administrator's token.
    """
    wishes = Wishes(tuple(url), venues, contestants, displays, minutes, speed, seed, _faults(faults), definition)
    judges = judges_here()
    planned = _plan(wishes, judges)
    for line in plan_lines(planned):
        typer.echo(line)
    if plan:
        return
    _check_place(wishes, token, yes=yes)
    _check_folders(report, json)
    outcome = _perform(planned, judges, token)
    verdict = verdict_of(outcome)
    _hand_over(outcome, verdict, report, json)
    if not verdict.ready:
        raise typer.Exit(EXIT_NOT_READY)


def _faults(text: str) -> frozenset[FaultKind]:
    try:
        return faults_of(text)
    except BadWish as error:
        fail(said_by(error))


def _plan(wishes: Wishes, judges: Judges) -> Plan:
    try:
        return plan_of(wishes, judges)
    except BadWish as error:
        fail(said_by(error))
    except DefinitionError as error:
        end_with_faults("--definition", error)
    except OSError as error:
        fail(Said("{path}: {what}", path="--definition", what=told(error)))


def _check_place(wishes: Wishes, token: str, *, yes: bool) -> None:
    far = [each for each in wishes.urls if not is_loopback(each)]
    if far and not yes:
        fail(Said("{far} is not this computer; a rehearsal is a load on whoever is there now. Say --yes if that is meant", far=far))
    if not token:
        fail(Said("--token (or CONTEST_TOKEN): an administrator's token is needed, see contest-server token --role admin"))


def _check_folders(*paths: Path | None) -> None:
    """A rehearsal takes a while: where its report cannot be put is told before it."""
    for path in paths:
        if path is not None and (path.is_dir() or not path.parent.is_dir()):
            why = Said("{path} is a folder", path=path) if path.is_dir() else Said("{path} is in a folder that is not there", path=path)
            fail(Said("the report cannot be written: {fault}", fault=why))


def _perform(plan: Plan, judges: Judges, token: str) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="contest-rehearsal-", ignore_cleanup_errors=True) as folder:
        try:
            return asyncio.run(_run(Rehearsal(plan, judges, token, Path(folder), Voice(sys.stdout))))
        except Unanswered as error:
            fail(said_by(error))


async def _run(rehearsal: Rehearsal) -> Outcome:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # an event loop of Windows: Ctrl-C interrupts the program instead
            loop.add_signal_handler(number, rehearsal.stop)
    return await rehearsal.run()


def _hand_over(outcome: Outcome, verdict: Verdict, report: Path | None, json: Path | None) -> None:
    for line in lines_of(outcome, verdict):
        typer.echo(line)
    for path, text in ((report, page_of), (json, as_json)):
        if path is not None:
            _write(path, text(outcome, verdict))


def _write(path: Path, text: str) -> None:
    try:
        with whole_file(path, OPEN_MODE) as out:
            out.write(text.encode())
    except OSError as error:
        fail(Said("the report cannot be written: {fault}", fault=told(error)))
