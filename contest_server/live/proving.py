"""The checkpoint of a contest held against judging all its entries anew, offline. Changes nothing: a server drops a wrong one by itself."""

from __future__ import annotations

from contest_server.core.checkpoint import NotACheckpoint, Taken, read_parts
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestId
from contest_server.core.rulebook import Judges
from contest_server.ledger.checkpoints import Made, Torn
from contest_server.ledger.urls import Stores
from contest_server.live.program import name_of


class Disproven(Exception):
    """The checkpoint is not what these entries lead to; the text says where. The ledger itself may be as good as ever."""


async def prove_checkpoint(stores: Stores, contest: ContestId, judges: Judges) -> str:
    """What there is to say of it, in a line.

    Raises:
        Disproven: see there.
        LedgerFault: the database cannot be read.
    """
    try:
        made = await stores.checkpoints.head(contest)
        if made is None:
            return "none"
        if made.code != name_of(judges):
            return f"at {made.position}, judged by other code or rules: this program does not use it"
        parts = await stores.checkpoints.parts(contest, made)
        given = read_parts(parts)
    except (Torn, NotACheckpoint) as error:
        raise Disproven(str(error)) from error
    own = read_parts(list(Taken(await _judged(stores, contest, made, judges)).parts()))
    if own.boards != given.boards:
        raise Disproven(f"the board at {made.position} is another one")
    for mine, theirs in zip(own.sheets, given.sheets, strict=False):
        if mine != theirs:
            raise Disproven(f"{mine.contestant} is judged otherwise at {made.position}")
    if len(own.sheets) != len(given.sheets):
        raise Disproven(f"it holds {len(given.sheets)} contestants, not {len(own.sheets)}")
    return f"at {made.position}, as judging everything anew makes it"


async def _judged(stores: Stores, name: ContestId, made: Made, judges: Judges) -> Contest:
    """The contest after the entries up to that position, whose hash has to be the one that the checkpoint names."""
    contest = Contest(name, judges)
    last = await stores.ledger.stored(name, made.position - 1, 1) if made.position > 0 else []
    if not last or last[0].hash.hex() != made.hash:
        raise Disproven(f"it is of another ledger: entry {made.position} has another hash")
    while contest.position < made.position:
        for entry in await stores.ledger.read(name, contest.position):
            if entry.position <= made.position:
                contest.advance(entry)
    contest.settle()
    return contest
