"""`contest-server audit` ends well where nothing speaks against anybody, and tells remarks in the language of whoever runs it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contest_server.__main__ import app
from contest_server.core.facts import Draft, Fact, Finalised
from contest_server.ledger.urls import open_stores
from tests.contests import CUP, START_US, adopted, clock, document, event

PANEL = document()
PANEL["stages"][0]["aspects"].append({"id": "order", "rule": "judgement_0_3", "max": 3, "field": "order", "panel": 3})


@pytest.fixture
def export(tmp_path: Path) -> str:
    """Of a contest that was made final though no mark of a panel was in, as nothing forbade once."""
    db, path = f"sqlite:///{tmp_path / 'cup.db'}", str(tmp_path / "final.ndjson")
    facts: list[Fact] = [adopted(PANEL), event(1, stage="wiring", data={"mohm": "2"}), clock("end", -10), Finalised()]

    async def fill() -> None:
        stores = await asyncio.to_thread(open_stores, db)
        await stores.ledger.open(CUP)
        await stores.ledger.append(CUP, [Draft(START_US, "test", fact) for fact in facts])
        await stores.close()

    asyncio.run(fill())
    done = CliRunner().invoke(app, ["export", CUP, "--to", path, "--db", db])
    assert done.exit_code == 0, done.output
    return path


def test_a_result_that_was_final_without_all_marks_is_a_remark_and_ends_well(export: str) -> None:
    done = CliRunner().invoke(app, ["audit", export, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["final"], told["findings"]) == (True, [])
    detail = "final without all marks; an earlier version allowed that: A1 at wiring: order: 0 of 3 marks are in"
    assert told["remarks"] == [{"position": 4, "code": "finalised_unmarked", "detail": detail}]


def test_what_it_remarks_on_is_told_in_chinese_too(export: str) -> None:
    done = CliRunner().invoke(app, ["audit", export], env={"CONTEST_LANGUAGE": "zh"})
    assert done.exit_code == 0, done.output
    assert "缺少打分而成为最终成绩；旧版本允许这样做：A1/wiring：order：3 个分数中已有 0 个" in done.stdout
    assert done.stdout.splitlines()[-1] == "问题 0 个，备注 1 个"
