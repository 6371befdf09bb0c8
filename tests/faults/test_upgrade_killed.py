"""kill -9 in the middle of an upgrade: the file opens afterwards, is of this version, and holds everything. At any statement."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from contest_server.core.facts import ContestId
from contest_server.ledger import migrating
from contest_server.ledger.migrating import REVISIONS, migrations_folder
from contest_server.ledger.urls import open_stores
from tests.faults.exporting import exported, verified
from tests.faults.processes import ROOT
from tests.ledger.drafts import CONTEST, events

EVENTS = 300
SEED, KILLS = 1, 4
UPGRADED_WITHIN_S = 120


def folder_up_to(revision: str, folder: Path) -> Path:
    """The migrations as they were when this revision was the last one."""
    (folder / "versions").mkdir(parents=True)
    shutil.copy(migrations_folder() / "env.py", folder)
    for file in (migrations_folder() / "versions").glob("*.py"):
        if file.name[: len(revision)] <= revision:
            shutil.copy(file, folder / "versions")
    return folder


@pytest.fixture
async def oldest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file as the first version left it, with events in it."""
    path = tmp_path / "oldest.db"
    with monkeypatch.context() as older:
        folder = folder_up_to(REVISIONS[0], tmp_path / "older")
        older.setattr(migrating, "migrations_folder", lambda: folder)
        older.setattr(migrating, "REVISIONS", REVISIONS[:1])
        stores = open_stores(f"sqlite:///{path}")
        await stores.ledger.open(CONTEST)
        await stores.ledger.append(CONTEST, events(range(1, EVENTS + 1)))
        await stores.close()
    assert revision(path) == REVISIONS[0]
    return path


def revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def upgrade(path: Path, kill_at: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.faults.upgrader", str(path), str(kill_at)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=UPGRADED_WITHIN_S, check=False)


def copy_of(path: Path, name: str) -> Path:
    """With what lies beside it."""
    for file in path.parent.glob(f"{path.name}*"):
        shutil.copy(file, path.with_name(file.name.replace(path.name, name)))
    return path.with_name(name)


async def test_an_upgrade_that_is_killed_at_any_statement_is_made_up_for_by_the_next_start(oldest: Path) -> None:
    whole = upgrade(copy_of(oldest, "whole.db"), 0)
    assert whole.returncode == 0, whole.stderr
    statements = range(1, int(whole.stdout) + 1)
    for kill_at in Random(SEED).sample(statements, KILLS):
        path = copy_of(oldest, f"killed-{kill_at}.db")
        killed = upgrade(path, kill_at)
        assert killed.returncode == -signal.SIGKILL, (kill_at, killed.stderr)
        stores = open_stores(f"sqlite:///{path}")  # the next start
        assert len(await stores.ledger.read(ContestId(CONTEST), 0)) == EVENTS
        await stores.close()
        assert revision(path) == REVISIONS[-1]
        await exported(f"sqlite:///{path}", path.with_suffix(".ndjson"), CONTEST)
        await verified(path.with_suffix(".ndjson"))
