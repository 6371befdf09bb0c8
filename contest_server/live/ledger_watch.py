"""Whether the ledger answers, and could be written to. One question at a time, and not too often, however many ask."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from contest_server.ledger.port import Ledger, LedgerFault

log = structlog.get_logger()

WITHIN_S = 2.0
ASK_AGAIN_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with it: `ledger_silent` or `ledger_fault`, and a sentence that names no path and no host."""

    code: str
    detail: str


class LedgerWatch:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._asking = asyncio.Lock()
        self._asked_s = float("-inf")
        self._found: Trouble | None = None

    async def trouble(self) -> Trouble | None:
        """What it said when it was last asked, at most ASK_AGAIN_AFTER_S ago."""
        now_s = asyncio.get_running_loop().time
        async with self._asking:
            if now_s() - self._asked_s >= ASK_AGAIN_AFTER_S:
                self._found = await self._ask()
                self._asked_s = now_s()
            return self._found

    async def _ask(self) -> Trouble | None:
        try:
            async with asyncio.timeout(WITHIN_S):
                await self._ledger.probe()
        except TimeoutError:
            return Trouble("ledger_silent", f"the ledger does not answer within {WITHIN_S:g} s")
        except LedgerFault as error:
            log.warning("the ledger cannot be written to", reason=str(error))
            return Trouble("ledger_fault", "the ledger cannot be written to; the log and `contest-server doctor` say why")
        return None
