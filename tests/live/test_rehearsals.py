"""Several officials look at a rejudging at once: each sees all of it, and what one agreed to is not refused because another looks."""

from __future__ import annotations

import asyncio

import pytest

from contest_server.core.contest import Contest
from contest_server.live import turns
from contest_server.live.rehearsals import Rehearsal, Rehearsals
from tests import clockwork
from tests.contests import entries, event, fold
from tests.core.test_rejudging import under

MORE = [
    event(2, at_s=20, contestant="A2"),
    event(1, at_s=5, contestant="B1", source="yueqing/desk"),
    event(3, at_s=22, contestant="A2", stage="wiring"),
]


@pytest.fixture(autouse=True)
def _in_single_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece is a turn."""
    monkeypatch.setattr(turns, "TURN_S", 0.0)


def rehearsed(contest: Contest) -> Rehearsal:
    """Judged, before anything that comes next is taken in."""
    found = Rehearsals().begin("r1", contest, under(None))
    found.rejudging.replay(lambda: True)
    found.state = "ready"
    return found


def gone_on() -> Contest:
    return fold([event(1, at_s=10), *MORE])


def test_what_was_agreed_to_is_agreed_whoever_looks_meanwhile() -> None:
    async def look() -> None:
        there = rehearsed(gone_on())  # another server, which is level
        shown = await there.found_out(gone_on())
        was_under_way = 0
        for turns_taken in range(60):
            contest = fold([event(1, at_s=10)])
            here = rehearsed(contest)
            for entry in entries(MORE, after=contest.position):
                contest.advance(entry)
                contest.settle()
            here.was_shown(shown.digest, there.shown[shown.digest])
            looking = asyncio.create_task(here.found_out(contest))
            await asyncio.sleep(turns_taken * turns.REST_S)
            was_under_way += not looking.done()
            assert here.is_agreed(contest, shown.digest)
            assert here.effect(contest) == shown == await looking
        assert was_under_way > 9

    clockwork.run(look())
