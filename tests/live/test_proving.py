"""Anybody can hold a checkpoint, and what another program judged, against judging everything anew, at a terminal, on any machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner, Result

from contest_server import __version__
from contest_server.__main__ import app as commands
from contest_server.commands.verify import verify
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, Fact
from contest_server.ledger.urls import open_stores
from contest_server.live.checkpointing import checkpoints_of
from contest_server.live.judges_loading import load_judges
from contest_server.live.settings import Settings
from contest_server.live.upgrades import program_of, upgrades_of
from tests import clockwork
from tests.contests import CUP, JUDGES, drafts, fold
from tests.core.test_judged_before import Otherwise
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


def write_down(db: str, facts: list[Fact], version: str, patch: pytest.MonkeyPatch) -> None:
    """What a server of this version makes of these."""

    async def run() -> None:
        stores = open_stores(db)
        with patch.context() as as_then:
            as_then.setattr("contest_server.live.upgrades.name_of", lambda _: version * 64)
            upgrades = upgrades_of(stores.notes, JUDGES, clockwork.now_us)
        assert upgrades is not None
        await upgrades.write(fold(facts))
        await stores.close()

    asyncio.run(run())


def test_it_says_with_what_it_compared_and_where_there_was_nothing(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cup: no other program's result stands beside the ledger" in proven(db).stdout
    write_down(db, FACTS[:5], "a", monkeypatch)
    assert f"compared with what {__version__} aaaaaaaaaaaa judged at 5" in proven(db).stdout


@pytest.mark.parametrize("way", ["backup", "copy"])
def test_a_new_program_is_asked_on_a_backup_or_a_copy_while_servers_go_on(db: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_down(db, FACTS[:5], "a", monkeypatch)
    there, file = db.replace("contest.db", "there.db"), db.replace("contest.db", "cup.zip").removeprefix("sqlite:///")
    for arguments in {
        "backup": [["backup", "--db", db, "--to", file], ["restore", "--from", file, "--db", there]],
        "copy": [["copy", "--from", db, "--to", there]],
    }[way]:
        moved = CliRunner().invoke(commands, arguments)
        assert moved.exit_code == 0, moved.output
    Otherwise(monkeypatch, "A2", 50).begin()
    done = proven(there)
    assert f"compared with what {__version__} aaaaaaaaaaaa judged at 5" in done.stdout
    assert "judges otherwise than" in done.output


def test_a_new_program_names_before_any_server_runs_whom_it_judges_otherwise(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_down(db, FACTS[:5], "a", monkeypatch)
    assert (proven(db).exit_code, "otherwise" in proven(db).output) == (0, False), "this one judges alike"
    Otherwise(monkeypatch, "A2", 50).begin()
    done = proven(db)
    assert done.exit_code == 0, "nobody was told a result"
    assert f"other cup: {program_here()} judges otherwise than" in done.stderr
    assert "a result at 5, 2 contestants, 2 of them at another rank" in done.stderr
    assert "A1: rank 1, " in done.stderr


def test_a_published_result_that_a_new_program_judges_otherwise_is_bad(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_down(db, FACTS, "a", monkeypatch)
    Otherwise(monkeypatch, "A2", 50).begin()
    done = proven(db)
    assert done.exit_code == 1
    assert "BAD   cup: " in done.stderr
    assert "of what was published at 6, 2 results are others" in done.stderr


def program_here() -> str:
    program = program_of(load_judges())
    assert program is not None
    return str(program)
