"""Who is asked about while the stores are read is who was there before: whoever comes meanwhile keeps their socket."""

from __future__ import annotations

import asyncio
from typing import cast

from contest_server.core.facts import ContestId, OfficialId, VenueId
from contest_server.ledger.officials import Officials
from contest_server.ledger.tokens import TableTokens, Token
from contest_server.ledger.urls import open_stores
from contest_server.web.callers import Person
from contest_server.web.revoking import ASK_EVERY_S, Revocations
from tests.clockwork import now_us, run
from tests.contests import CUP

CHIEF = Person(OfficialId("C1"), "chief", None, frozenset(), "session", True, 1 << 50, 1 << 50, ContestId(CUP))


class SlowOfficials:
    """The sessions of officials, read so slowly that others come meanwhile."""

    def __init__(self) -> None:
        self.is_asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def open_sessions(self, now_us: int) -> set[str]:  # noqa: ARG002 - the port's signature
        self.is_asked.set()
        await self.may_answer.wait()
        return {"session"}


def test_a_venue_that_comes_while_the_sessions_of_officials_are_read_is_not_sent_away() -> None:
    async def work() -> None:
        stores, officials = open_stores("memory:"), SlowOfficials()
        revocations = Revocations(stores.tokens, cast(Officials, officials), stores.accounts, lambda _: None, now_us)
        asking = asyncio.create_task(revocations.run())
        issued = await stores.tokens.issue("venue", now_us(), ContestId(CUP), VenueId("yongjia"))
        with revocations.watching(CHIEF):
            await officials.is_asked.wait()
            with revocations.watching(issued.token) as revoked:
                officials.may_answer.set()
                await asyncio.sleep(ASK_EVERY_S / 2)
                assert not revoked.is_set(), "nothing was read of this one"
                await stores.tokens.revoke(issued.token.id, now_us())
                await asyncio.sleep(2 * ASK_EVERY_S)
                assert revoked.is_set(), "the next round is about everybody"
        asking.cancel()
        await stores.close()

    run(work())


class FaultyTokens(TableTokens):
    """Of which something unheard of comes when they are read for the first time."""

    has_failed = False

    async def all(self, contest: ContestId | None = None) -> list[Token]:
        if not self.has_failed:
            self.has_failed = True
            raise RuntimeError("a fault of ours")
        return await super().all(contest)


def test_a_fault_in_asking_who_may_stay_ends_neither_the_asking_nor_the_server() -> None:
    async def work() -> None:
        stores = open_stores("memory:")
        tokens = FaultyTokens(stores.tables)
        revocations = Revocations(tokens, stores.officials, stores.accounts, lambda _: None, now_us)
        asking = asyncio.create_task(revocations.run())
        issued = await tokens.issue("venue", now_us(), ContestId(CUP), VenueId("yongjia"))
        with revocations.watching(issued.token) as revoked:
            await tokens.revoke(issued.token.id, now_us())
            await revoked.wait()
        assert tokens.has_failed
        asking.cancel()
        await stores.close()

    run(work())
