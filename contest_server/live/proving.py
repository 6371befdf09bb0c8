"""The checkpoint of a contest, and what other programs judged, held against judging all its entries anew, offline.

Changes nothing: a server drops a wrong checkpoint, and keeps what is judged otherwise, by itself.
"""

from __future__ import annotations

from contest_server.core.checkpoint import NotACheckpoint, Taken, read_parts
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestId
from contest_server.core.judged_before import Difference, JudgedBefore, difference, snapshot_of
from contest_server.core.rulebook import Judges
from contest_server.core.saying import Said
from contest_server.ledger.checkpoints import Made, Torn
from contest_server.ledger.limits import NUMBER_MAX
from contest_server.ledger.urls import Stores
from contest_server.live.program import name_of
from contest_server.live.upgrades import Upgrades, program_of, unsettled


class Disproven(Exception):
    """The checkpoint is not what these entries lead to; the text says where. The ledger itself may be as good as ever."""


async def prove_checkpoint(stores: Stores, contest: ContestId, judges: Judges) -> Said:
    """What there is to say of it, in a line.

    Raises:
        Disproven: see there.
        LedgerFault: the database cannot be read.
    """
    try:
        made = await stores.checkpoints.head(contest)
        if made is None:
            return Said("none")
        if made.code != name_of(judges):
            return Said("at {position}, judged by other code or rules: this program does not use it", position=made.position)
        parts = await stores.checkpoints.parts(contest, made)
        given = read_parts(parts)
    except (Torn, NotACheckpoint) as error:
        raise Disproven(str(error)) from error
    own = read_parts(list(Taken(await _judged(stores, contest, made, judges)).parts()))
    if own.boards != given.boards:
        raise Disproven(Said("the board at {position} is another one", position=made.position))
    for mine, theirs in zip(own.sheets, given.sheets, strict=False):
        if mine != theirs:
            raise Disproven(Said("{contestant} is judged otherwise at {position}", contestant=mine.contestant, position=made.position))
    if len(own.sheets) != len(given.sheets):
        raise Disproven(Said("it holds {count} contestants, not {wanted}", count=len(given.sheets), wanted=len(own.sheets)))
    return Said("at {position}, as judging everything anew makes it", position=made.position)


async def _judged(stores: Stores, name: ContestId, made: Made, judges: Judges) -> Contest:
    """The contest after the entries up to that position, whose hash has to be the one that the checkpoint names."""
    last = await stores.ledger.stored(name, made.position - 1, 1) if made.position > 0 else []
    if not last or last[0].hash.hex() != made.hash:
        raise Disproven(Said("it is of another ledger: entry {position} has another hash", position=made.position))
    contest = Contest(name, judges)
    await _go_on(stores, contest, made.position)
    return contest


async def _go_on(stores: Stores, contest: Contest, position: int) -> None:
    """Judge what is in the ledger up to this position, if it reaches so far."""
    while contest.position < position and (entries := await stores.ledger.read(contest.id, contest.position)):
        for entry in entries:
            if entry.position <= position:
                contest.advance(entry)
    contest.settle()


async def judged_by_others(stores: Stores, name: ContestId, judges: Judges, now_us: int) -> list[JudgedBefore]:
    """What there is to compare this program with: what others wrote down, and nobody compared since. Raises LedgerFault."""
    program = program_of(judges)
    return [] if program is None else await Upgrades(stores.notes, program, lambda: now_us).former(name)


async def differences(stores: Stores, name: ContestId, judges: Judges, now_us: int) -> list[Difference]:
    """What other programs judged otherwise than this one, and nothing was published since: what servers found already, and what one that
    starts now would find.

    Raises:
        LedgerFault: the database cannot be read.
    """
    program = program_of(judges)
    if program is None:
        return []
    upgrades, contest = Upgrades(stores.notes, program, lambda: now_us), Contest(name, judges)
    found = {(each.before, each.after): each for each in await upgrades.differences(name)}
    for before in sorted(await upgrades.former(name), key=lambda each: each.position):
        await _go_on(stores, contest, before.position)
        other = difference(before, snapshot_of(contest).written(str(program)), now_us)
        if other is not None and contest.position == before.position:
            found[other.before, other.after] = other
    await _go_on(stores, contest, NUMBER_MAX)
    return unsettled(contest, list(found.values()))
