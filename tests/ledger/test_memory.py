"""The fault hook: how a test lets a ledger fail at the worst moments."""

from __future__ import annotations

import pytest

from contest_server.core.facts import ContestId
from contest_server.ledger.memory import MemoryLedger, Moment
from contest_server.ledger.port import LedgerFault
from tests.ledger.drafts import CONTEST, events


async def struck_at(moment: Moment) -> MemoryLedger:
    def fault(now: Moment, contest: ContestId) -> None:
        if now == moment:
            raise LedgerFault(f"{contest}: the disk is gone")

    ledger = MemoryLedger(fault=fault)
    await ledger.open(CONTEST)
    with pytest.raises(LedgerFault, match="gone"):
        await ledger.append(CONTEST, events([1, 2]))
    ledger.fault = None
    return ledger


async def test_a_fault_before_storing_stores_nothing() -> None:
    ledger = await struck_at("before_store")
    assert await ledger.read(CONTEST, 0) == []
    assert len(await ledger.append(CONTEST, events([1, 2]))) == 2


async def test_a_fault_after_storing_stores_everything_and_tells_nobody() -> None:
    ledger = await struck_at("after_store")
    assert len(await ledger.read(CONTEST, 0)) == 2
    assert await ledger.append(CONTEST, events([1, 2])) == []
