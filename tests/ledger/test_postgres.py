"""What only PostgreSQL has: writers on several servers at once, guards in the database, its faults by name, copying to and fro."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine
from typer.testing import CliRunner

from contest_server.__main__ import app
from contest_server.core.facts import ContestantId, Entry, OfficialId
from contest_server.ledger import migrating, postgres, postgres_migrating
from contest_server.ledger.chain import Stored, link
from contest_server.ledger.limits import NUMBER_MAX
from contest_server.ledger.migrating import REVISIONS, WrongFile
from contest_server.ledger.port import LedgerDamaged, LedgerFault
from contest_server.ledger.schema import metadata
from contest_server.ledger.sealed import Foreign
from contest_server.ledger.urls import Stores, open_ledger, open_stores
from tests.contests import CUP, START_US
from tests.ledger.drafts import CONTEST, OTHER, clock, event, events
from tests.ledger.test_migrations import folder_up_to
from tests.ops.filling import LASTING_NOTES, filled, keep_notes, notes_in
from tests.postgres import Cluster

WRITERS, ROUNDS = 4, 25


@pytest.fixture
async def stores(postgres_url: str) -> AsyncIterator[Stores]:
    stores = open_stores(postgres_url)
    await stores.ledger.open(CONTEST)
    yield stores
    await stores.close()


async def change(url: str, statement: str) -> None:
    """As an operator with a console might."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_many_servers_write_at_once_and_each_fact_is_stored_once(postgres_url: str, stores: Stores) -> None:
    """Every writer sends its own numbers, and those of its neighbour again."""
    others = [open_ledger(postgres_url) for _ in range(WRITERS)]

    async def write(me: int) -> None:
        for seq in range(1, ROUNDS + 1):
            await others[me].append(CONTEST, [event(seq, source=f"s{me}"), clock()])
            await others[me].append(CONTEST, [event(each, source=f"s{(me + 1) % WRITERS}") for each in range(1, 2)])

    await asyncio.gather(*(write(me) for me in range(WRITERS)))
    entries = await stores.ledger.read(CONTEST, 0)
    assert [entry.position for entry in entries] == list(range(1, 2 * WRITERS * ROUNDS + 1))
    numbers = [(each.source, each.seq) for each in await stores.ledger.stored(CONTEST, 0) if each.source is not None]
    assert len(set(numbers)) == len(numbers) == WRITERS * ROUNDS
    result = await asyncio.to_thread(CliRunner().invoke, app, ["verify", postgres_url])
    assert result.exit_code == 0, result.output
    for other in others:
        await other.close()


@pytest.mark.parametrize("statement", ["UPDATE ledger SET body = ''", "DELETE FROM ledger", "TRUNCATE ledger"])
async def test_no_statement_changes_or_removes_an_entry(postgres_url: str, stores: Stores, statement: str) -> None:
    await stores.ledger.append(CONTEST, events([1]))
    with pytest.raises(asyncpg.RaiseError, match="never changed or removed"):
        await change(postgres_url, statement)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE contests SET position = 2", "its last entry is 3"),
        ("ALTER TABLE ledger DISABLE TRIGGER ALL; DELETE FROM ledger WHERE position = 3", "its last entry is 2"),
    ],
)
async def test_opening_sees_that_the_end_contradicts_the_head(postgres_url: str, stores: Stores, statement: str, says: str) -> None:
    await stores.ledger.append(CONTEST, events([1, 2, 3]))
    await change(postgres_url, statement)
    with pytest.raises(LedgerDamaged, match=says):
        await open_ledger(postgres_url).open(CONTEST)


async def test_verify_names_the_entry_that_was_changed(postgres_url: str, stores: Stores) -> None:
    await stores.ledger.append(CONTEST, events([1, 2, 3]))
    await change(
        postgres_url, "ALTER TABLE ledger DISABLE TRIGGER ALL; UPDATE ledger SET body = replace(body, '2.4', '9.4') WHERE position = 2"
    )
    result = await asyncio.to_thread(CliRunner().invoke, app, ["verify", postgres_url])
    assert result.exit_code == 1
    assert "entry 2" in result.output


@pytest.mark.parametrize(
    "body",
    ["''", "'{'", "body || chr(10) || body", "body || chr(32) || body", "replace(body, ',', ',' || chr(10)) || body", "body || chr(10)"],
)
async def test_reading_names_the_entry_that_is_not_just_one_fact(postgres_url: str, stores: Stores, body: str) -> None:
    """However many are read together."""
    await stores.ledger.append(CONTEST, events([1, 2, 3, 4]))
    await change(postgres_url, f"ALTER TABLE ledger DISABLE TRIGGER ALL; UPDATE ledger SET body = {body} WHERE position = 3")
    if body == "body || chr(10)":  # white space behind a fact is for `verify` to find
        assert [each.position for each in await stores.ledger.read(CONTEST, 0)] == [1, 2, 3, 4]
    else:
        with pytest.raises(LedgerDamaged, match="entry 3"):
            await stores.ledger.read(CONTEST, 0)


async def test_reading_misses_what_is_not_there(postgres_url: str, stores: Stores) -> None:
    await stores.ledger.append(CONTEST, events([1, 2, 3]))
    await change(postgres_url, "ALTER TABLE ledger DISABLE TRIGGER ALL; DELETE FROM ledger WHERE position = 2")
    with pytest.raises(LedgerDamaged, match="entry 2 is missing, 3 follows"):
        await stores.ledger.read(CONTEST, 0)
    await change(postgres_url, "DELETE FROM ledger WHERE position = 3")
    with pytest.raises(LedgerDamaged, match="after 1 are missing"):
        await stores.ledger.read(CONTEST, 1)


async def test_who_has_read_to_the_end_goes_on_from_there(postgres_url: str, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one statement, without a look at the head."""
    other = open_ledger(postgres_url)
    await other.open(CONTEST)
    await other.append(CONTEST, events([1, 2, 3]))
    assert len(await stores.ledger.read(CONTEST, 0, 2)) == 2

    async def locked(*_: object) -> None:
        pytest.fail("the end was known")

    monkeypatch.setattr(stores.ledger, "_append_locked", locked)
    assert [each.position for each in await stores.ledger.append(CONTEST, events([4]))] == [4]
    await other.close()


async def test_many_servers_that_start_on_an_empty_database_all_succeed(postgres_url: str) -> None:
    with ThreadPoolExecutor(6) as threads:
        opened = await asyncio.gather(*(asyncio.wrap_future(threads.submit(open_ledger, postgres_url)) for _ in range(6)))
    heads = [await ledger.open(CONTEST) for ledger in opened]
    assert len(set(map(repr, heads))) == 1
    for ledger in opened:
        await ledger.close()


async def test_a_database_of_a_newer_version_or_another_program_is_refused(postgres_url: str) -> None:
    await change(postgres_url, "CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(WrongFile, match="another program"):
        open_stores(postgres_url)
    await change(postgres_url, "DROP TABLE bookmarks")
    await open_stores(postgres_url).close()
    await change(postgres_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WrongFile, match="newer version"):
        open_stores(postgres_url)


async def test_a_migration_that_fails_leaves_the_database_as_it_was(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(connection: object, place: str) -> None:
        real(connection, place)  # type: ignore[arg-type]
        raise LedgerFault("in the middle")

    real = postgres_migrating._upgrade_here
    with monkeypatch.context() as broken:
        broken.setattr(postgres_migrating, "_upgrade_here", half)
        with pytest.raises(LedgerFault, match="in the middle"):
            open_stores(postgres_url)
    connection = await asyncpg.connect(postgres_url)
    assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    await connection.close()
    stores = open_stores(postgres_url)
    await stores.ledger.open(CONTEST)
    await stores.close()
    connection = await asyncpg.connect(postgres_url)
    assert await connection.fetchval("SELECT version_num FROM alembic_version") == REVISIONS[-1]
    await connection.close()


async def test_a_lost_database_is_named_and_comes_back() -> None:
    """Killed as by a power cut; what was acknowledged is there, and the same ledger goes on."""
    cluster = Cluster(durable=True)
    try:
        await asyncio.to_thread(cluster.start)
        ledger = await asyncio.to_thread(open_ledger, cluster.url())
        await ledger.open(CONTEST)
        stored = await ledger.append(CONTEST, events([1, 2, 3]))
        cluster.kill()
        with pytest.raises(LedgerFault, match="Is the database up"):
            await ledger.append(CONTEST, events([4]))
        with pytest.raises(LedgerFault):
            await ledger.read(CONTEST, 0)
        await asyncio.to_thread(cluster.start)
        assert await ledger.read(CONTEST, 0) == stored
        assert [entry.position for entry in await ledger.append(CONTEST, events([3, 4]))] == [4]
        await ledger.close()
    finally:
        await asyncio.to_thread(cluster.close)


async def test_a_contest_is_copied_to_and_fro_with_the_same_hashes(postgres_url: str, tmp_path: Path) -> None:
    """From a file into PostgreSQL, more comes, and back into another file: head, names, passwords and tokens."""
    first, last = f"sqlite:///{tmp_path}/first.db", f"sqlite:///{tmp_path}/last.db"
    source = open_stores(first)
    await source.ledger.open(CONTEST)
    await source.ledger.open(OTHER)
    await source.ledger.append(CONTEST, [*events(list(range(1, 40))), clock()])
    await source.people.put(CONTEST, {ContestantId("A017"): {"name": "叶"}}, 1)
    await source.officials.set_password(CONTEST, OfficialId("R1"), "a good password", 1)
    secret = (await source.tokens.issue("staff", 1, CONTEST)).secret
    await run("copy", "--from", first, "--to", postgres_url)
    more = await source.ledger.append(CONTEST, [clock()])
    await source.close()
    await run("copy", "--from", first, "--to", postgres_url, "--contest", CONTEST)
    await run("copy", "--from", postgres_url, "--to", last)
    copied = open_stores(last)
    assert await copied.ledger.head(CONTEST) == await heads_at(first)
    assert (await copied.ledger.read(CONTEST, 0))[-1:] == more
    assert (await copied.people.roster(CONTEST)).people[0].document == {"name": "叶"}
    assert await copied.officials.is_password(CONTEST, OfficialId("R1"), "a good password")
    assert await copied.tokens.look_up(secret, 2) is not None
    assert await copied.ledger.contests() == sorted([CONTEST, OTHER])
    await copied.close()


async def test_what_was_judged_goes_with_its_contest_and_what_holds_for_a_while_stays(postgres_url: str, tmp_path: Path) -> None:
    """Copied again, the later one stands; what servers at the target tell each other is left alone."""
    first, looks = f"sqlite:///{tmp_path}/first.db", {"look": {"there": "somebody"}}
    await filled(first)
    await keep_notes(first)
    await run("copy", "--from", first, "--to", postgres_url)
    source, target = open_stores(first), await asyncio.to_thread(open_stores, postgres_url)
    assert await notes_in(target) == LASTING_NOTES
    await source.notes.drop(CUP, "judged", "1.0 judged")
    await source.notes.put(CUP, "judged", "1.1", "later", NUMBER_MAX, START_US)
    await target.notes.put(CUP, "look", "there", "somebody", NUMBER_MAX, START_US)
    await run("copy", "--from", first, "--to", postgres_url)
    assert await notes_in(target) == LASTING_NOTES | {"judged": {"1.1": "later"}} | looks
    await source.close()
    await target.close()


async def test_two_ledgers_of_one_name_are_not_mixed(postgres_url: str, stores: Stores, tmp_path: Path) -> None:
    other = open_ledger(f"sqlite:///{tmp_path}/other.db")
    await other.open(CONTEST)
    await other.close()
    result = await asyncio.to_thread(CliRunner().invoke, app, ["copy", "--from", f"sqlite:///{tmp_path}/other.db", "--to", postgres_url])
    assert result.exit_code == 1
    assert "the ledger here is" in result.stderr


async def run(*arguments: str) -> None:
    result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
    assert result.exit_code == 0, result.output


async def heads_at(url: str) -> object:
    ledger = open_ledger(url)
    try:
        return await ledger.head(CONTEST)
    finally:
        await ledger.close()


async def made_by(before: int, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Entry]:
    """As the version left it that knew so many revisions."""
    folder = folder_up_to(REVISIONS[before - 1], tmp_path / "older")
    with monkeypatch.context() as older:
        older.setattr(migrating, "migrations_folder", lambda: folder)
        for module in (migrating, postgres, postgres_migrating):
            older.setattr(module, "REVISIONS", REVISIONS[:before])
        ledger = open_ledger(url)
        await ledger.open(CONTEST)
        stored = await ledger.append(CONTEST, events([1, 2, 3]))
        await ledger.close()
    assert await revision_in(url) == REVISIONS[before - 1]
    return stored


async def revision_in(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SELECT version_num FROM alembic_version"))
    finally:
        await connection.close()


@pytest.mark.parametrize("before", range(1, len(REVISIONS)))
async def test_a_database_of_an_older_version_gets_the_newer_tables_and_keeps_everything(
    before: int, postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stored = await made_by(before, postgres_url, monkeypatch, tmp_path)
    ledger = open_ledger(postgres_url)
    assert await ledger.read(CONTEST, 0) == stored
    await ledger.close()
    await schema_is_ours(postgres_url)


async def test_who_only_reads_the_ledger_leaves_the_tables_of_an_older_version_to_its_servers(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stored = await made_by(1, postgres_url, monkeypatch, tmp_path)
    ledger = open_ledger(postgres_url, create=False)
    assert await ledger.read(CONTEST, 0) == stored
    await ledger.close()
    assert await revision_in(postgres_url) == REVISIONS[0]


async def test_a_server_whose_database_was_upgraded_says_that_its_program_is_too_old(stores: Stores, postgres_url: str) -> None:
    """To start it again would help nobody."""
    await stores.ledger.probe()
    await change(postgres_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WrongFile, match="newer version"):
        await stores.ledger.probe()


async def schema_is_ours(url: str) -> None:
    """The tables are those that the program expects, column by column. Comments stand in the program only."""
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url))
    try:
        async with engine.connect() as connection:
            found = await connection.run_sync(lambda sync: compare_metadata(MigrationContext.configure(sync), metadata))
    finally:
        await engine.dispose()
    differences = [each for group in found for each in (group if isinstance(group, list) else [group])]
    assert [each for each in differences if each[0] != "modify_comment"] == []


@pytest.mark.parametrize("body", [b"{}\x1e{}", b""])
async def test_an_entry_that_could_not_be_told_from_two_or_none_is_foreign(stores: Stores, body: bytes) -> None:
    """All bodies of an append travel as one text."""
    head = await stores.ledger.head(CONTEST)
    damaged = Stored(1, body, link(bytes.fromhex(head.hash), 1, body))
    with pytest.raises(Foreign, match="control character"):
        await stores.ledger.plant(CONTEST, head.epoch, [damaged])
    assert (await stores.ledger.head(CONTEST)).position == 0
