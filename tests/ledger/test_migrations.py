"""Every file is brought to this version's tables once, or left alone."""

# ruff: noqa: ASYNC240 - a test that waits for the disk keeps nobody waiting

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from contest_server.commands.options import stores_at
from contest_server.ledger import migrating
from contest_server.ledger.lane import Lane
from contest_server.ledger.migrating import REVISIONS, WrongFile, migrations_folder
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.pragmas import RETRY_EVERY_MS
from contest_server.ledger.schema import metadata
from contest_server.ledger.sqlite import SqliteLedger
from contest_server.ledger.urls import open_ledger
from tests.ledger.drafts import CONTEST, events

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "contest.db"


async def made(path: Path) -> None:
    ledger = SqliteLedger(Lane(path))
    await ledger.open(CONTEST)
    await ledger.append(CONTEST, events([1, 2, 3]))
    await ledger.close()


def test_the_program_knows_exactly_the_revisions_of_the_folder() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    script = ScriptDirectory.from_config(config)
    assert tuple(one.revision for one in script.walk_revisions())[::-1] == REVISIONS
    assert script.get_current_head() == REVISIONS[-1]


async def test_the_migrations_make_the_tables_of_the_schema(path: Path) -> None:
    await made(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_file_that_is_up_to_date_does_not_import_alembic(path: Path) -> None:
    asyncio.run(made(path))
    code = (
        "import sys; from contest_server.ledger.urls import open_stores; import asyncio;"
        f"asyncio.run(open_stores('sqlite:///{path}').close());"
        "sys.exit('alembic' in sys.modules or 'sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


async def test_a_file_of_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    await made(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(WrongFile, match="newer version"):
        Lane(path)
    assert path.read_bytes() == before


async def test_the_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    before = path.read_bytes()
    with pytest.raises(WrongFile, match="another program"):
        Lane(path)
    assert path.read_bytes() == before


async def test_many_who_open_a_new_file_at_once_all_succeed(path: Path) -> None:
    """Each lane opens in its own thread with its own connection, as other processes would."""
    lanes = await asyncio.gather(*(asyncio.to_thread(Lane, path) for _ in range(6)))
    heads = [await SqliteLedger(lane).open(CONTEST) for lane in lanes]
    assert len(set(map(repr, heads))) == 1
    for lane in lanes:
        await lane.close()


async def test_opening_waits_for_another_who_is_opening(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite itself does not wait when the write-ahead log is switched on. The other one is done when we have waited once."""
    await made(path)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM ledger").fetchone()
    with pytest.raises(LedgerFault, match="locked"):
        Lane(path, busy_timeout_ms=1)
    monkeypatch.setattr(time, "sleep", lambda _: other.close())
    await Lane(path, busy_timeout_ms=3 * RETRY_EVERY_MS).close()


def folder_up_to(revision: str, folder: Path) -> Path:
    """A folder of migrations as it was when this revision was the last one."""
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text((migrations_folder() / "env.py").read_text())
    for file in (migrations_folder() / "versions").glob("*.py"):
        if file.name[: len(revision)] <= revision:
            (folder / "versions" / file.name).write_text(file.read_text())
    return folder


async def made_by(before: int, path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As the version left it that knew so many revisions."""
    folder = folder_up_to(REVISIONS[before - 1], tmp_path / "older")
    with monkeypatch.context() as older:
        older.setattr(migrating, "migrations_folder", lambda: folder)
        older.setattr(migrating, "REVISIONS", REVISIONS[:before])
        await made(path)
    assert revision_in(path) == REVISIONS[before - 1]


def revision_in(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@pytest.mark.parametrize("before", range(1, len(REVISIONS)))
async def test_a_file_of_an_older_version_gets_the_newer_tables_and_keeps_everything(
    before: int, path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await made_by(before, path, monkeypatch, tmp_path)
    ledger = SqliteLedger(Lane(path))
    assert len(await ledger.read(CONTEST, 0)) == 3
    await ledger.close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


@pytest.mark.parametrize("before", range(1, len(REVISIONS)))
async def test_who_only_reads_the_ledger_leaves_the_tables_of_an_older_version_to_its_servers(
    before: int, path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They would not be ready any more, nor start again."""
    await made_by(before, path, monkeypatch, tmp_path)
    ledger = open_ledger(f"sqlite:///{path}", create=False)
    assert len(await ledger.sealed(CONTEST, 0)) == 3
    await ledger.close()
    assert revision_in(path) == REVISIONS[before - 1]


async def test_who_upgrades_a_database_is_told_once_that_there_is_no_way_back(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error: what a command was asked for stands alone on standard output. Who makes a new file is told nothing."""
    await made_by(len(REVISIONS) - 1, path, monkeypatch, tmp_path)
    for name, said in ((path, 1), (path, 0), (tmp_path / "new.db", 0)):
        await stores_at(f"sqlite:///{name}").close()
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.count(f"({REVISIONS[-2]}) and were upgraded to {REVISIONS[-1]}") == said


async def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The next revision creates a table and then fails: neither the table nor the new number may stay."""
    await made(path)
    last = REVISIONS[-1]
    folder = folder_up_to(last, tmp_path / "migrations")
    (folder / "versions" / "9998_bad.py").write_text(
        f"from alembic import op\nimport sqlalchemy as sa\nrevision = '9998'\ndown_revision = '{last}'\n"
        "def upgrade():\n    op.create_table('half', sa.Column('a', sa.Text()))\n    op.execute('SELECT nonsense FROM nowhere')\n"
    )
    monkeypatch.setattr(migrating, "migrations_folder", lambda: folder)
    monkeypatch.setattr(migrating, "REVISIONS", (*REVISIONS, "9998"))
    with pytest.raises(LedgerFault, match="nowhere"):
        Lane(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (last,)
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    monkeypatch.undo()
    ledger = SqliteLedger(Lane(path))
    assert len(await ledger.read(CONTEST, 0)) == 3
    await ledger.close()
