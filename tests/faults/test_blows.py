"""After every blow: each acknowledged event exactly once, numbers without a gap, all boards equal, displays recovered.

Each database gets those blows that mean most to it; `make faults` strikes with all of them, for as long as it is told.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.blow import Blow
from tests.faults.blows import BLOWS, blows_for
from tests.faults.databases import at
from tests.faults.opening import open_hall
from tests.faults.plan import Plan
from tests.faults.run import strike

SEED = 4
ON_SQLITE = (
    "all servers killed",
    "agents killed",
    "agents disk full",
    "device clock steps",
    "database held by another",
    "database file gone",
    "disk full",
)
ON_POSTGRESQL = tuple(each.name for each in blows_for("postgresql", 3) if each.name not in ON_SQLITE)


@pytest.mark.parametrize(
    ("kind", "servers", "names"), [("sqlite", 2, ON_SQLITE), ("postgresql", 3, ON_POSTGRESQL)], ids=["sqlite", "postgresql"]
)
async def test_no_blow_loses_doubles_or_falsifies_anything(kind: str, servers: int, names: tuple[str, ...], tmp_path: Path) -> None:
    plan = Plan(SEED, servers=servers)
    async with at(kind, tmp_path, plan.dice("database")) as database, open_hall(plan, tmp_path, database) as hall:
        for name in names:
            await strike(hall, BLOWS[name], plan.dice(name))


@pytest.mark.parametrize("blow", BLOWS.values(), ids=lambda blow: blow.name)
def test_every_blow_is_described_in_the_docs(blow: Blow) -> None:
    page = (Path(__file__).parents[2] / "docs/faults.md").read_text("utf-8")
    assert f"| {blow.name} | {blow.expects} |" in page
