"""What every ledger promises, whatever it is stored on.

Positions are gapless from 1 in each contest and are allocated in the transaction that stores the entries. An entry is never
changed or removed. What `append` returned is durable. Several writers may share one ledger: each sees the others' entries by reading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from contest_server.core.facts import ContestId, Draft, Entry
from contest_server.core.saying import Said, Text

READ_MAX_ENTRIES = 10_000
APPEND_MAX_DRAFTS = 10_000


class Head(Struct, frozen=True):
    """The end of a contest's ledger. `epoch` names the ledger itself, so that a cursor of another one is recognised."""

    epoch: str
    position: int
    hash: str


class LedgerFault(Exception):
    """The store failed. Nothing of the call is promised; restart from what is stored."""


class LedgerDamaged(LedgerFault):
    """What is stored contradicts itself. An operator has to look; trying again does not help."""


def ends_elsewhere(contest: ContestId, named: int, last: int, advice: Text) -> Said:
    """That a ledger has lost its end, or that its head has."""
    return Said(
        "the ledger of {contest} should end at entry {named}, but its last entry is {last}. {advice}",
        contest=contest,
        named=named,
        last=last,
        advice=advice,
    )


class HeadMoved(Exception):
    """Somebody else wrote since the position that the caller knows; nothing was stored. Read what comes after it, decide again."""


Wake = Callable[[ContestId | None, int], float]
"""Called when this contest (None: any) is said to reach this position now. A hint only: who reads at intervals misses nothing. Returns
for how long (s) nobody needs to hear more, of any contest; what is said meanwhile may be told late, and together.
"""
ANY_POSITION = 2**63 - 1


class Ledger(Protocol):
    async def open(self, contest: ContestId) -> Head:
        """The end of the ledger of this contest, which begins to exist (with an epoch of its own) if it did not."""
        ...

    async def append(self, contest: ContestId, drafts: Sequence[Draft], expected: int | None = None) -> list[Entry]:
        """Store all drafts in one durable transaction and return the new entries, in order, each with its position.

        With `expected`, only where the last entry is the one at that position: what was decided on it is still true.

        A draft whose (source, seq) is stored already is skipped: what comes back holds only what is new.
        The first position may lie further on than the caller's last one plus one: another writer was faster; read what lies between.

        Raises:
            HeadMoved: there are entries after `expected`; nothing was stored.
            LedgerFault: nothing, or all of it, may have been stored; reading tells.
        """
        ...

    async def read(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Entry]:
        """Entries whose position is greater than `after`, at most `limit`, in order."""
        ...

    async def head(self, contest: ContestId) -> Head:
        """As `open`, without creating anything. Raises KeyError for an unknown contest."""
        ...

    async def contests(self) -> list[ContestId]: ...

    async def listen(self, wake: Wake) -> None:
        """Call `wake` whenever the store tells that somebody wrote, until cancelled. A store that tells nothing calls it never."""
        ...

    async def probe(self) -> None:
        """Return once the store has shown that it can be written to and has this version's tables. Stores nothing. Raises LedgerFault."""
        ...

    async def close(self) -> None: ...
