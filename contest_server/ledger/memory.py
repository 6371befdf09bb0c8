"""A ledger in memory, for tests and trials: every promise of the port but durability."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from contest_server.core.facts import ContestId, Draft, Entry
from contest_server.core.saying import Said
from contest_server.ledger.chain import Sealed, Stored, entries, genesis, seal
from contest_server.ledger.codec import Number
from contest_server.ledger.epoch import new_epoch
from contest_server.ledger.limits import check_contest, check_read
from contest_server.ledger.port import READ_MAX_ENTRIES, Head, HeadMoved, LedgerFault, Wake
from contest_server.ledger.sealed import check_following, opened, page, seals_of, without_known, written

Moment = Literal["before_store", "after_store"]
Fault = Callable[[Moment, ContestId], None]
"""Called twice in each append; what it raises (a LedgerFault, say) comes out of `append`."""


@dataclass(slots=True)
class MemoryContest:
    epoch: str
    hash: bytes
    stored: list[Stored] = field(default_factory=list)
    known: set[Number] = field(default_factory=set)

    def head(self) -> Head:
        return Head(self.epoch, len(self.stored), self.hash.hex())

    def take(self, entries: Sequence[Stored]) -> None:
        self.stored += entries
        self.hash = self.stored[-1].hash if self.stored else self.hash
        self.known.update((each.source, each.seq) for each in entries if each.source is not None and each.seq is not None)


MemoryStore = dict[ContestId, MemoryContest]
"""What outlives a MemoryLedger. Two ledgers on one store are two writers of the same ledger."""


class MemoryLedger:
    """See the port. `fault` may be set at any time, to fail before or after the entries are stored."""

    def __init__(self, store: MemoryStore | None = None, *, fault: Fault | None = None, epochs: Callable[[], str] = new_epoch) -> None:
        self.fault = fault
        self._store: MemoryStore = {} if store is None else store
        self._epochs = epochs
        self._closed = False

    async def open(self, contest: ContestId) -> Head:
        check_contest(contest)
        await self._turn()
        if contest not in self._store:
            epoch = self._epochs()
            self._store[contest] = MemoryContest(epoch, genesis(contest, epoch))
        return self._store[contest].head()

    async def append(self, contest: ContestId, drafts: Sequence[Draft], expected: int | None = None) -> list[Entry]:
        check_contest(contest)
        new = written(drafts)
        await self._turn()
        self._strike("before_store", contest)
        stored = self._store[contest]
        if expected is not None and len(stored.stored) != expected:
            raise HeadMoved(contest)
        fresh = without_known(new, stored.known)
        after = len(stored.stored)
        stored.take(seal(stored.hash, after, fresh))
        self._strike("after_store", contest)
        return entries(after, fresh)

    async def read(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Entry]:
        return opened(await self.sealed(contest, after, limit))

    async def sealed(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Sealed]:
        return seals_of(await self.stored(contest, after, limit))

    async def stored(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Stored]:
        check_read(after, limit)
        await self._turn()
        return page(self._store[contest].stored[after : after + limit], after)

    async def plant(self, contest: ContestId, epoch: str, entries: Sequence[Stored]) -> Head:
        check_contest(contest)
        await self._turn()
        here = self._store.get(contest) or MemoryContest(epoch, genesis(contest, epoch))
        check_following(here.head(), epoch, entries)
        self._store[contest] = here
        here.take(entries)
        return here.head()

    async def head(self, contest: ContestId) -> Head:
        await self._turn()
        return self._store[contest].head()

    async def contests(self) -> list[ContestId]:
        await self._turn()
        return sorted(self._store)

    async def listen(self, wake: Wake) -> None:  # noqa: ARG002 - nothing here tells
        await asyncio.Event().wait()

    async def probe(self) -> None:
        await self._turn()

    async def close(self) -> None:
        self._closed = True

    async def _turn(self) -> None:
        """Let others run, as a store on a disk would."""
        await asyncio.sleep(0)
        if self._closed:
            raise LedgerFault(Said("the ledger is closed"))

    def _strike(self, moment: Moment, contest: ContestId) -> None:
        if self.fault is not None:
            self.fault(moment, contest)
