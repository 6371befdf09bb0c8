"""An evening that is over, as a ledger has it: what was told, entered when it happened rather than now, so that it can be replayed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import AttemptId, ContestantId, ContestId, Draft, Event, SourceId, StageId, VenueId
from contest_server.core.rulebook import Judges
from contest_server.ledger.urls import Stores
from contest_server.live.adopting import adopt
from tests.browser.evening import Json

ON_THE_WAY_US = 150_000
"""From a device to the ledger."""
BEFORE_US = 60_000_000
"""The definition was adopted so long before the start."""


async def written(stores: Stores, document: Json, each: Sequence[Json], judges: Judges) -> None:
    """Adopt the contest and enter what was told, in this order, each a moment after it happened. `at_s` are seconds from the start."""
    about = document["contest"]
    contest, start_us = ContestId(about["id"]), int(datetime.fromisoformat(about["starts"]).timestamp() * 1_000_000)
    await adopt(stores, compile_rulebook(read_definition(document), judges), "test", start_us - BEFORE_US)
    venue_of = {one["id"]: one["venue"] for one in document["contestants"]}
    seqs = {venue: itertools.count(1) for venue in venue_of.values()}
    drafts = [_draft(one, venue_of[one["contestant"]], next(seqs[venue_of[one["contestant"]]]), start_us) for one in each]
    await stores.ledger.append(contest, drafts)


def _draft(one: Json, venue: str, seq: int, start_us: int) -> Draft:
    at_us, source = start_us + round(one["at_s"] * 1_000_000), SourceId(f"{venue}/desk")
    event = Event(
        source,
        seq,
        VenueId(venue),
        one["kind"],
        at_us,
        ContestantId(one["contestant"]),
        StageId(one["stage"]),
        AttemptId(one["attempt"]),
        one["data"],
    )
    return Draft(at_us + ON_THE_WAY_US, source, event, source, seq)
