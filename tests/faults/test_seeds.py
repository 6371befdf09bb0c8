"""A fault in the code of a server or an agent turns a fault run red. What stayed green here would check nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.blows import BLOWS
from tests.faults.databases import at
from tests.faults.hall import Hall
from tests.faults.opening import open_hall
from tests.faults.plan import Plan
from tests.faults.run import strike
from tests.faults.seeds import seeded

SEED = 4


@asynccontextmanager
async def small_hall(folder: Path, **program: Any) -> AsyncIterator[Hall]:
    plan = Plan(SEED, servers=1, venues=3, displays=1, settle_within_s=20.0, **program)
    async with at("sqlite", folder, plan.dice("database")) as database, open_hall(plan, folder, database) as hall:
        yield hall


async def test_a_server_that_acknowledges_before_it_commits(tmp_path: Path) -> None:
    async with small_hall(tmp_path, server_command=seeded("an acknowledgement comes before the commit")) as hall:
        with pytest.raises(AssertionError, match="acknowledged and not in the ledger"):
            await strike(hall, BLOWS["server killed"], hall.plan.dice("kill"))


async def test_a_server_whose_frames_leave_a_row_out(tmp_path: Path) -> None:
    async with small_hall(tmp_path, server_command=seeded("a frame leaves a row out")) as hall:
        with pytest.raises(AssertionError, match="display-1 at "):
            await strike(hall, BLOWS["venues reset"], hall.plan.dice("reset"))


async def test_an_agent_that_forgets_its_outbox(tmp_path: Path) -> None:
    async with small_hall(tmp_path, fleet_command=seeded("an agent forgets what waits when it starts", "fleet")) as hall:
        with pytest.raises(AssertionError, match=r"city-.*: stated .* stored"):
            await strike(hall, BLOWS["agents killed"], hall.plan.dice("kill"))
