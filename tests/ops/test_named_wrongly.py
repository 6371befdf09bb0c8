"""Whatever a command is told to use, it ends with a sentence that names it, and leaves alone what is no file."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from contest_server.__main__ import app
from contest_server.commands.files import whole_file
from contest_server.commands.options import OF_WRITING, told
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
    assert done.stdout.splitlines()[-1] == "0 findings, 0 remarks"
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


@pytest.mark.parametrize("author", ["", "a\nb", "x" * 201, "\udcff"])
def test_an_author_who_cannot_be_kept_is_named_and_no_contest_begun(author: str, tmp_path: Path) -> None:
    definition = Path(__file__).parents[2] / "contest_server" / "demo" / "electricians.toml"
    code, said = said_by("adopt", str(definition), "--author", author, "--db", f"sqlite:///{tmp_path / 'new.db'}")
    assert (code, "--author: " in said) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_address_is_not_every_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("settings.toml").write_text('host = ""')
    for arguments in (("serve", "--host", ""), ("--config", "settings.toml", "serve"), ("serve", "--config", "settings.toml")):
        code, said = said_by(*arguments)
        assert (code, "--host is empty" in said) == (2, True), said


def test_what_is_piped_as_a_password_has_to_be_text(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'new.db'}"
    for given, why in ((b"\xff" * 10, "no text in UTF-8"), (b"", "--generate makes one")):
        done = CliRunner().invoke(app, ["account", "add", "lin", "--role", "admin", "--db", db], input=given)
        assert (done.exit_code, why in done.stderr) == (2, True), done.stderr
    assert list(tmp_path.iterdir()) == []


AS_A_PROGRAM = (sys.executable, "-m", "contest_server")


def as_a_program(*arguments: str, **how: Any) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, with streams that no test runner made."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"} | how.pop("env", {})
    return subprocess.run([*AS_A_PROGRAM, *arguments], check=False, stderr=subprocess.PIPE, env=environment, **how)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk here")
@pytest.mark.parametrize("arguments", [("verify", "contest.db"), ("official", "--help"), ("export", "--db", "sqlite:///contest.db")])
@pytest.mark.usefixtures("db")
def test_where_nothing_can_be_said_for_want_of_room_that_is_said(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = as_a_program(*arguments, stdout=full)
    assert done.returncode == 1
    assert b"No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Errno" not in done.stderr


@pytest.mark.usefixtures("db")
def test_without_standard_streams_a_command_ends_with_a_sentence() -> None:
    for closed, arguments in ((">&-", "export --db sqlite:///contest.db"), ("<&-", "verify -"), ("<&-", "audit -")):
        command = f"{' '.join(AS_A_PROGRAM)} {arguments} {closed}"
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
        assert (done.returncode, "is closed" in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr


@pytest.mark.usefixtures("db")
def test_a_name_that_the_terminal_cannot_show_ends_no_command() -> None:
    done = as_a_program("backup", "--db", "sqlite:///contest.db", "--to", os.fsdecode(b"\xff.zip"), stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (0, b"\\udcff.zip\n")
    done = as_a_program("doctor", "--db", "sqlite:///contest.db", stdout=subprocess.PIPE, env={"PYTHONIOENCODING": "gbk:strict"})
    assert b"version: contest-server" in done.stdout
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("number", sorted(OF_WRITING))
def test_a_disk_that_takes_no_more_is_named_by_the_file_that_was_asked_for(number: int, tmp_path: Path) -> None:
    target = tmp_path / "cup.zip"
    with pytest.raises(OSError, match=re.escape(os.strerror(number))) as found, whole_file(target):
        raise OSError(number, os.strerror(number))  # as a write does: it names nothing
    assert str(told(found.value)).startswith(f"{target}: {os.strerror(number)}")
    assert list(tmp_path.iterdir()) == []
