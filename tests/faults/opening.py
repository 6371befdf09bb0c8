"""Opening a hall: the contest adopted, servers started, the fleet put to sea, displays switched on, and cables between all of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from itertools import cycle
from pathlib import Path

import httpx

from tests.contests import CUP
from tests.faults.beside import beside
from tests.faults.cable import Address, Cable
from tests.faults.checks import Fold, Json
from tests.faults.contest import adopt_and_let_in, begins, definition, people_of, venue_name
from tests.faults.databases import Database
from tests.faults.desks import Desk
from tests.faults.displays import Display
from tests.faults.ears import Ears
from tests.faults.fleet import READY, Fleet, Member
from tests.faults.hall import BOARD, Hall
from tests.faults.plan import Plan
from tests.faults.processes import Program, Server, ended
from tests.postgres import free_port

VIEWS = ("all", "top:5", f"venue:{venue_name(1)}")
FLEET = (sys.executable, "-m", "tests.faults.fleet")


def _desks(plan: Plan, folder: Path, starts: datetime, document: Json, news: asyncio.Event) -> list[Desk]:
    stages = tuple(stage["id"] for stage in document["stages"])
    return [
        Desk(venue, "desk-1", people_of(venue), stages, starts, plan.dice(f"desk {venue}"), folder / f"{venue}.ndjson", Ears(news))
        for venue in (venue_name(number) for number in range(1, plan.venues + 1))
    ]


def _member(desk: Desk, cable: Cable, secret: str) -> Member:
    files = (str(desk.file), str(desk.outbox), str(desk.clock_file))
    return Member(f"http://127.0.0.1:{cable.port}", CUP, desk.venue, desk.source, secret, *files)


def _display(plan: Plan, name: str, view: str, cable: Cable, news: asyncio.Event) -> Display:
    def url_of(cursor: str) -> str:
        return f"ws://127.0.0.1:{cable.port}{BOARD}?view={view}&after={cursor}"

    return Display(name, view, url_of, plan.patience, plan.dice(name), news)


@asynccontextmanager
async def open_hall(plan: Plan, folder: Path, database: Database) -> AsyncIterator[Hall]:
    """The contest is adopted, the servers serve, the fleet sails, the displays watch. Nothing of it outlives this block."""
    news, starts = asyncio.Event(), begins()
    document = definition(plan.venues, starts)
    secrets = await adopt_and_let_in(database.own_url, document)
    servers = [
        Server(f"server-{n}", database.url, free_port(), folder, news, plan.environment(), plan.server_command)
        for n in range(1, plan.servers + 1)
    ]
    desks = _desks(plan, folder, starts, document, news)

    def up() -> list[Address]:
        """As a reverse proxy that asks for /health would: whoever does not answer gets no new connection."""
        return [server.address for server in servers if server.is_alive and not server.is_paused]

    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=plan.settle_within_s))
        cables = {}
        for name, hear in [*((d.name, d.ears.hear) for d in desks), *((f"display-{n}", None) for n in range(1, plan.displays + 1))]:
            cables[name] = await stack.enter_async_context(Cable(up, plan.dice(f"cable {name}"), hear).laid())
        fleet = _fleet(plan, folder, news, [_member(desk, cables[desk.name], secrets[desk.venue]) for desk in desks])
        watching = [(name, cable) for name, cable in cables.items() if name.startswith("display-")]
        displays = [_display(plan, name, view, cable, news) for (name, cable), view in zip(watching, cycle(VIEWS), strict=False)]
        await stack.enter_async_context(ended([*servers, fleet]))
        await asyncio.gather(*(program.start() for program in [*servers, fleet]))
        hall = Hall(plan, folder, database, servers, fleet, desks, cables, displays, news, http, Fold())
        async with beside(*(display.watch() for display in displays)):
            yield hall


def _fleet(plan: Plan, folder: Path, news: asyncio.Event, members: list[Member]) -> Program:
    path = folder / "fleet.json"
    Fleet(tuple(members), plan.answer_wait_s, plan.pause_max_s).write(path)
    return Program("fleet", [*(plan.fleet_command or FLEET), str(path)], folder, ready=READY, news=news)
