"""Exports for the tests of verification."""

from __future__ import annotations

import io
from collections.abc import Sequence

from contest_server.core.facts import ContestId, Draft
from contest_server.ledger.exporting import State, export
from contest_server.ledger.memory import MemoryLedger
from contest_server.ledger.verify_export import verify_export
from contest_server.ledger.verifying import Contradiction, Published, Unreadable, Verified
from tests.ledger.drafts import CONTEST

EXPORTED_AT = "2026-11-22T12:00:00Z"


async def exported(drafts: Sequence[Draft], contest: ContestId = CONTEST, epoch: str = "k3x9", state: State = "live") -> bytes:
    ledger = MemoryLedger(epochs=lambda: epoch)
    await ledger.open(contest)
    await ledger.append(contest, drafts)
    return b"".join([lines async for lines in export(ledger, contest, state=state, exported_at=EXPORTED_AT)])


def check(export: bytes, expected: Published | None = None) -> Verified:
    return verify_export(io.BytesIO(export), expected=expected)


def found_in(export: bytes) -> Contradiction | None:
    """The first contradiction in it, if any."""
    try:
        check(export)
    except Contradiction as error:
        return error
    except Unreadable as error:
        return Contradiction(str(error), line=1)
    return None
