"""The small tables of both databases, opened as often as a test likes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from contest_server.ledger.lane import Lane
from contest_server.ledger.postgres_link import Link
from contest_server.ledger.postgres_migrating import upgrade
from contest_server.ledger.postgres_tables import PostgresTables
from contest_server.ledger.tables import SqliteTables, Tables

OpenTables = Callable[[str], Tables]


@pytest.fixture
async def open_tables(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenTables]:
    """Opens the tables of this kind (sqlite, postgres) once more, as another server or a restart would. All are closed in the end."""
    closes: list[Callable[[], Awaitable[None]]] = []

    def one_more(kind: str) -> Tables:
        if kind == "postgres":
            link = Link(request.getfixturevalue("postgres_url"))
            if not closes:
                with ThreadPoolExecutor(1) as thread:
                    thread.submit(upgrade, link.url).result()
            closes.append(link.close)
            return PostgresTables(link)
        lane = Lane(tmp_path / "contest.db")
        closes.append(lane.close)
        return SqliteTables(lane)

    yield one_more
    for close in closes:
        await close()
