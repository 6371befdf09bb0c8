"""A backup is the database at one moment, whole or not there. What is restored from it is the same contest, and nobody goes on from a
position that means something else."""

# ruff: noqa: ASYNC240 - a test that waits for the disk keeps nobody waiting

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from contest_server.__main__ import app
from contest_server.core.facts import Draft
from contest_server.core.ids import OfficialId
from contest_server.ledger import migrating
from contest_server.ledger.epoch import restored_epoch
from contest_server.ledger.migrating import REVISIONS
from contest_server.ledger.notes import LASTING
from contest_server.ledger.restoring import BadBackup, opened
from contest_server.ledger.urls import open_stores
from tests.contests import CUP, START_US, event
from tests.ledger.drafts import CONTEST
from tests.ledger.test_migrations import folder_up_to, made
from tests.ops.filling import FREEZE, LASTING_NOTES, filled, keep_notes, notes_in
from tests.ops.test_ending import Source, server
from tests.web.places import note, password_of, served


async def content(db: str) -> dict[str, Any]:
    """All that there is, but for the epochs."""
    stores = await asyncio.to_thread(open_stores, db)
    try:
        return {
            "ledgers": {name: await stores.ledger.stored(name, 0) for name in await stores.ledger.contests()},
            "heads": {name: (await stores.ledger.head(name)).hash for name in await stores.ledger.contests()},
            "people": await stores.people.roster(CUP),
            "tokens": await stores.tokens.all(),
            "passwords": await stores.officials.passwords(CUP),
            "seal": await stores.seals.look(CUP, "c0ffee"),
            "judged": [await stores.notes.all(CUP, kind, START_US) for kind in LASTING],
        }
    finally:
        await stores.close()


async def run(*arguments: str, code: int = 0) -> str:
    """The command in a thread of its own: it has an event loop of its own."""
    result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


def urls(tmp_path: Path, postgres_url: str) -> dict[str, str]:
    return {"file": f"sqlite:///{tmp_path / 'cup.db'}", "server": postgres_url}


@pytest.mark.parametrize(("source", "target"), [("file", "other file"), ("file", "server"), ("server", "other file")])
async def test_what_is_restored_is_what_was_backed_up(source: str, target: str, tmp_path: Path, postgres_url: str) -> None:
    places = urls(tmp_path, postgres_url) | {"other file": f"sqlite:///{tmp_path / 'new.db'}"}
    await filled(places[source])
    await keep_notes(places[source])
    file = tmp_path / "cup.zip"
    told = await run("backup", "--db", places[source], "--to", str(file))
    assert f"{CUP}: 31 entries" in told
    await run("restore", "--from", str(file), "--db", places[target])
    assert await content(places[target]) == await content(places[source])
    stores = await asyncio.to_thread(open_stores, places[target])
    assert await notes_in(stores) == LASTING_NOTES, "what was judged is compared by the next program, wherever it is"
    assert await stores.officials.log_in(CUP, OfficialId("R1"), password_of("R1"), START_US) is not None
    assert await stores.ledger.append(CUP, [FREEZE]) == [], "the number of an entry that does not say it itself is kept"
    await stores.close()
    await run("verify", places[target])


async def test_a_restored_contest_keeps_its_chain_and_gets_another_epoch(tmp_path: Path) -> None:
    db, new, newer = (f"sqlite:///{tmp_path / name}" for name in ("cup.db", "new.db", "newer.db"))
    await filled(db)
    for source, target in ((db, new), (new, newer)):
        await run("backup", "--db", source, "--to", str(tmp_path / "cup.zip"), "--force")
        await run("restore", "--from", str(tmp_path / "cup.zip"), "--db", target)
    heads = []
    for each in (db, new, newer):
        stores = open_stores(each)
        heads.append(await stores.ledger.head(CUP))
        await stores.close()
    assert len({head.hash for head in heads}) == 1
    assert len({head.epoch for head in heads}) == 3
    assert len({head.epoch.partition(".")[0] for head in heads}) == 1
    exported = tmp_path / "cup.ndjson"
    await run("export", CUP, "--db", newer, "--to", str(exported))
    assert json.loads(exported.read_text().splitlines()[0])["epoch"] == heads[0].epoch, "an export names what its chain begins with"
    await run("verify", str(exported), "--head", heads[0].hash)


def test_each_restoration_has_an_epoch_of_its_own() -> None:
    assert len({restored_epoch("k3x9") for _ in range(100)}) == 100


async def test_a_backup_under_load_is_one_moment_and_holds_nobody_up(tmp_path: Path) -> None:
    """Venues send without pause; the backup is a beginning of what there is at the end. Then a venue goes on with the restored server."""
    db, new, file = f"sqlite:///{tmp_path / 'cup.db'}", f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "cup.zip"
    secrets = await filled(db, 2)
    sources = [Source("yongjia", f"desk-{n}", secrets["yongjia"]) for n in range(3)]
    heard = asyncio.Semaphore(0)
    async with server(db) as running:
        async with asyncio.TaskGroup() as tasks:
            for source in sources:
                tasks.create_task(source.speak(running.url, heard))
            for _ in range(20):
                await heard.acquire()
            before = min(source.acknowledged for source in sources)
            backup = asyncio.create_task(run("backup", "--db", db, "--to", str(file)))
            while not backup.done():
                await heard.acquire()  # events go on becoming durable while the backup runs
            await heard.acquire()
            running.ask_to_end()
        await running.until_ended()
    await run("restore", "--from", str(file), "--db", new)
    final, restored = await content(db), await content(new)
    ledger, part = final["ledgers"][CUP], restored["ledgers"][CUP]
    assert part == ledger[: len(part)]
    assert len(part) < len(ledger)
    known = {each.source: each.seq for each in part if each.source}
    assert all((known.get(f"yongjia/{source.name}") or 0) >= before for source in sources), "what was acknowledged before it is in it"
    async with served(open_stores(new), secrets=secrets) as place, place.venue("yongjia", "desk-0") as venue:
        after = venue.welcome["after"]
        assert after == known["yongjia/desk-0"] < sources[0].acknowledged
        await venue.send(note(after + 1))
        await place.stores.close()


async def test_a_backup_of_postgresql_is_one_moment_too(tmp_path: Path, postgres_url: str) -> None:
    """While entries are appended one by one, what is backed up is the beginning of what there is at the end, whole."""
    new = f"sqlite:///{tmp_path / 'new.db'}"
    await filled(postgres_url)
    stores = await asyncio.to_thread(open_stores, postgres_url)
    backup = asyncio.create_task(run("backup", "--db", postgres_url, "--to", str(tmp_path / "cup.zip")))
    seq = 30
    while not backup.done():
        fact = event(seq)
        await stores.ledger.append(CUP, [Draft(START_US, "yongjia", fact, fact.source, fact.seq)])
        seq += 1
    await backup
    await stores.close()
    await run("restore", "--from", str(tmp_path / "cup.zip"), "--db", new)
    ledger, part = (await content(postgres_url))["ledgers"][CUP], (await content(new))["ledgers"][CUP]
    assert 31 <= len(part) < len(ledger) == seq + 1
    assert part == ledger[: len(part)]


async def test_a_backup_of_an_older_version_is_restored_and_upgraded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backup that was made before the upgrade: its tables are made as they were, filled, then brought to this version."""
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    folder = folder_up_to(REVISIONS[1], tmp_path / "older")
    with monkeypatch.context() as older:
        older.setattr(migrating, "migrations_folder", lambda: folder)
        older.setattr(migrating, "REVISIONS", REVISIONS[:2])
        await made(old)
    await run("backup", "--db", f"sqlite:///{old}", "--to", str(tmp_path / "old.zip"))
    await run("restore", "--from", str(tmp_path / "old.zip"), "--db", f"sqlite:///{new}")
    with closing(sqlite3.connect(old)) as before, closing(sqlite3.connect(new)) as after:
        revision = "SELECT version_num FROM alembic_version"
        assert (before.execute(revision).fetchone(), after.execute(revision).fetchone()) == ((REVISIONS[1],), (REVISIONS[-1],))
    stores = open_stores(f"sqlite:///{new}")
    assert len(await stores.ledger.read(CONTEST, 0)) == 3
    await stores.close()


async def test_a_display_that_comes_back_to_a_restored_contest_begins_anew(tmp_path: Path) -> None:
    db, new = f"sqlite:///{tmp_path / 'cup.db'}", f"sqlite:///{tmp_path / 'new.db'}"
    secrets = await filled(db, 8)
    stores = open_stores(db)
    async with served(stores, secrets=secrets) as place, place.display() as display:
        frame = await display.frame()
        cursor = f"{frame['epoch']}:{frame['to']}"
    async with served(stores, secrets=secrets) as place, place.display(after=cursor) as display:
        assert (await display.hear("beat"))["to"] == frame["to"], "the same ledger goes on from the cursor"
    await stores.close()
    await run("backup", "--db", db, "--to", str(tmp_path / "cup.zip"))
    await run("restore", "--from", str(tmp_path / "cup.zip"), "--db", new)
    stores = open_stores(new)
    async with served(stores, secrets=secrets) as place, place.display(after=cursor) as display:
        again = await display.frame()
        assert (again["from"], again["to"]) == (0, frame["to"])
        assert again["epoch"] != frame["epoch"]
    await stores.close()


# ---- what is refused ---------------------------------------------------------------------------------------------------------------


async def test_a_database_that_holds_anything_is_left_alone(tmp_path: Path, postgres_url: str) -> None:
    db = f"sqlite:///{tmp_path / 'cup.db'}"
    await filled(db)
    await run("backup", "--db", db, "--to", str(tmp_path / "cup.zip"))
    before = (tmp_path / "cup.db").read_bytes()
    assert "exists; name a new file" in await run("restore", "--from", str(tmp_path / "cup.zip"), "--db", db, code=1)
    assert (tmp_path / "cup.db").read_bytes() == before
    stores = await asyncio.to_thread(open_stores, postgres_url)
    await stores.tokens.issue("admin", START_US)
    await stores.close()
    assert "tokens of this database has rows" in await run("restore", "--from", str(tmp_path / "cup.zip"), "--db", postgres_url, code=1)
    assert (await content(postgres_url))["ledgers"] == {}


async def test_an_empty_database_that_has_its_tables_already_is_filled(tmp_path: Path, postgres_url: str) -> None:
    db = f"sqlite:///{tmp_path / 'cup.db'}"
    await filled(db)
    await (await asyncio.to_thread(open_stores, postgres_url)).close()
    await run("backup", "--db", db, "--to", str(tmp_path / "cup.zip"))
    await run("restore", "--from", str(tmp_path / "cup.zip"), "--db", postgres_url)
    assert await content(postgres_url) == await content(db)


@pytest.fixture(scope="module")
def backup_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One backup, for whoever changes or cuts it."""
    folder = tmp_path_factory.mktemp("backup")
    db = f"sqlite:///{folder / 'cup.db'}"
    asyncio.run(filled(db))
    result = CliRunner().invoke(app, ["backup", "--db", db, "--to", str(folder / "cup.zip")])
    assert result.exit_code == 0, result.output
    return (folder / "cup.zip").read_bytes()


def changed(path: Path, name: str, change: Any) -> None:
    """Write the backup anew with one member changed (or left out, for None)."""
    with zipfile.ZipFile(path) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for each, data in members.items():
            new = change(data) if each == name else data
            if new is not None:
                archive.writestr(each, new)


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("ledgers/1.ndjson", lambda data: data.replace(b'"A1"', b'"A2"', 1), "ledgers/1.ndjson is not as it was written"),
        ("tables/tokens.ndjson", lambda data: data.replace(b'"venue"', b'"admin"', 1), "tables/tokens.ndjson is not as it was written"),
        ("numbers/1.ndjson", lambda _: b"", "numbers/1.ndjson is not as it was written"),
        ("tables/people.ndjson", lambda _: None, "tables/people.ndjson is missing"),
        ("manifest.json", lambda data: data.replace(b"contest-backup/1", b"contest-backup/2"), "the format is 'contest-backup/2'"),
        ("manifest.json", lambda _: None, "manifest.json is missing"),
        ("manifest.json", lambda _: b"[]", "manifest.json: Expected `object`"),
        ("manifest.json", lambda data: data.replace(b'"position": 31', b'"position": 30'), "does not end where the manifest says"),
        ("manifest.json", lambda data: data.replace(b'"revision": "', b'"revision": "9'), "newer version"),
    ],
)
async def test_a_backup_that_was_changed_is_refused_whole(name: str, change: Any, why: str, tmp_path: Path, backup_file: bytes) -> None:
    file = tmp_path / "cup.zip"
    file.write_bytes(backup_file)
    changed(file, name, change)
    assert why in await run("restore", "--from", str(file), "--db", f"sqlite:///{tmp_path / 'new.db'}", code=1)
    assert sorted(each.name for each in tmp_path.iterdir() if "new" in each.name) == []


async def test_a_backup_that_was_cut_anywhere_is_refused(tmp_path: Path, backup_file: bytes) -> None:
    file, whole = tmp_path / "cup.zip", backup_file
    file.write_bytes(whole)
    assert "good" in await run("restore", "--check", "--from", str(file))
    for kept in range(0, len(whole), max(1, len(whole) // 25)):
        file.write_bytes(whole[:kept])
        await run("restore", "--check", "--from", str(file), code=1)


async def test_a_failed_backup_leaves_nothing_behind_and_spares_the_one_before(tmp_path: Path) -> None:
    file, path = tmp_path / "cup.zip", tmp_path / "cup.db"
    await filled(f"sqlite:///{path}")
    await run("backup", "--db", f"sqlite:///{path}", "--to", str(file))
    assert "--force replaces it" in await run("backup", "--db", f"sqlite:///{path}", "--to", str(file), code=2)
    before = file.read_bytes()
    damaged = await asyncio.to_thread(_damage, path)
    assert damaged
    assert "should end at entry" in await run("backup", "--db", f"sqlite:///{path}", "--to", str(file), "--force", code=1)
    assert file.read_bytes() == before
    assert {each.name for each in tmp_path.iterdir()} <= {"cup.zip", "cup.db", "cup.db-wal", "cup.db-shm"}
    await run("backup", "--db", "memory:", "--to", str(tmp_path / "no.zip"), code=2)
    await run("backup", "--db", f"sqlite:///{tmp_path / 'no.db'}", "--to", str(tmp_path / "no.zip"), code=2)


def _damage(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE contests SET position = position + 1")
    return True


async def test_a_folder_of_backups_keeps_the_newest(tmp_path: Path) -> None:
    await filled(f"sqlite:///{tmp_path / 'cup.db'}")
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in range(1, 6):
        (folder / f"contest-2026010{day}T000000Z.zip").write_text("old")
    (folder / "notes.txt").write_text("mine")
    await run("backup", "--db", f"sqlite:///{tmp_path / 'cup.db'}", "--to", str(folder), "--keep", "3")
    names = sorted(each.name for each in folder.iterdir())
    assert [*names[:2], names[3]] == ["contest-20260104T000000Z.zip", "contest-20260105T000000Z.zip", "notes.txt"]
    assert (folder / names[2]).stat().st_mode & 0o777 == 0o600
    assert len(names) == 4
    await run("backup", "--db", f"sqlite:///{tmp_path / 'cup.db'}", "--to", str(tmp_path / "one.zip"), "--keep", "3", code=2)


WRITING = """
import sys
from pathlib import Path
from contest_server.commands.files import whole_file
from contest_server.ledger.snapshots import make

def stop(*_):
    print("written", flush=True)
    sys.stdin.read()

if sys.argv[1].startswith("sqlite:"):
    make(sys.argv[1], lambda rows: stop(rows.exec_driver_sql("CREATE TABLE half (x)")))
else:
    with whole_file(Path(sys.argv[1])) as out:
        stop(out.write(b"half"))
"""
"""A program that is half through, for as long as its input is open."""


@asynccontextmanager
async def half_through(target: str) -> AsyncIterator[asyncio.subprocess.Process]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITING, target, stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"written\n"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def parts(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if ".part" in each.name)


@pytest.mark.parametrize("kind", ["file", "folder", "database"])
async def test_what_a_run_that_was_killed_left_behind_is_named_and_removed_and_what_is_being_written_is_left_alone(
    kind: str, tmp_path: Path
) -> None:
    db, folder = f"sqlite:///{tmp_path / 'cup.db'}", tmp_path / "there"
    folder.mkdir()
    await filled(db)
    await run("backup", "--db", db, "--to", str(tmp_path / "cup.zip"))
    half, again = {
        "file": (str(folder / "a[b].zip"), ["backup", "--db", db, "--to", str(folder / "a[b].zip"), "--force"]),
        "folder": (str(folder / "contest-20260101T000000Z.zip"), ["backup", "--db", db, "--to", str(folder)]),
        "database": (
            f"sqlite:///{folder / 'new.db'}",
            ["restore", "--from", str(tmp_path / "cup.zip"), "--db", f"sqlite:///{folder / 'new.db'}"],
        ),
    }[kind]
    (folder / ".other.zip.1.part").touch()
    async with half_through(half):
        before = parts(folder)
        async with half_through(half) as killed:
            killed.kill()
        left = [each for each in parts(folder) if each not in before]
        assert f"removed {left[0]}, which a run that was killed had left behind" in await run(*again)
        assert parts(folder) == before


async def test_a_backup_holds_no_secret_and_nobody_who_is_logged_in(tmp_path: Path) -> None:
    secrets = await filled(f"sqlite:///{tmp_path / 'cup.db'}")
    await run("backup", "--db", f"sqlite:///{tmp_path / 'cup.db'}", "--to", str(tmp_path / "cup.zip"))
    with zipfile.ZipFile(tmp_path / "cup.zip") as archive:
        assert "tables/sessions.ndjson" not in archive.namelist()
        everything = b"".join(archive.read(each) for each in archive.namelist())
    assert not [name for name, secret in secrets.items() if secret.encode() in everything]


@pytest.mark.parametrize("byte", [0x00, 0x7F, 0xFF])
def test_an_archive_that_says_another_thing_of_itself_is_no_backup_however_reading_it_ends(
    byte: int, tmp_path: Path, backup_file: bytes
) -> None:
    """Its directory says where everything stands: a wrong place may be one before the file begins."""
    file, refused = tmp_path / "cup.zip", 0
    for at in range(len(backup_file) - 200, len(backup_file)):
        file.write_bytes(backup_file[:at] + bytes([byte]) + backup_file[at + 1 :])
        try:
            with opened(file) as backup:
                backup.check(lambda *_: None)
        except BadBackup:
            refused += 1
    assert refused > 50


async def test_a_database_with_an_entry_that_is_no_fact_is_not_backed_up_and_the_entry_is_named(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'cup.db'}"
    await filled(db)
    with closing(sqlite3.connect(tmp_path / "cup.db")) as connection, connection:
        connection.execute("DROP TRIGGER ledger_never_changes")
        connection.execute("UPDATE ledger SET body = substr(body, 1, 40) WHERE contest = ? AND position = 7", (CUP,))
    said = await run("backup", "--db", db, "--to", str(tmp_path / "cup.zip"), code=1)
    assert "no backup was made: entry 7 of cup: not a fact" in said
    assert "contest-server verify" in said
    assert [each.name for each in tmp_path.iterdir() if "zip" in each.name] == []
