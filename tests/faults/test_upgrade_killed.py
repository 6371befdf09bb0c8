"""kill -9 in the middle of an upgrade, at any statement: the next start makes up for it, and everything is there."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from contest_server.ledger import migrating, postgres_migrating
from contest_server.ledger.migrating import REVISIONS, migrations_folder
from contest_server.ledger.urls import open_stores
from tests.faults.exporting import exported, verified
from tests.faults.processes import ROOT
from tests.ledger.drafts import CONTEST, events
from tests.postgres import drop_database, new_database

EVENTS = 300
SEED, KILLS = 1, 3
UPGRADED_WITHIN_S = 120


def folder_up_to(revision: str, folder: Path) -> Path:
    """The migrations as they were when this revision was the last one."""
    (folder / "versions").mkdir(parents=True)
    shutil.copy(migrations_folder() / "env.py", folder)
    for file in (migrations_folder() / "versions").glob("*.py"):
        if file.name[: len(revision)] <= revision:
            shutil.copy(file, folder / "versions")
    return folder


async def fill_the_oldest(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database as the first version left it, with events in it."""
    with monkeypatch.context() as older:
        migrations = folder_up_to(REVISIONS[0], folder / "older")
        older.setattr(migrating, "migrations_folder", lambda: migrations)
        older.setattr(migrating, "REVISIONS", REVISIONS[:1])
        older.setattr(postgres_migrating, "REVISIONS", REVISIONS[:1])
        stores = open_stores(url)
        await stores.ledger.open(CONTEST)
        await stores.ledger.append(CONTEST, events(range(1, EVENTS + 1)))
        await stores.close()


def upgrade(url: str, kill_at: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.faults.upgrader", url, str(kill_at)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=UPGRADED_WITHIN_S, check=False)


async def kill_at_some(statements: Sequence[int], copy: Callable[[str], Awaitable[str]], folder: Path) -> None:
    for kill_at in Random(SEED).sample(statements, min(KILLS, len(statements))):
        url = await copy(f"killed-{kill_at}")
        killed = upgrade(url, kill_at)
        assert killed.returncode == -signal.SIGKILL, (kill_at, killed.stderr)
        stores = open_stores(url)  # the next start
        assert len(await stores.ledger.read(CONTEST, 0)) == EVENTS
        await stores.close()
        await exported(url, folder / "export.ndjson", CONTEST)
        await verified(folder / "export.ndjson")


async def count_statements(url: str) -> range:
    whole = upgrade(url, 0)
    assert whole.returncode == 0, whole.stderr
    return range(1, int(whole.stdout) + 1)


def copy_of(path: Path, name: str) -> Path:
    """With what lies beside it."""
    for file in path.parent.glob(f"{path.name}*"):
        shutil.copy(file, path.parent / file.name.replace(path.stem, name))
    return path.with_name(f"{name}.db")


async def test_an_upgrade_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    oldest = tmp_path / "oldest.db"
    await fill_the_oldest(f"sqlite:///{oldest}", tmp_path, monkeypatch)

    async def copy(name: str) -> str:
        return f"sqlite:///{copy_of(oldest, name)}"

    await kill_at_some(await count_statements(await copy("whole")), copy, tmp_path)


async def test_an_upgrade_in_postgresql(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill_the_oldest(postgres_url, tmp_path, monkeypatch)
    server, _, template = postgres_url.rpartition("/")
    copies: list[str] = []

    async def copy(_: str) -> str:
        copies.append(await asyncio.to_thread(new_database, f"{server}/postgres", template=template))
        return copies[-1]

    try:
        await kill_at_some(await count_statements(await copy("whole")), copy, tmp_path)
    finally:
        for url in copies:
            await asyncio.to_thread(drop_database, url)
