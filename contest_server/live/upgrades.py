"""What this program judges, written down for the next one; and what the one before judged otherwise, said wherever somebody looks.

Nothing is judged by what stands here. A program that judges as the one before did says nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from typing import NamedTuple

import msgspec
import structlog

from contest_server import __version__
from contest_server.core.contest import Contest
from contest_server.core.corrections import publications
from contest_server.core.ids import ContestId
from contest_server.core.judged_before import (
    Difference,
    JudgedBefore,
    NotReadable,
    difference,
    is_as_published,
    read_judged,
    snapshot_of,
    takes_back,
)
from contest_server.core.rulebook import Judges
from contest_server.ledger.limits import NUMBER_MAX, LimitExceeded
from contest_server.ledger.notes import Notes
from contest_server.ledger.port import LedgerFault
from contest_server.live.program import Nameless, name_of
from contest_server.live.turns import Turns

log = structlog.get_logger()

LOOK_EVERY_S = 10.0
LOOKS_A_WRITING = 6
"""What moves is written down once in so many looks; a final or a published result at the next one."""
DIFFERENCES_MAX = 20
"""The latest are kept of each contest."""
TOLD_IN_THE_LOG_MAX = 20
DIGITS_TOLD = 12
DIGITS_OF_A_CURSOR = 6


class Program(NamedTuple):
    """What judges here: the version that people know, and the name of its code (`live/program.py`)."""

    version: str
    code: str

    def __str__(self) -> str:
        return f"{self.version} {self.code[:DIGITS_TOLD]}"

    def epoch(self, epoch: str) -> str:
        """That of the cursors which this program gives: they are good for the same ledger, judged by the same code."""
        return f"{epoch}-{self.code[:DIGITS_OF_A_CURSOR]}"


class Upgrades:
    """Of all contests of a server."""

    def __init__(self, notes: Notes, program: Program, now_us: Callable[[], int]) -> None:
        self._notes, self.program, self._now_us = notes, program, now_us

    async def former(self, contest: ContestId) -> list[JudgedBefore]:
        """What other programs judged, and nobody compared since. Raises LedgerFault."""
        found = []
        for program, document in (await self._notes.all(contest, "judged", self._now_us())).items():
            if program == str(self.program):
                continue
            try:
                found.append(read_judged(document))
            except NotReadable as error:
                log.warning("what another program judged cannot be read", contest=contest, program=program, reason=str(error))
        return found

    async def compare(self, former: Sequence[JudgedBefore], contest: Contest) -> None:
        """Hold the contest, which is settled, against those of the position where it is; keep what is different. Raises LedgerFault."""
        after = await self._judged(contest)
        for before in former:
            found = difference(before, after, self._now_us()) if before.position == after.position else None
            if found is None:
                continue
            earlier = next((each for each in await self.differences(contest.id) if takes_back(found, each)), None)
            if earlier is not None:
                log.info("this program judges again as before", contest=contest.id, before=found.before, after=found.after)
                await self._notes.drop(contest.id, "otherwise", _name(earlier))
            else:
                _log(contest.id, found)
                await self._keep(contest.id, found)

    async def _keep(self, contest: ContestId, found: Difference) -> None:
        """Of two comparisons with the same program the later one stays."""
        document = msgspec.json.encode(found).decode()
        try:
            await self._notes.put(contest, "otherwise", _name(found), document, NUMBER_MAX, self._now_us())
        except LimitExceeded as error:
            log.warning("what is judged otherwise stands in this log only", contest=contest, reason=str(error))
        for each in (await self.differences(contest))[:-DIFFERENCES_MAX]:
            await self._notes.drop(contest, "otherwise", _name(each))

    async def compared(self, contest: Contest, former: Sequence[JudgedBefore]) -> list[Difference]:
        """They have served: from now on this program's own result is what the next one compares with. Returns `differences`. Raises
        LedgerFault.
        """
        if not await self._notes.all(contest.id, "judged", self._now_us()):
            _log_unknown(contest)
        for each in former:
            await self._notes.drop(contest.id, "judged", each.program)
        return await self.differences(contest.id)

    async def differences(self, contest: ContestId) -> list[Difference]:
        """All that were found, by any server, the latest last. Raises LedgerFault."""
        found = []
        for document in (await self._notes.all(contest, "otherwise", self._now_us())).values():
            try:
                found.append(msgspec.json.decode(document, type=Difference))
            except msgspec.MsgspecError as error:
                log.warning("a difference between two programs cannot be read", contest=contest, reason=str(error))
        return sorted(found, key=lambda each: (each.at_us, each.position))

    async def _judged(self, contest: Contest) -> JudgedBefore:
        """The contest as it is now, which may go on meanwhile."""
        return await Turns().result(snapshot_of(contest).writing(str(self.program)))

    async def run(self, contest: Contest) -> None:
        """Write down what is judged, now and whenever it moved, until cancelled."""
        last = 0, 0, 0
        for look in count():
            now = contest.position, contest.final_at, len(contest.published)
            is_due = now[1:] != last[1:] or (now != last and not look % LOOKS_A_WRITING)
            if is_due and contest.bench is not None and contest.is_settled and await self.write(contest):
                last = now
            await asyncio.sleep(LOOK_EVERY_S)

    async def write(self, contest: Contest) -> bool:
        """Write it down for the next program. False where that failed, and may be tried again."""
        try:
            document = msgspec.json.encode(await self._judged(contest)).decode()
            await self._notes.put(contest.id, "judged", str(self.program), document, NUMBER_MAX, self._now_us())
        except (LedgerFault, LimitExceeded) as error:
            log.warning("what is judged was not written down", contest=contest.id, reason=str(error))
            return isinstance(error, LimitExceeded)
        return True


def upgrades_of(notes: Notes, judges: Judges, now_us: Callable[[], int]) -> Upgrades | None:
    """Those of a server; None where nobody could tell one program from another."""
    program = program_of(judges)
    return None if program is None else Upgrades(notes, program, now_us)


def program_of(judges: Judges) -> Program | None:
    try:
        return Program(__version__, name_of(judges))
    except Nameless as error:
        log.warning("programs cannot be told apart: the code that judges has no name", reason=str(error))
        return None


def unsettled(contest: Contest, differences: Sequence[Difference]) -> list[Difference]:
    """Those since which nothing was published as this program judges it: what another one published meanwhile settles nothing."""
    if not differences:
        return []
    settled_at = max((each.position for each in publications(contest) if each.act.result and is_as_published(each)), default=0)
    return [each for each in differences if each.position >= settled_at]


def _name(found: Difference) -> str:
    return f"{found.before} > {found.after}"


def _log_unknown(contest: Contest) -> None:
    """No program wrote down what it judged, though somebody did: a version that did not know of this, or what it wrote was not copied."""
    if not contest.sources and not contest.published and not contest.final:
        return
    tell = log.warning if contest.published or contest.final else log.info
    what = "whether this program judges otherwise than the one before cannot be said"
    tell(what, contest=contest.id, position=contest.position, reason="the one before left nothing to compare with")


def _log(contest: ContestId, found: Difference) -> None:
    """An error where a result is another that was final or published: somebody was told it."""
    tell = log.error if found.is_grave else log.warning
    tell(
        "this program judges otherwise than the one before",
        contest=contest,
        position=found.position,
        before=found.before,
        after=found.after,
        contestants=found.count,
        ranks=found.ranks,
        final=found.final,
        published_at=found.published_at or None,
        published=found.published,
        who=[each.contestant for each in (found.published_moved or found.moved)[:TOLD_IN_THE_LOG_MAX]],
    )
