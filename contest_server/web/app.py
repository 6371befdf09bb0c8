"""The application: desks behind routes. Everything that a route needs is made here once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI

from contest_server import __version__
from contest_server.core.rulebook import Judges
from contest_server.ledger.urls import Stores
from contest_server.live.checkpointing import checkpoints_of
from contest_server.live.desks import Desks
from contest_server.live.now import now_us
from contest_server.live.pouring import best_pourer
from contest_server.live.settings import Settings
from contest_server.live.stands import Stands
from contest_server.live.upgrades import upgrades_of
from contest_server.web import (
    accounts,
    adopting,
    appeals,
    asyncapi,
    blind,
    builder,
    builder_runs,
    builder_tables,
    cases,
    chief,
    contests,
    control,
    control_room,
    conversions,
    devices,
    displays,
    entries,
    errors,
    exporting,
    forms,
    guards,
    handovers,
    health,
    history,
    login,
    marks,
    metrics,
    oidc,
    openapi,
    own_account,
    own_result,
    pages,
    pairing,
    posting,
    publication,
    rejudging,
    results,
    reveal,
    reviews,
    rulings,
    samples,
    screen_sockets,
    screens,
    signoffs,
    stations,
    statistics,
    theme,
    tracing,
    upgrades,
    venues,
)
from contest_server.web.house import House
from contest_server.web.revoking import Revocations
from contest_server.web.rights import declared

PUBLIC = (contests, adopting, entries, displays, venues, posting, stations, forms, control, login, health, metrics, asyncapi)
ACCOUNTS = (own_account, oidc, accounts, devices, pairing, exporting, own_result)
SHOW = (control_room, upgrades, screens, screen_sockets, reveal, history, statistics, theme)
"""What is directed, shown, and looked back at."""
BUILDING = (builder, builder_runs, builder_tables)
"""Making a definition, which touches no contest."""
REFEREES = (cases, rulings, marks, reviews, rejudging)
PROCEEDINGS = (appeals, signoffs, publication, results, conversions, samples, handovers, blind, chief)
"""What officials do besides judging."""


def create_app(stores: Stores, judges: Judges, settings: Settings, clock: Callable[[], int] = now_us) -> FastAPI:
    """The server as an ASGI application. The stores stay the caller's: it closes them after the application has ended."""

    app = FastAPI(
        title="Contest server",
        version=__version__,
        lifespan=lambda app: _open(app, stores, judges, settings, clock),
        openapi_url=None,  # see openapi.py: it is a route like any other
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(declared)],
        description="Live stage-clear contests: venues stream events, judges score them, boards move. Sockets: see /asyncapi.json.",
    )
    for room in (*PUBLIC, *ACCOUNTS, *SHOW, *REFEREES, *PROCEEDINGS, *BUILDING):
        app.include_router(room.router, responses=openapi.ERRORS)
    errors.install(app)
    openapi.install(app)
    pages.install(app)
    guards.install(app, settings, clock)
    tracing.install(app)
    return app


@asynccontextmanager
async def _open(app: FastAPI, stores: Stores, judges: Judges, settings: Settings, clock: Callable[[], int]) -> AsyncIterator[None]:
    """The house, for as long as the application runs: its desks, its stands, and what goes round beside them."""
    house: House | None = None
    beside = stores.notes, checkpoints_of(stores, judges, settings), upgrades_of(stores.notes, judges, clock)
    try:
        async with (
            Desks(stores.ledger, stores.people, judges, settings, clock, *beside).running() as desks,
            Stands(settings, clock, best_pourer()).running() as stands,
            asyncio.TaskGroup() as tasks,
        ):
            revocations = Revocations(stores.tokens, stores.officials, stores.accounts, desks.definition_of, clock)
            house = app.state.house = House(desks, stores, settings, clock, revocations, stands)
            opening = desks.open_latest(settings.open_at_start_max)
            rounds = [tasks.create_task(each) for each in (revocations.run(), house.pulse.run(), opening, house.roll.run())]
            try:
                yield
            finally:
                for each in rounds:
                    each.cancel()
    finally:
        if house is not None:
            house.aside.close()
            house.over.set()
