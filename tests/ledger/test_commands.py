"""The two commands, as somebody at a terminal meets them."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from contest_server.commands.export import export
from contest_server.commands.verify import verify
from contest_server.core.facts import Draft, Finalised
from contest_server.ledger.urls import open_ledger
from tests.ledger.drafts import CONTEST, OTHER, RECEIVED_US, events

app = typer.Typer()
app.command()(verify)
app.command()(export)


def run(*arguments: str | Path, given: bytes | None = None) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)), input=given)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    async def fill() -> None:
        ledger = open_ledger(f"sqlite:///{tmp_path / 'contest.db'}")
        await ledger.open(CONTEST)
        await ledger.append(CONTEST, [*events(range(1, 11)), Draft(RECEIVED_US, "staff:chief", Finalised())])
        await ledger.close()

    asyncio.run(fill())
    return tmp_path / "contest.db"


@pytest.fixture
def db(path: Path) -> str:
    return f"sqlite:///{path}"


def by_hand(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER ledger_never_changes")
        connection.execute(statement)


def test_an_export_verifies_from_a_file_and_from_standard_input(db: str, tmp_path: Path) -> None:
    target = tmp_path / "final.ndjson"
    done = run("export", "--db", db, "--to", target)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "11 entries, head 11:" in done.stderr
    assert json.loads(target.read_text().splitlines()[0])["state"] == "final"
    from_file, piped = run("verify", target), run("verify", "-", given=target.read_bytes())
    assert from_file.exit_code == piped.exit_code == 0
    assert from_file.stdout == piped.stdout
    for said in (CONTEST, "11: event 10, finalised 1", "sources   1", "2025-11-22T08:43:20Z", "final"):
        assert said in from_file.stdout, said


def test_an_export_to_standard_output_is_the_same(db: str, tmp_path: Path) -> None:
    run("export", CONTEST, "--db", db, "--to", tmp_path / "a.ndjson")
    written = run("export", CONTEST, "--db", db).stdout.splitlines()
    assert written[1:] == (tmp_path / "a.ndjson").read_text().splitlines()[1:]


def test_the_database_may_come_from_the_environment(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTEST_DB", db)
    assert run("export").exit_code == 0


def test_a_database_verifies_by_url_and_by_path(db: str, path: Path) -> None:
    by_url, by_path = run("verify", db), run("verify", path)
    assert by_url.exit_code == by_path.exit_code == 0
    assert by_url.stdout == by_path.stdout
    head = by_url.stdout.split("head      ")[1].strip()
    assert run("verify", db, "--head", head).exit_code == 0
    assert run("verify", db, "--head", head.partition(":")[2]).exit_code == 0
    assert run("verify", db, "--head", "f" * 64).exit_code == 1


def test_the_first_bad_entry_is_named(db: str, path: Path, tmp_path: Path) -> None:
    run("export", "--db", db, "--to", tmp_path / "a.ndjson")
    (tmp_path / "a.ndjson").write_text((tmp_path / "a.ndjson").read_text().replace('"seq":4', '"seq":5'))
    bad = run("verify", tmp_path / "a.ndjson")
    assert bad.exit_code == 1
    assert "BAD   export: entry 4, line 5:" in bad.stderr
    by_hand(path, "UPDATE ledger SET body = '{}' WHERE position = 7")
    bad = run("verify", db)
    assert bad.exit_code == 1
    assert f"BAD   {CONTEST}: entry 7:" in bad.stderr


def test_one_bad_contest_does_not_hide_the_others(db: str, path: Path) -> None:
    async def second() -> None:
        ledger = open_ledger(db)
        await ledger.open(OTHER)
        await ledger.close()

    asyncio.run(second())
    by_hand(path, "UPDATE ledger SET body = '{}' WHERE position = 7")
    both = run("verify", db)
    assert both.exit_code == 1
    assert f"BAD   {CONTEST}" in both.stderr
    assert f"good  {OTHER}" in both.stdout
    assert run("verify", db, "--contest", OTHER).exit_code == 0
    assert run("verify", db, "--head", "0" * 64).exit_code == 2, "--head is for one contest"


def test_a_damaged_ledger_is_not_exported_as_a_good_one(db: str, path: Path, tmp_path: Path) -> None:
    by_hand(path, "UPDATE ledger SET body = '{}' WHERE position = 7")
    failed = run("export", "--db", db, "--to", tmp_path / "a.ndjson")
    assert failed.exit_code == 1
    assert "entry 7" in failed.stderr
    assert [file.name for file in tmp_path.iterdir() if "ndjson" in file.name] == [], "no half a file stays behind"


@pytest.mark.parametrize(
    "what", ["nothing.ndjson", ".", "postgresql://x/y", "memory:", "sqlite:///nothing.db", "mysql://x", __file__, "sqlite:///" + __file__]
)
def test_what_cannot_be_read_is_neither_good_nor_bad(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    failed = run("verify", what)
    assert failed.exit_code == 2
    assert "cannot verify" in failed.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nobody"], f"The database holds: {CONTEST}"),
        (["--db", "memory:"], "name a file"),
        (["--db", "postgresql://127.0.0.1:1/y"], "Is the database up"),
        (["--db", "sqlite:///nothing.db"], "No such file"),
        (["--to", "there"], "--force"),
    ],
)
def test_an_export_that_is_asked_for_wrongly_is_refused(
    db: str, path: Path, arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    Path("there").write_text("precious")
    if "--db" not in arguments:
        arguments = [*arguments, "--db", db]
    failed = run("export", *arguments)
    assert failed.exit_code == 2
    assert says in failed.stderr
    assert Path("there").read_text() == "precious"
    assert not Path("nothing.db").exists()


def test_an_export_never_takes_the_place_of_what_is_no_file(db: str, tmp_path: Path) -> None:
    """For root, /dev/null would be such a place."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = run("export", "--db", db, "--to", pipe, "--force")
    assert (done.exit_code, pipe.is_fifo()) == (2, True)
    assert "is not a file" in done.stderr


def test_an_export_replaces_a_file_when_told_to(db: str, tmp_path: Path) -> None:
    target = tmp_path / "there"
    target.write_text("old")
    assert run("export", "--db", db, "--to", target, "--force").exit_code == 0
    assert run("verify", target).exit_code == 0


@pytest.mark.parametrize(
    "arguments", [["verify"], ["verify", "x", "--head", "abc"], ["verify", "-", "--contest", "x"], ["export", "--nonsense"]]
)
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("command", ["verify", "export"])
def test_help_says_the_exit_codes(command: str) -> None:
    said = run(command, "--help").stdout
    assert "Exit codes: 0" in said
