"""A database with everything in it that one can hold."""

from __future__ import annotations

import asyncio

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import ContestId, Draft, Frozen, Thawed
from contest_server.core.ids import OfficialId, SourceId, VenueId
from contest_server.ledger.limits import NUMBER_MAX
from contest_server.ledger.notes import LASTING, Kind
from contest_server.ledger.seals import Seal
from contest_server.ledger.urls import Stores, open_stores
from contest_server.live.adopting import adopt
from tests.contests import CUP, JUDGES, START_US, document, event
from tests.web.places import password_of

OTHER = ContestId("other/contest")
FREEZE = Draft(START_US, "clock", Frozen(5), SourceId("auto-freeze"), 1)
"""An entry whose number does not stand in its fact."""


async def filled(db: str, entries: int = 30) -> dict[str, str]:
    """Two contests, names, a password, tokens and a seal; the secrets of the tokens."""
    stores = await asyncio.to_thread(open_stores, db)
    await adopt(stores, compile_rulebook(read_definition(document()), JUDGES), "test", START_US)
    drafts = [Draft(START_US, "yongjia", each, each.source, each.seq) for each in map(event, range(1, entries))]
    await stores.ledger.append(CUP, [*drafts, FREEZE])
    await stores.ledger.open(OTHER)
    await stores.ledger.append(OTHER, [Draft(START_US, "电工", Thawed())])
    await stores.officials.set_password(CUP, OfficialId("R1"), password_of("R1"), START_US)
    await stores.seals.keep(CUP, "c0ffee", Seal("salt", {"K7": "A1"}), START_US)
    secrets = {venue: (await stores.tokens.issue("venue", START_US, CUP, VenueId(venue))).secret for venue in ("yongjia", "yueqing")}
    secrets["admin"] = (await stores.tokens.issue("admin", START_US)).secret
    await stores.close()
    return secrets


async def keep_notes(db: str) -> None:
    """What programs judged, which stays, and who looks at what, which is over soon."""
    stores = await asyncio.to_thread(open_stores, db)
    for kind in (*LASTING, "look"):
        await stores.notes.put(CUP, kind, f"1.0 {kind}", f"document of {kind}", NUMBER_MAX, START_US)
    await stores.close()


async def notes_in(stores: Stores) -> dict[Kind, dict[str, str]]:
    """All of them by their kinds."""
    kinds: tuple[Kind, ...] = (*LASTING, "look")
    return {kind: await stores.notes.all(CUP, kind, START_US) for kind in kinds}


LASTING_NOTES = {"judged": {"1.0 judged": "document of judged"}, "otherwise": {"1.0 otherwise": "document of otherwise"}, "look": {}}
"""What is there after a move: nobody looks at anything there."""
