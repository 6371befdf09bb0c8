"""The command `contest-server official`: a password is shown once, and whoever is no official of the adopted definition gets none."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from contest_server.__main__ import app
from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import OfficialId
from contest_server.ledger.urls import open_stores
from contest_server.live.adopting import adopt
from tests.contests import CUP, JUDGES, START_US, Json, document


def run(db: str, *arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(app, ["official", "--db", db, *arguments], input=given)


def made(tmp_path: Path, document_: Json) -> str:
    url = f"sqlite:///{tmp_path / 'contest.db'}"

    async def fill() -> None:
        stores = open_stores(url)
        await adopt(stores, compile_rulebook(read_definition(document_), JUDGES), "test", START_US)
        await stores.close()

    asyncio.run(fill())
    return url


@pytest.fixture
def db(tmp_path: Path) -> str:
    return made(tmp_path, document())


def lets_in(db: str, official: str, password: str) -> bool:
    async def try_it() -> bool:
        stores = open_stores(db)
        begun = await stores.officials.log_in(CUP, OfficialId(official), password, START_US)
        await stores.close()
        return begun is not None

    return asyncio.run(try_it())


def test_it_prints_a_new_password_that_lets_its_official_in(db: str) -> None:
    done = run(db, "--contest", CUP, "R1")
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    assert lets_in(db, "R1", done.stdout.strip())
    assert not lets_in(db, "R2", done.stdout.strip())


def test_the_next_password_replaces_the_one_before(db: str) -> None:
    first, second = (run(db, "--contest", CUP, "C1").stdout.strip() for _ in range(2))
    assert not lets_in(db, "C1", first)
    assert lets_in(db, "C1", second)


@pytest.mark.parametrize("end", ["\n", "\r\n", "", "\nanother line\n"])
def test_a_password_of_ones_own_is_read_from_standard_input_and_not_printed(db: str, end: str) -> None:
    done = run(db, "--contest", CUP, "R1", "--password-stdin", given=f" 电工 no 1 {end}")
    assert (done.exit_code, done.stdout) == (0, "the password of R1 is set\n")
    assert lets_in(db, "R1", " 电工 no 1 ")


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
def test_a_password_that_is_too_short_or_too_long_is_refused(db: str, password: str) -> None:
    done = run(db, "--contest", CUP, "R1", "--password-stdin", given=f"{password}\n")
    assert done.exit_code == 2
    assert "from 8 to 200" in done.stderr


def test_without_an_id_all_are_listed_with_whether_they_have_a_password(db: str) -> None:
    run(db, "--contest", CUP, "C1")
    done = run(db, "--contest", CUP)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["R1", "referee"], ["R2", "referee"], ["R3", "referee"], ["C1", "chief"]]
    assert ["no password" in line for line in lines] == [True, True, True, False]


WRONG = [
    (("--contest", CUP, "R9"), 1, "it has R1, R2, R3, C1"),
    (("--contest", "league", "R1"), 1, "known: cup"),
    (("--contest", CUP, "--password-stdin"), 2, "name the official"),
    (("R1",), 2, "--contest"),
]


@pytest.mark.parametrize(("arguments", "code", "what"), WRONG)
def test_whatever_is_wrong_is_said_with_what_to_do(db: str, arguments: tuple[str, ...], code: int, what: str) -> None:
    done = run(db, *arguments, given="a good password\n")
    assert (done.exit_code, done.stdout) == (code, "")
    assert what in done.stderr


def test_a_definition_without_officials_says_how_to_get_some(tmp_path: Path) -> None:
    done = run(made(tmp_path, document(officials=[])), "--contest", CUP, "R1")
    assert done.exit_code == 1
    assert "write [[officials]] into it, then contest-server adopt" in done.stderr


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = run(f"sqlite:///{tmp_path / 'nothing.db'}", "--contest", CUP)
    assert done.exit_code == 2
    assert not list(tmp_path.iterdir())
    assert run("memory:", "--contest", CUP).exit_code == 2
