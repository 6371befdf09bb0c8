"""Checkpoints of this server's contests: found when a desk opens, made while it runs, proven afterwards. A wrong one is named, not used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import NoReturn

import structlog

from contest_server.core.checkpoint import Checkpoint, NotACheckpoint, Taken, can_be_taken, read_parts, stands
from contest_server.core.contest import Contest
from contest_server.core.ids import ContestId
from contest_server.core.rulebook import Judges
from contest_server.ledger.checkpoints import Checkpoints, Made, Torn
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.sealed import SealedLedger
from contest_server.ledger.urls import Stores
from contest_server.live.program import Nameless, name_of
from contest_server.live.settings import Settings

log = structlog.get_logger()

LOOK_EVERY_S = 10.0
REST_S = 0.02
"""Between two parts that are made, and two contestants that are judged again: it is never urgent."""


class Refuted(Exception):
    """A checkpoint that was taken over is wrong. It is removed; the desk opens anew and judges everything."""


class Checkpointing:
    """`code` names what judges here (`live/program.py`). A new one is made after `every` entries."""

    def __init__(self, ledger: SealedLedger, store: Checkpoints, code: str, every: int) -> None:
        self._ledger, self._store, self._code, self._every = ledger, store, code, every

    async def find(self, contest: ContestId) -> Checkpoint | None:
        """One that is of this ledger and of this code. Raises LedgerFault."""
        try:
            made = await self._store.head(contest)
            if made is None or not await self._fits(contest, made):
                return None
            return await asyncio.to_thread(read_parts, await self._store.parts(contest, made))
        except (Torn, NotACheckpoint) as error:
            log.warning("checkpoint ignored", contest=contest, reason=str(error))
            return None

    async def _fits(self, contest: ContestId, made: Made) -> bool:
        if made.code != self._code:
            log.info("checkpoint ignored", contest=contest, position=made.position, reason="other code or rules judged it")
            return False
        if made.position < 1 or await self._hash(contest, made.position) != made.hash:
            log.warning("checkpoint ignored", contest=contest, position=made.position, reason="it is of another ledger")
            return False
        return True

    async def _hash(self, contest: ContestId, position: int) -> str:
        """Of the entry at this position; empty where there is none."""
        found = await self._ledger.stored(contest, position - 1, 1)
        return found[0].hash.hex() if found else ""

    async def refute(self, contest: ContestId, reason: object) -> NoReturn:
        """Remove the one that was taken over, so that nobody does again. Raises Refuted."""
        log.error("checkpoint refuted", contest=contest, reason=str(reason))
        await self._store.drop(contest)
        raise Refuted(f"the checkpoint was wrong: {reason}")

    async def prove(self, contest: Contest) -> None:
        """Judge everybody again whose judgements were taken over, in short turns. Raises Refuted."""
        for contestant in list(contest.sheets):
            if not stands(contest, contestant):
                await self.refute(contest.id, f"{contestant} is judged otherwise")
            await asyncio.sleep(REST_S)
        log.info("checkpoint proven", contest=contest.id, contestants=len(contest.sheets))

    async def run(self, contest: Contest, taken_over: int | None) -> None:
        """Prove the one that was taken over, if one was, of this position; make one whenever enough entries came, until cancelled.
        Raises Refuted.
        """
        last = taken_over or 0
        if taken_over is not None:
            await self.prove(contest)
        while True:
            if contest.position - last >= self._every and can_be_taken(contest):
                last = await self._keep(contest, last)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _keep(self, contest: Contest, last: int) -> int:
        """Returns the position of the latest one, of whichever server."""
        try:
            made = await self._latest(contest.id)
            if made is not None and contest.position - made.position < self._every:
                return made.position
            return await self.keep(contest)
        except (LedgerFault, LimitExceeded) as error:
            log.warning("no checkpoint was kept", contest=contest.id, reason=str(error))
            return last

    async def keep(self, contest: Contest) -> int:
        """Make one of the contest as it is now; returns its position. Raises LedgerFault, LimitExceeded."""
        taken = Taken(contest)
        hash_ = await self._hash(contest.id, taken.position)
        await self._store.put(contest.id, taken.position, hash_, self._code, _one_by_one(taken.parts()))
        log.info("checkpoint kept", contest=contest.id, position=taken.position)
        return taken.position

    async def _latest(self, contest: ContestId) -> Made | None:
        try:
            made = await self._store.head(contest)
        except Torn:
            return None
        return made if made is not None and made.code == self._code else None


def checkpoints_of(stores: Stores, judges: Judges, settings: Settings) -> Checkpointing | None:
    """Those of a server; None where there shall be none, or where nobody could tell whether they fit."""
    if not settings.checkpoint_entries:
        return None
    try:
        return Checkpointing(stores.ledger, stores.checkpoints, name_of(judges), settings.checkpoint_entries)
    except Nameless as error:
        log.warning("no checkpoints are kept: the code that judges has no name", reason=str(error))
        return None


async def _one_by_one(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Made in a thread, with rests."""
    while (part := await asyncio.to_thread(next, parts, None)) is not None:
        yield part
        await asyncio.sleep(REST_S)
