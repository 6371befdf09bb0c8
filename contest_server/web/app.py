"""The application: desks behind routes. Everything that a route needs is made here once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from contest_server import __version__
from contest_server.core.rulebook import Judges
from contest_server.ledger.urls import Stores
from contest_server.live.desks import Desks
from contest_server.live.settings import Settings
from contest_server.web import (
    appeals,
    asyncapi,
    blind,
    cases,
    chief,
    contests,
    control,
    displays,
    entries,
    errors,
    handovers,
    health,
    login,
    marks,
    openapi,
    pages,
    publication,
    rejudging,
    reviews,
    rulings,
    samples,
    signoffs,
    venues,
)
from contest_server.web.house import House
from contest_server.web.revoking import Revocations

PUBLIC = (contests, entries, displays, venues, control, login, health, asyncapi)
REFEREES = (cases, rulings, marks, reviews, rejudging)
PROCEEDINGS = (appeals, signoffs, publication, samples, handovers, blind, chief)
"""What officials do besides judging."""


def now_us() -> int:
    """UTC in microseconds since 1970."""
    return time.time_ns() // 1_000


def create_app(stores: Stores, judges: Judges, settings: Settings, clock: Callable[[], int] = now_us) -> FastAPI:
    """The server as an ASGI application. The stores stay the caller's: it closes them after the application has ended."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        revocations = Revocations(stores.tokens, stores.officials, clock)
        async with Desks(stores.ledger, stores.people, judges, settings, clock).running() as desks, asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(revocations.run())
            app.state.house = House(desks, stores, settings, clock, revocations)
            try:
                yield
            finally:
                watch.cancel()

    app = FastAPI(
        title="Contest server",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        description="Live stage-clear contests: venues stream events, judges score them, boards move. Sockets: see /asyncapi.json.",
    )
    for room in (*PUBLIC, *REFEREES, *PROCEEDINGS):
        app.include_router(room.router, responses=openapi.ERRORS)
    errors.install(app)
    openapi.install(app)
    pages.install(app)
    return app
