"""Whoever is erased is forgotten, on the disk as well; who is not agreed to, or not known, changes nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from contest_server.__main__ import app
from contest_server.core.facts import ContestantId, ContestId, Json
from contest_server.ledger.urls import open_stores

CUP, A1, A2, R1 = ContestId("cup"), ContestantId("A1"), ContestantId("A2"), ContestantId("R1")
DB = "sqlite:///contest.db"
PEOPLE: dict[ContestantId, Json] = {
    A1: {"name": {"zh": "陈晓明", "en": "Chen Xiaoming"}, "employer": "Yueqing Power"},
    A2: {"name": "Lin"},
    R1: {"name": "Zhou"},
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with three people, in the current folder."""
    monkeypatch.chdir(tmp_path)

    async def fill() -> None:
        stores = open_stores(DB)
        await stores.ledger.open(CUP)
        await stores.people.put(CUP, PEOPLE, 1)
        await stores.close()

    asyncio.run(fill())
    return tmp_path


def kept() -> set[ContestantId]:
    async def read() -> set[ContestantId]:
        stores = open_stores(DB, create=False)
        found = {each.contestant for each in (await stores.people.roster(CUP)).people}
        await stores.close()
        return found

    return asyncio.run(read())


def erase(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, ["erase", "--contest", "cup", *arguments], input=answer)


def test_nothing_of_who_is_erased_is_left_on_the_disk(folder: Path) -> None:
    done = erase("A1", "R1", answer="y\n")
    assert (done.exit_code, kept()) == (0, {"A2"})
    assert "Chen Xiaoming" in done.stdout
    assert "-wal" not in done.stdout
    for file in folder.iterdir():
        assert b"Xiaoming" not in file.read_bytes(), file


def test_where_names_may_still_be_while_somebody_reads_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contest_server.commands.erase.SCRUB_EVERY_S", 0)
    with closing(sqlite3.connect("contest.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM people").fetchone()
        done = erase("A1", "--yes")
    assert (done.exit_code, kept()) == (0, {"A2", "R1"})
    assert "contest.db-wal" in done.stdout


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_without_a_yes_nobody_is_erased(answer: str) -> None:
    done = erase("A1", answer=answer)
    assert (done.exit_code, kept()) == (1, {"A1", "A2", "R1"})


def test_with_somebody_unknown_nobody_is_erased() -> None:
    done = erase("A1", "A9", "--yes")
    assert (done.exit_code, kept()) == (1, {"A1", "A2", "R1"})
    assert "A9" in done.stderr
    assert "A1" not in done.stderr
