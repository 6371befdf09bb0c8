"""The databases that a fault run can use, with what can happen to each: a SQLite file, or a PostgreSQL behind a cable."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from random import Random
from typing import Protocol

from tests.faults.cable import Cable
from tests.postgres import Cluster, new_database


class Database(Protocol):
    """`url` is what the servers get, `own_url` a way to it that no fault stands in."""

    @property
    def kind(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def own_url(self) -> str: ...


class SqliteFile:
    """One file that all servers of this machine share."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = self.own_url = f"sqlite:///{path}"

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Somebody else holds the file's write lock inside this block: every commit waits."""
        with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    def move_away(self) -> None:
        """As a disk that falls off: the path leads nowhere."""
        self.path.rename(self.path.with_suffix(".away"))

    def move_back(self) -> None:
        self.path.with_suffix(".away").rename(self.path)


class Postgres:
    """A PostgreSQL of its own that keeps what it acknowledged, reached by the servers through a cable."""

    kind = "postgresql"

    def __init__(self, cluster: Cluster, own_url: str, cable: Cable) -> None:
        self.cluster, self.own_url, self.cable = cluster, own_url, cable
        self.url = own_url.replace(f":{cluster.port}/", f":{cable.port}/")

    async def kill(self) -> None:
        await asyncio.to_thread(self.cluster.kill)

    async def start(self) -> None:
        await asyncio.to_thread(self.cluster.start)

    async def stop(self) -> None:
        await asyncio.to_thread(self.cluster.stop)


@asynccontextmanager
async def at(kind: str, folder: Path, dice: Random) -> AsyncIterator[Database]:
    """A database of this kind, which is gone after this block."""
    if kind == "sqlite":
        yield SqliteFile(folder / "cup.db")
        return
    async with _postgres(dice) as postgres:
        yield postgres


@asynccontextmanager
async def _postgres(dice: Random) -> AsyncIterator[Postgres]:
    cluster = await asyncio.to_thread(lambda: Cluster(durable=True))
    try:
        await asyncio.to_thread(cluster.start)
        own_url = await asyncio.to_thread(new_database, cluster.url())
        async with Cable(lambda: [("127.0.0.1", cluster.port)], dice).laid() as cable:
            yield Postgres(cluster, own_url, cable)
    finally:
        await asyncio.to_thread(cluster.close)
