"""Anybody can hold a checkpoint against judging everything anew, at a terminal, on any machine that has the program."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner, Result

from contest_server.commands.verify import verify
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId
from contest_server.ledger.urls import open_stores
from contest_server.live.checkpointing import checkpoints_of
from contest_server.live.judges_loading import load_judges
from contest_server.live.settings import Settings
from tests.contests import CUP, drafts, fold
from tests.live.test_checkpointing import FACTS, TAKEN_AT

app = typer.Typer()
app.command()(verify)


@pytest.fixture
def db(tmp_path: Path) -> str:
    async def fill() -> None:
        stores = open_stores(f"sqlite:///{tmp_path / 'contest.db'}")
        await stores.ledger.open(CUP)
        await stores.ledger.append(CUP, drafts(FACTS))
        await stores.close()

    asyncio.run(fill())
    return f"sqlite:///{tmp_path / 'contest.db'}"


def keep(db: str, contest: Contest) -> None:
    async def run() -> None:
        stores = open_stores(db)
        keeper = checkpoints_of(stores, load_judges(), Settings())
        assert keeper is not None
        await keeper.keep(contest)
        await stores.close()

    asyncio.run(run())


def proven(db: str) -> Result:
    return CliRunner().invoke(app, [db, "--checkpoints"])


def test_a_checkpoint_is_proven_by_judging_everything_anew(db: str) -> None:
    assert "checkpoint cup: none" in proven(db).stdout
    keep(db, fold(FACTS[:TAKEN_AT]))
    done = proven(db)
    assert done.exit_code == 0, done.output
    assert f"checkpoint cup: at {TAKEN_AT}, as judging everything anew makes it" in done.stdout


def test_one_that_was_forged_is_called_so_though_its_board_fits(db: str) -> None:
    contest = fold(FACTS[:TAKEN_AT])
    sheet = contest.sheets[ContestantId("A1")]
    stage, cell = next(iter(sheet.base.items()))
    sheet.base[stage] = msgspec.structs.replace(cell, penalty_ms=cell.penalty_ms + 1)
    keep(db, contest)
    done = proven(db)
    assert done.exit_code == 1
    assert f"BAD   checkpoint cup: A1 is judged otherwise at {TAKEN_AT}" in done.stderr


def test_one_of_other_code_is_not_used_and_not_bad(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(db, fold(FACTS[:TAKEN_AT]))
    monkeypatch.setattr("contest_server.live.proving.name_of", lambda _: "other")
    done = proven(db)
    assert done.exit_code == 0
    assert "judged by other code or rules" in done.stdout
