"""`contest-server replay`: a recorded contest once more, through real venue sockets, and its result held against the published one."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import typer

from contest_server.commands.options import fail, judges_here
from contest_server.commands.tongue import tell
from contest_server.core.facts import ContestId
from contest_server.core.faults import DefinitionError
from contest_server.core.saying import Said, Text, said_by
from contest_server.ledger.database_url import BadUrl
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.urls import open_stores
from contest_server.live.adopting import VersionTaken
from contest_server.live.now import now_us
from contest_server.replay.compare import compare
from contest_server.replay.own_server import Place, own_server, prepare
from contest_server.replay.performing import Manner, Performance, perform, tape_of
from contest_server.replay.reading import read_recording
from contest_server.replay.recording import Recording, UnreadableRecording
from contest_server.replay.report import about, differences, outcome, top
from contest_server.replay.reshaping import at_one_venue
from contest_server.replay.sending import ServerFault
from contest_server.replay.tape import Tape
from contest_server.replay.token_file import read_tokens

EQUAL, DIFFERENT, USAGE = 0, 1, 2
KNOWN_WITHIN_TRIES = 100
KNOWN_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Order:
    """Where to stream to, and how."""

    manner: Manner
    server: str | None
    token_file: Path | None
    db: str | None
    stay: bool


PathArgument = Annotated[
    Path,
    typer.Argument(
        help="The folder or file of the recording: an event feed (NDJSON), run.json with team.json and config.json, a CSV of attempts, "
        "or contest.toml with events.ndjson or attempts.csv. Told apart by content.",
        show_default=False,
    ),
]
OfficialOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="The published result: a scoreboard (JSON) or a table (CSV). Otherwise the one beside the recording."
    ),
]
DefinitionOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Replay under the rules of this definition instead of the recording's own.")
]
SpeedOption = Annotated[str, typer.Option(metavar="N|max", help="N times as fast as it happened; max: as fast as it is acknowledged.")]
ServerOption = Annotated[
    str | None, typer.Option(metavar="URL", help="Stream to this server, not to one of its own. Needs --token-file, or the server's --db.")
]
TokenFileOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Tokens for --server: a line VENUE TOKEN for each venue, and staff TOKEN for --freeze.")
]
DbOption = Annotated[
    str | None, typer.Option("--db", metavar="URL", help="Keep the contest in this database. Otherwise it is thrown away afterwards.")
]
ShuffleOption = Annotated[
    bool,
    typer.Option(
        "--shuffle", help="Rehearse disorder: several devices a venue, attempts in any order, batches cut anywhere and sent twice."
    ),
]
SeedOption = Annotated[int, typer.Option(help="What --shuffle draws from: the same number, the same disorder.")]
VenuesOption = Annotated[
    bool, typer.Option("--venues-as-recorded/--one-venue", help="One client for each venue of the recording, or everything from one venue.")
]
FreezeOption = Annotated[
    bool, typer.Option("--freeze", help="Freeze the board when the recorded contest did. The comparison is with all facts.")
]
StayOption = Annotated[bool, typer.Option("--stay", help="Keep the server and its board up afterwards, until Ctrl-C.")]


def replay(
    path: PathArgument,
    official: OfficialOption = None,
    definition: DefinitionOption = None,
    speed: SpeedOption = "max",
    server: ServerOption = None,
    token_file: TokenFileOption = None,
    db: DbOption = None,
    shuffle: ShuffleOption = False,
    seed: SeedOption = 1,
    venues_as_recorded: VenuesOption = True,
    freeze: FreezeOption = False,
    stay: StayOption = False,
) -> None:
    """Stream a recorded contest through real venue sockets, one client a venue, and compare the final ranking with the published one.

    Starts a server of its own on a free port, whose clock is that of the recorded contest. Open the address it prints to watch.
    Prints every difference, then `compared N, equal N`.

    Exit codes: 0 equal (or nothing to compare with), 1 a difference, 2 the recording cannot be read, bad usage, or no server,
    130 interrupted.
    """
    manner = Manner(_speed(speed), seed if shuffle else None, freeze)
    order = Order(manner, None if server is None else server.rstrip("/"), token_file, db, stay)
    try:
        _check(order)
        recording = read_recording(path, official, definition)
        recording = recording if venues_as_recorded else at_one_venue(recording)
        _say(about(recording))
        code = asyncio.run(_replay(recording, order))
    except (UnreadableRecording, DefinitionError, VersionTaken, ServerFault, BadUrl, LedgerFault) as error:
        fail(said_by(error))
    except KeyboardInterrupt:
        fail(Said("interrupted"), 130)
    raise typer.Exit(code)


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.001 <= speed <= 1_000_000:
        fail(Said("--speed {text!r}: expected max, or how many times as fast, such as 60", text=text))
    return speed


def _check(order: Order) -> None:
    if order.server is not None and order.token_file is None and order.db is None:
        fail(Said("--server needs --token-file, or --db with the database of that server"))
    if order.server is None and order.token_file is not None:
        fail(Said("--token-file is for --server; a server of its own makes its tokens itself"))
    if order.server is not None and not order.server.startswith(("http://", "https://")):
        fail(Said("--server {server!r}: expected an address such as http://127.0.0.1:8000", server=order.server))
    if order.manner.shuffle is not None and (order.manner.freeze or order.manner.speed is not None):
        fail(Said("--shuffle sends everything in any order: it goes with neither --freeze nor --speed"))


async def _replay(recording: Recording, order: Order) -> int:
    tape = tape_of(recording)
    async with _place(recording, order, tape) as place:
        _say([Said("streaming to {url}/", url=place.url)])
        performance = await perform(recording, place, tape, order.manner, sys.stderr)
        _say(outcome(performance))
        code = _verdict(recording, performance)
        if order.stay:
            _say([Said("the board stays up at {url}/ until Ctrl-C", url=place.url)])
            await asyncio.Event().wait()
    return code


@asynccontextmanager
async def _place(recording: Recording, order: Order, tape: Tape) -> AsyncIterator[Place]:
    if order.server is None:
        async with own_server(recording.definition, judges_here(), tape.now_us, order.db) as place:
            yield place
    elif order.token_file is not None:
        venues, staff = read_tokens(order.token_file, list(recording.events))
        place = Place(order.server, ContestId(recording.definition["contest"]["id"]), venues, staff)
        await _known(place, tries=1)
        yield place
    else:
        stores = open_stores(order.db or "", create=False)
        try:
            contest, venues, secret = await prepare(stores, recording.definition, judges_here(), now_us())
        finally:
            await stores.close()
        place = Place(order.server, contest, venues, secret)
        await _known(place, KNOWN_WITHIN_TRIES)
        yield place


async def _known(place: Place, tries: int) -> None:
    """Return once the server knows the contest. Raises ServerFault."""
    url, status = f"{place.url}/api/contests/{place.contest}", 0
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(tries):
            try:
                status = (await client.get(url)).status_code
            except httpx.HTTPError as error:
                raise ServerFault(Said("{url}: {fault}", url=url, fault=str(error) or type(error).__name__)) from None
            if status == 200:
                return
            await asyncio.sleep(KNOWN_EVERY_S)
    raise ServerFault(
        Said(
            "{url}: answered {status}; adopt the recording's definition there first, or name the server's database with --db",
            url=url,
            status=status,
        )
    )


def _verdict(recording: Recording, performance: Performance) -> int:
    if recording.official is None:
        _say(top(performance.board))
        _say([Said("no published result was found beside the recording: there was nothing to compare with")])
        return EQUAL
    comparison = compare(performance.board["rows"], recording.official, recording.stage_ids)
    _say(differences(comparison))
    _say([str(comparison)])
    return EQUAL if comparison.same else DIFFERENT


def _say(lines: Iterable[Text]) -> None:
    for line in lines:
        tell(line)
