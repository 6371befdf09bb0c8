"""Whatever an operator types, by mistake or with a wrong clock: no ledger, backup or token that somebody works with is lost for it."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from contest_server.__main__ import app
from contest_server.commands.backup import NAMED, in_their_order
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.snapshots import make
from contest_server.ledger.urls import Stores, open_stores
from tests.contests import CUP, START_US
from tests.ledger.drafts import clock
from tests.ops.filling import filled
from tests.web.places import password_of


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, done.output
    return done.output


def within(db: str, work: Callable[[Stores], Coroutine[Any, Any, Any]]) -> Any:
    async def all_of_it() -> Any:
        stores = await asyncio.to_thread(open_stores, db)
        try:
            return await work(stores)
        finally:
            await stores.close()

    return asyncio.run(all_of_it())


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    asyncio.run(filled("sqlite:///cup.db"))
    return "sqlite:///cup.db"


@pytest.mark.parametrize(
    "arguments",
    [
        ("backup", "--db", "sqlite:///cup.db", "--to", "cup.db", "--force"),
        ("export", CUP, "--db", "sqlite:///cup.db", "--to", "cup.db", "--force"),
        ("audit", "cup.ndjson", "--ranking", "cup.db"),
        ("audit", "cup.ndjson", "--figures", "cup.db"),
    ],
)
def test_nothing_takes_the_place_of_a_database_whatever_is_forced(db: str, arguments: tuple[str, ...]) -> None:
    run("export", CUP, "--db", db, "--to", "cup.ndjson")
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code in (1, 2)
    assert "cup.db: is a database" in done.output
    assert "good" in run("verify", "cup.db")


def test_no_table_of_an_audit_takes_the_place_of_the_export(db: str) -> None:
    run("export", CUP, "--db", db, "--to", "cup.ndjson")
    assert "different files" in run("audit", "cup.ndjson", "--ranking", "./cup.ndjson", code=2)
    assert "different files" in run("audit", "cup.ndjson", "--ranking", "a.csv", "--figures", "a.csv", code=2)
    assert "good" in run("verify", "cup.ndjson")


def test_nothing_is_restored_over_what_another_program_made_meanwhile(tmp_path: Path) -> None:
    """A server that is started on it while the restoration still goes on, say."""
    path = tmp_path / "new.db"

    def slowly(_: Any) -> None:
        path.write_text("what a server stored")

    with pytest.raises(LedgerFault, match="another program made it meanwhile"):
        make(f"sqlite:///{path}", slowly)
    assert [each.name for each in tmp_path.iterdir()] == ["new.db"]
    assert path.read_text() == "what a server stored"


def named(*days: str) -> list[str]:
    return [datetime.fromisoformat(day).strftime(NAMED) for day in days]


@pytest.mark.parametrize(
    ("there", "now", "kept"),
    [
        (["2026-11-26", "2026-11-27", "2026-11-28"], "1970-01-01", ["2026-11-27", "2026-11-28", "1970-01-01"]),
        (["2026-11-26", "2026-11-27", "2026-11-28", "2038-01-01"], "2026-11-29", ["2026-11-27", "2026-11-28", "2026-11-29"]),
        (
            ["2026-11-28T09:00:00", "2026-11-28T09:15:00", "2026-11-28T09:30:01"],
            "2026-11-28T09:30:00",
            ["2026-11-28T09:15:00", "2026-11-28T09:30:01", "2026-11-28T09:30:00"],
        ),
        (
            ["2026-11-28T09:28:00", "2026-11-28T09:29:00", "2026-11-28T09:30:00"],
            "2026-11-28T09:27:00",
            ["2026-11-28T09:29:00", "2026-11-28T09:30:00", "2026-11-28T09:27:00"],
        ),
    ],
    ids=["a clock that has forgotten", "a clock that was put right", "one of the same moment", "a clock that was set back a little"],
)
def test_the_newest_backups_stay_whatever_the_clock_says(tmp_path: Path, there: list[str], now: str, kept: list[str]) -> None:
    for name in named(*there, now):
        (tmp_path / name).touch()
    assert [each.name for each in in_their_order(tmp_path, tmp_path / named(now)[0])[-3:]] == named(*kept)


def test_what_servers_made_at_the_target_is_never_copied_over(db: str) -> None:
    run("copy", "--from", db, "--to", "sqlite:///new.db")
    within("sqlite:///new.db", lambda stores: stores.tokens.issue("display", START_US, CUP))
    before = within("sqlite:///new.db", lambda stores: stores.tokens.all())
    assert f"1 tokens of its own for {CUP}" in run("copy", "--from", db, "--to", "sqlite:///new.db", code=1)
    assert within("sqlite:///new.db", lambda stores: stores.tokens.all()) == before
    within("sqlite:///new.db", lambda stores: stores.ledger.append(CUP, [clock()]))
    assert "--from and --to swapped?" in run("copy", "--from", db, "--to", "sqlite:///new.db", code=1)
    assert within("sqlite:///new.db", lambda stores: stores.tokens.all()) == before


def test_an_installation_moves_with_its_accounts(db: str) -> None:
    run("account", "add", "lin", "--role", "admin", "--generate", "--db", db)
    run("copy", "--from", db, "--to", "sqlite:///new.db")
    run("account", "grant", "lin", "--role", "director", "--contest", CUP, "--db", db)
    within(db, lambda stores: stores.accounts.set_password("lin", password_of("lin"), START_US))
    run("copy", "--from", db, "--to", "sqlite:///new.db")
    listed = run("account", "list", "--db", "sqlite:///new.db")
    assert listed == run("account", "list", "--db", db)
    assert f"director {CUP}" in listed
    assert within("sqlite:///new.db", lambda stores: stores.accounts.log_in("lin", password_of("lin"), START_US)) is not None
    assert within("sqlite:///new.db", lambda stores: stores.tokens.all()) == within(db, lambda stores: stores.tokens.all())


def test_a_database_with_accounts_of_its_own_is_left_as_it_is_before_anything_is_copied(db: str) -> None:
    run("account", "add", "lin", "--role", "admin", "--generate", "--db", db)
    run("account", "add", "ye", "--role", "admin", "--generate", "--db", "sqlite:///new.db")
    before = run("account", "list", "--db", "sqlite:///new.db")
    told = run("copy", "--from", db, "--to", "sqlite:///new.db", code=1)
    assert "has 1 accounts of its own" in told
    assert within("sqlite:///new.db", lambda stores: stores.ledger.contests()) == []
    assert run("account", "list", "--db", "sqlite:///new.db") == before
    run("copy", "--from", db, "--to", "sqlite:///new.db", "--contest", CUP)


def test_nothing_is_copied_where_one_of_the_contests_cannot_be(db: str) -> None:
    """The first has moved on here, the other there: neither is touched."""
    run("copy", "--from", db, "--to", "sqlite:///new.db")
    first, other = within(db, lambda stores: stores.ledger.contests())
    within(db, lambda stores: stores.ledger.append(first, [clock()]))
    within("sqlite:///new.db", lambda stores: stores.ledger.append(other, [clock()]))
    before = within("sqlite:///new.db", lambda stores: stores.ledger.head(first))
    assert f"{other} has 2 entries there and 1 here" in run("copy", "--from", db, "--to", "sqlite:///new.db", code=1)
    assert within("sqlite:///new.db", lambda stores: stores.ledger.head(first)) == before


def test_nothing_is_copied_beside_another_ledger_of_the_same_name(db: str) -> None:
    _, other = within(db, lambda stores: stores.ledger.contests())
    within("sqlite:///new.db", lambda stores: stores.ledger.open(other))
    assert "the ledger here is" in run("copy", "--from", db, "--to", "sqlite:///new.db", code=1)
    assert within("sqlite:///new.db", lambda stores: stores.ledger.contests()) == [other]


def test_a_database_is_not_copied_onto_itself_by_another_name(db: str, tmp_path: Path) -> None:
    for other in ("sqlite:///./cup.db", f"sqlite:///{tmp_path / 'cup.db'}"):
        assert "are the same database" in run("copy", "--from", db, "--to", other, code=2)
    assert "there is no contest 'nobody'" in run("copy", "--from", db, "--to", "sqlite:///new.db", "--contest", "nobody", code=2)
    assert not Path("new.db").exists(), "nothing is made where nothing is copied"


def test_what_to_do_with_a_backup_is_told_and_where_it_cannot_be_restored_to_before_it_is_read(db: str) -> None:
    run("backup", "--db", db, "--to", "cup.zip")
    assert "restore --check" in run("verify", "cup.zip", code=2)
    for place, code in (("memory:", 2), ("nowhere", 2), (db, 1)):
        assert "good" not in run("restore", "--from", "cup.zip", "--db", place, code=code)
    with zipfile.ZipFile("cup.zip") as archive:
        assert archive.testzip() is None
