"""What is sealed stays as it was sealed, until it is dropped."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contest_server.ledger import seals as module
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.seals import MemorySeals, Seal, Seals, TableSeals
from tests.ledger.conftest import OpenTables
from tests.ledger.drafts import CONTEST, OTHER

NOW_US = 1_763_800_000_000_000
SEAL = Seal("5a17", {"A317": "B2", "A052": "甲-1"})

Reopen = Callable[[], Seals]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def another(request: pytest.FixtureRequest, open_tables: OpenTables) -> Reopen:
    memory = MemorySeals()
    return lambda: memory if request.param == "memory" else TableSeals(open_tables(request.param))


async def test_what_is_kept_is_found_wherever_it_is_looked_for(another: Reopen) -> None:
    await another().keep(CONTEST, "c0ffee", SEAL, NOW_US)
    assert await another().look(CONTEST, "c0ffee") == SEAL
    assert await another().look(OTHER, "c0ffee") is None
    assert await another().look(CONTEST, "c0ffe") is None


async def test_what_is_sealed_is_not_exchanged(another: Reopen) -> None:
    await another().keep(CONTEST, "c0ffee", SEAL, NOW_US)
    await another().keep(CONTEST, "c0ffee", Seal("5a17", {"A317": "A1"}), NOW_US + 1)
    assert await another().look(CONTEST, "c0ffee") == SEAL


async def test_what_is_dropped_is_gone_and_nothing_else(another: Reopen) -> None:
    for contest, commitment in ((CONTEST, "c0ffee"), (CONTEST, "beef"), (OTHER, "c0ffee")):
        await another().keep(contest, commitment, SEAL, NOW_US)
    await another().drop(CONTEST, "c0ffee")
    await another().drop(CONTEST, "c0ffee")
    assert await another().look(CONTEST, "c0ffee") is None
    assert await another().look(CONTEST, "beef") == await another().look(OTHER, "c0ffee") == SEAL


async def test_there_is_a_largest_number_and_a_largest_size(another: Reopen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEALS_MAX_A_CONTEST", 1)
    await another().keep(CONTEST, "c0ffee", SEAL, NOW_US)
    await another().keep(CONTEST, "c0ffee", SEAL, NOW_US)
    with pytest.raises(LimitExceeded, match="at most 1"):
        await another().keep(CONTEST, "beef", SEAL, NOW_US)
    monkeypatch.setattr(module, "BODY_MAX_BYTES", 10)
    with pytest.raises(LimitExceeded, match="bytes"):
        await another().keep(OTHER, "beef", SEAL, NOW_US)
    assert await another().look(CONTEST, "beef") is await another().look(OTHER, "beef") is None
