"""Whatever a command is told to use, it ends with a sentence that names it, and leaves alone what is no file."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from contest_server.__main__ import app
from contest_server.commands.files import whole_file
from contest_server.core.facts import ContestId
from contest_server.doctor.storage import of_storage
from contest_server.ledger.database_url import BadUrl, file_of
from contest_server.ledger.tables import NoText
from contest_server.ledger.urls import open_stores

TOO_LONG = "x" * 300
"""Whoever runs the tests may do everything with files; this they cannot."""
NO_PLACES = ("postgresql://127.0.0.1:99999/x", "postgresql://[::1/x", "postgresql://host:port/x")


def said_by(*arguments: str) -> tuple[int, str]:
    done: Result = CliRunner().invoke(app, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stderr


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with one contest; what is relative lies beside it."""
    monkeypatch.chdir(tmp_path)

    async def fill() -> None:
        stores = open_stores("sqlite:///contest.db")
        await stores.ledger.open(ContestId("cup"))
        await stores.close()

    asyncio.run(fill())
    return "sqlite:///contest.db"


@pytest.mark.parametrize(
    "arguments",
    [
        ("backup", "--to", TOO_LONG),
        ("backup", "--to", "b.zip", "--db", f"sqlite:///{TOO_LONG}"),
        ("verify", f"sqlite:///{TOO_LONG}"),
        ("restore", "--from", TOO_LONG, "--check"),
        ("replay", TOO_LONG),
        ("venue", "--outbox", TOO_LONG, "--refused"),
        ("export", "--to", TOO_LONG),
        ("export", "--to", "none/x"),
    ],
)
@pytest.mark.usefixtures("db")
def test_a_path_that_cannot_be_used_is_named_and_nothing_else_told(arguments: tuple[str, ...]) -> None:
    code, said = said_by(*arguments)
    assert code in (1, 2)
    assert TOO_LONG in said or "none/x" in said
    assert "Errno" not in said
    assert ".part" not in said


def test_a_restore_into_what_cannot_be_a_file_leaves_it_as_it_is(db: str, tmp_path: Path) -> None:
    assert said_by("backup", "--to", "b.zip", "--db", db)[0] == 0
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    code, said = said_by("restore", "--from", "b.zip", "--db", f"sqlite:///{pipe}")
    assert (code, pipe.is_fifo()) == (1, True)
    assert "is no plain file" in said
    assert said_by("restore", "--from", "b.zip", "--db", f"sqlite:///{TOO_LONG}")[0] == 2


def test_nothing_takes_the_place_of_a_device_and_no_database_is_made_in_one(db: str, tmp_path: Path) -> None:
    """For root, /dev/null would be such a place."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    code, said = said_by("backup", "--to", str(pipe), "--force", "--db", db)
    assert (code, pipe.is_fifo()) == (1, True)
    assert "is no plain file" in said
    with pytest.raises(FileExistsError), whole_file(pipe):
        pass
    code, said = said_by("token", "--list", "--db", "sqlite:////dev/null")
    assert (code, "/dev/null is no plain file" in said) == (2, True)


def test_an_audit_tells_what_it_found_also_where_its_ranking_cannot_be_written(db: str) -> None:
    assert said_by("export", "--to", "final.ndjson", "--db", db)[0] == 0
    done = CliRunner().invoke(app, ["audit", "final.ndjson", "--ranking", "none/ranking.csv"])
    assert done.exit_code == 2
    assert "0 findings" in done.stdout
    assert "none/ranking.csv" in done.stderr
    assert said_by("audit", "final.ndjson", "--ranking", "ranking.csv")[0] == 0
    assert Path("ranking.csv").read_text().startswith("rank,contestant,")
    assert said_by("audit", "final.ndjson", "--figures", "figures.csv")[0] == 0
    assert Path("figures.csv").read_text().startswith("number,rule,who,value")


@pytest.mark.parametrize("url", NO_PLACES)
def test_a_url_that_names_no_place_is_a_bad_one_for_every_command(url: str) -> None:
    with pytest.raises(BadUrl, match="expected postgresql://"):
        file_of(url)
    for arguments in (("token", "--list", "--db"), ("copy", "--to", "sqlite:///d.db", "--from"), ("backup", "--to", "b.zip", "--db")):
        code, said = said_by(*arguments, url)
        assert (code, "expected postgresql://" in said) == (2, True), arguments
    assert [each.level for each in of_storage(url)] == ["bad"]


def test_the_doctor_says_what_is_wrong_with_a_path_that_it_may_not_look_at() -> None:
    (found,) = of_storage(f"sqlite:///{TOO_LONG}/contest.db")
    assert found.level == "bad"
    assert "File name too long" in found.detail


@pytest.mark.parametrize("name", ["a\0b", "\udcff"])
@pytest.mark.parametrize("kind", ["memory", "file", "server"])
def test_a_name_that_no_database_keeps_is_refused_by_each_of_them(kind: str, name: str, tmp_path: Path, postgres_url: str) -> None:
    url = {"memory": "memory:", "file": f"sqlite:///{tmp_path / 'cup.db'}", "server": postgres_url}[kind]

    async def work() -> None:
        stores = await asyncio.to_thread(open_stores, url)
        try:
            for asked in (stores.tokens.all(ContestId(name)), stores.tokens.revoke(name, 1), stores.accounts.account(name)):
                with pytest.raises(NoText):
                    await asked
        finally:
            await stores.close()

    asyncio.run(work())


def test_tokens_of_a_contest_that_nobody_adopted_are_no_empty_list(db: str) -> None:
    assert said_by("token", "--list", "--contest", "cup", "--db", db) == (0, "")
    code, said = said_by("token", "--list", "--contest", "cap", "--db", db)
    assert (code, "no contest 'cap' has been adopted; known: cup" in said) == (1, True)
