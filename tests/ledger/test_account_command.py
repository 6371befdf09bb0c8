"""The command `contest-server account`: the first administrator comes in by it, and nothing secret is printed but what it made."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from contest_server.__main__ import app
from contest_server.ledger.accounts import Account
from contest_server.ledger.urls import open_stores
from tests.contests import CUP, START_US, document
from tests.ledger.test_official_command import made

PASSWORD = "a good password"


def run(db: str, *arguments: str, given: str | None = None, command: str = "account") -> Result:
    return CliRunner().invoke(app, [command, *arguments, "--db", db], input=given)


@pytest.fixture
def db(tmp_path: Path) -> str:
    return made(tmp_path, document())


def accounts(db: str) -> dict[str, Account]:
    async def look() -> list[Account]:
        stores = open_stores(db)
        found = await stores.accounts.all()
        await stores.close()
        return found

    return {each.id: each for each in asyncio.run(look())}


def lets_in(db: str, name: str, password: str) -> bool:
    async def try_it() -> bool:
        stores = open_stores(db)
        begun = await stores.accounts.log_in(name, password, START_US)
        await stores.close()
        return begun is not None

    return asyncio.run(try_it())


def test_the_first_administrator_is_added_with_a_password_from_standard_input(db: str) -> None:
    done = run(db, "add", "admin", "--role", "admin", given=f"{PASSWORD}\n")
    assert (done.exit_code, done.stdout) == (0, "admin: done\n"), done.output
    assert [each.role for each in accounts(db)["admin"].grants] == ["admin"]
    assert lets_in(db, "admin", PASSWORD)


def test_the_first_administrator_comes_before_any_contest(tmp_path: Path) -> None:
    """As the README begins; whatever else names a database that is not there makes none."""
    here = f"sqlite:///{tmp_path / 'contest.db'}"
    for others in (("list",), ("disable", "admin"), ("add", "lin.mei", "--generate", "--role", "director", "--contest", CUP)):
        assert run(here, *others).exit_code == 2
        assert list(tmp_path.iterdir()) == []
    done = run(here, "add", "admin", "--role", "admin", "--generate")
    assert done.exit_code == 0, done.output
    assert lets_in(here, "admin", done.stdout.strip())


def test_a_password_that_it_makes_is_printed_once(db: str) -> None:
    done = run(db, "add", "lin.mei", "--generate", "--full-name", "林梅")
    assert lets_in(db, "lin.mei", done.stdout.strip())
    assert accounts(db)["lin.mei"].name == "林梅"
    listed = run(db, "list").stdout
    assert "林梅" in listed
    assert done.stdout.strip() not in listed


def test_who_comes_by_an_identity_provider_needs_no_password(db: str) -> None:
    assert run(db, "add", "tang.yu", "--email", "tang@example.org", given="").exit_code == 0
    assert not accounts(db)["tang.yu"].has_password


def test_roles_are_granted_and_taken_back(db: str) -> None:
    run(db, "add", "lin.mei", given=f"{PASSWORD}\n")
    chief = ("lin.mei", "--role", "chief", "--contest", CUP, "--official", "C1")
    assert run(db, "grant", *chief).exit_code == 0
    assert run(db, "grant", "lin.mei", "--role", "staff", "--contest", CUP).exit_code == 0, "the older word for a director"
    assert f"chief {CUP} C1; director {CUP}" in run(db, "list").stdout
    assert run(db, "revoke", *chief).exit_code == 0
    assert [each.role for each in accounts(db)["lin.mei"].grants] == ["director"]
    again = run(db, "revoke", *chief)
    assert (again.exit_code, "no such role" in again.stderr) == (1, True)


def test_an_account_is_disabled_enabled_and_given_another_password(db: str) -> None:
    run(db, "add", "lin.mei", given=f"{PASSWORD}\n")
    assert run(db, "disable", "lin.mei").exit_code == 0
    assert not lets_in(db, "lin.mei", PASSWORD)
    assert run(db, "enable", "lin.mei").exit_code == 0
    assert lets_in(db, "lin.mei", PASSWORD)
    assert run(db, "password", "lin.mei", given="quite another one\n").exit_code == 0
    assert [lets_in(db, "lin.mei", each) for each in (PASSWORD, "quite another one")] == [False, True]


WRONG = [
    (("grant", "lin.mei", "--role", "chief", "--contest", CUP, "--official", "C9"), 1, "no official 'C9'"),
    (("grant", "lin.mei", "--role", "venue", "--contest", CUP, "--venue", "nowhere"), 1, "no venue 'nowhere'"),
    (("grant", "lin.mei", "--role", "auditor", "--contest", "nowhere"), 1, f"known: {CUP}"),
    (("grant", "nobody", "--role", "auditor"), 1, "no account 'nobody'"),
    (("grant", "lin.mei", "--role", "referee", "--contest", CUP), 2, "needs a contest and an official"),
    (("grant", "lin.mei", "--role", "display", "--contest", CUP), 2, "display has a token"),
    (("grant", "lin.mei", "--role", "king"), 2, "expected admin, director"),
    (("grant", "lin.mei"), 2, "needs --role"),
    (("add", "lin.mei", "--generate"), 1, "already"),
    (("add", "Lin Mei", "--generate"), 1, "small letters"),
    (("password", "nobody", "--generate"), 1, "no account"),
    (("fire", "lin.mei"), 2, "expected add, grant"),
    (("disable",), 2, "name the account"),
]


@pytest.mark.parametrize(("arguments", "code", "what"), WRONG)
def test_whatever_is_wrong_is_said_with_what_to_do(db: str, arguments: tuple[str, ...], code: int, what: str) -> None:
    run(db, "add", "lin.mei", given=f"{PASSWORD}\n")
    before = accounts(db)
    done = run(db, *arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert what in done.stderr
    assert accounts(db) == before


def test_a_password_that_is_too_short_adds_nobody(db: str) -> None:
    done = run(db, "add", "lin.mei", given="short\n")
    assert (done.exit_code, "from 8 to 200" in done.stderr) == (2, True)
    assert accounts(db) == {}


def test_the_last_administrator_stays(db: str) -> None:
    run(db, "add", "admin", "--role", "admin", given=f"{PASSWORD}\n")
    for arguments in (("disable", "admin"), ("revoke", "admin", "--role", "admin")):
        done = run(db, *arguments)
        assert (done.exit_code, "another account first" in done.stderr) == (1, True)


def test_tokens_are_issued_for_displays_with_an_end_and_rotated(db: str) -> None:
    secret = run(db, "--role", "display", "--contest", CUP, "--days", "2", command="token").stdout.strip()
    assert secret.startswith("cs_")
    listed = run(db, "--list", command="token").stdout.split()
    assert listed[1] == "display"
    rotated = run(db, "--rotate", listed[0], command="token")
    assert rotated.exit_code == 0
    assert rotated.stdout.strip() not in ("", secret)
    again = run(db, "--rotate", listed[0], command="token")
    assert (again.exit_code, "that one" in again.stderr) == (2, True)
    assert run(db, "--rotate", "nothing", command="token").exit_code == 1
