"""The control room at a glance, and that the clock is started only where every venue can be heard and tells the right time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest

from contest_server.core import finalising
from contest_server.core.contest import Contest
from contest_server.core.definition import ClockPolicy
from contest_server.core.finalising import Reason
from contest_server.core.flags import Flag
from contest_server.core.ids import SourceId, VenueId
from contest_server.core.starting import Against, Linked, clock_state, reasons_against_starting
from contest_server.core.surveys import survey_flags
from contest_server.live import queues
from contest_server.live.queues import ReviewQueue
from contest_server.web import control_room
from contest_server.web.control_room import GATE_EVERY_US, GATE_LASTS_US, publication_of
from contest_server.web.patience import WAITS_S
from tests import clockwork
from tests.contests import adopted, document, entries, event, fold, tried
from tests.web.places import Client, Place, clear, served
from tests.web.screening import HERE

VENUES = [VenueId("yongjia"), VenueId("yueqing")]
POLICY = ClockPolicy(max_offset_ms=500)


def device(venue: str, offset_us: int | None = 0, error_us: int = 0, name: str = "desk") -> Linked:
    return Linked(SourceId(f"{venue}/{name}"), VenueId(venue), offset_us, error_us)


def test_the_contest_may_start_once_every_venue_is_there_and_on_time() -> None:
    assert reasons_against_starting(VENUES, [device("yongjia", 500_000), device("yueqing", -500_000)], POLICY) == []


@pytest.mark.parametrize(
    ("devices", "code", "venue"),
    [
        ([device("yongjia")], "no_device", "yueqing"),
        ([device("yongjia"), device("yueqing", 500_001)], "clock_off", "yueqing"),
        ([device("yongjia"), device("yueqing", -500_001)], "clock_off", "yueqing"),
        ([device("yongjia", None), device("yueqing")], "clock_unmeasured", "yongjia"),
        ([device("yongjia"), device("yueqing"), device("yueqing", 9_000_000, 0, "gate")], "clock_off", "yueqing"),
    ],
)
def test_each_reason_against_it_is_named(devices: list[Linked], code: str, venue: str) -> None:
    found = reasons_against_starting(VENUES, devices, POLICY)
    assert [(each.code, each.venue) for each in found] == [(code, venue)]


def test_a_clock_that_may_be_right_within_its_error_is_not_called_off() -> None:
    assert clock_state(device("yongjia", 600_000, 100_000), POLICY) == "good"
    assert clock_state(device("yongjia", 600_001, 100_000), POLICY) == "off"


def test_a_device_of_no_venue_keeps_nobody_waiting() -> None:
    there = [device("yongjia"), device("yueqing"), device("atlantis", 9_000_000)]
    assert reasons_against_starting(VENUES, there, POLICY) == []
    assert reasons_against_starting(VENUES, [], POLICY) == [Against("no_device", each) for each in VENUES]


# ---- over HTTP -------------------------------------------------------------------------------------------------------------------


async def measured(venue: Client, off_us: int = 0) -> None:
    """Answer clock exchanges until the server says what it makes of the clock."""
    while (message := await venue.next())["type"] != "clock":
        if message["type"] == "time":
            await venue.say({"type": "time", "t": message["t"], "at": time.time_ns() // 1_000 + off_us})


async def start(place: Place, **more: Any) -> Any:
    return await place.order("clock", action="start", **more)


async def test_the_clock_is_not_started_outside_the_policy_if_that_is_asked() -> None:
    async with served() as place:
        refused = await start(place, within_policy=True)
        assert (refused.status_code, refused.json()["code"]) == (409, "clocks")
        assert [each["code"] for each in refused.json()["against"]] == ["no_device", "no_device"]
        async with place.venue("yongjia") as one, place.venue("yueqing") as other:
            await measured(one)
            await measured(other, 3_000_000)
            refused = await start(place, within_policy=True)
            assert [(each["code"], each["source"]) for each in refused.json()["against"]] == [("clock_off", "yueqing/desk")]
            seen = await place.get(f"{HERE}/control-room", "staff")
            assert seen["start"]["against"] == refused.json()["against"]
        async with place.venue("yongjia") as one, place.venue("yueqing") as other:
            await measured(one)
            await measured(other)
            assert (await start(place, within_policy=True)).status_code == 200


async def test_whoever_means_it_starts_anyway() -> None:
    async with served() as place:
        assert (await start(place)).status_code == 200


async def test_the_room_shows_venues_clock_freeze_and_who_is_there() -> None:
    async with served() as place, place.venue() as venue:
        await measured(venue)
        await start(place)
        await venue.send(clear(1))
        await place.order("freeze", minutes=5)
        await place.get(f"{HERE}/control-room", "admin")
        seen = await place.get(f"{HERE}/control-room", "staff")
        assert (seen["clock"]["phase"], seen["frozen"]["minutes"], seen["reveal"]["frozen"]) == ("running", 5, True)
        (desk,) = next(each for each in seen["venues"] if each["id"] == "yongjia")["devices"]
        assert (desk["source"], desk["connected"], desk["clock"], desk["events"]) == ("yongjia/desk", True, "good", 1)
        assert desk["last"] is not None
        assert next(each for each in seen["venues"] if each["id"] == "yueqing")["devices"] == []
        assert {each["role"] for each in seen["online"]["control_room"]} == {"admin", "director"}
        assert seen["publication"]["published"] is None
        assert seen["publication"]["reasons"] > 0


async def test_the_room_and_the_chief_take_the_questions_that_the_queue_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """To ask all judges at once would hold up every acknowledgement; the queue asks them in short turns."""

    def at_once(*_: Any) -> list[Flag]:
        raise AssertionError("asked at once")

    monkeypatch.setattr(finalising, "questions_of", at_once)
    async with served() as place:
        for path, who in (("control-room", "staff"), ("chief", "staff")):
            await place.get(f"{HERE}/{path}", who)


LOOK_S = 15
"""As long as a look of the queue takes here: longer than reasons are good for."""


@asynccontextmanager
async def slow_queue() -> AsyncIterator[tuple[Contest, ReviewQueue]]:
    """A contest whose queue takes long over each look."""

    async def aside(work: Callable[..., Any], *given: Any) -> Any:
        if work is survey_flags:
            await asyncio.sleep(LOOK_S)
        return work(*given)

    contest = fold([adopted(document(contestants=[{"id": f"C{n}", "venue": "yongjia"} for n in range(40)]))])
    queue = ReviewQueue(contest, clockwork.now_us, aside)
    running = asyncio.create_task(queue.run())
    try:
        yield contest, queue
    finally:
        running.cancel()


def enter(contest: Contest, seq: int) -> None:
    """Somebody more has cleared a stage, and has something that nobody has judged."""
    facts = [event(2 * seq, contestant=f"C{seq}", at_s=seq), tried(2 * seq + 1, "pending", contestant=f"C{seq}", stage="wiring", at_s=seq)]
    for entry in entries(facts, after=contest.position):
        contest.advance(entry)
    contest.settle()


def now_s() -> float:
    return asyncio.get_running_loop().time()


def test_who_looks_again_waits_for_no_look_of_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that waited is of another time than those that the page asked for beside it: its clock would jump."""
    reckoned: list[float] = []

    def counted(*given: Any) -> list[Reason]:
        reckoned.append(now_s())
        return finalising.reasons_against_finalising(*given)

    async def look() -> None:
        async with slow_queue() as (contest, queue):
            told = await publication_of(contest, queue, clockwork.now_us)
            assert now_s() == WAITS_S < LOOK_S
            assert [each["code"] for each in told["against"]] == ["still_asking"], "there was nothing yet, so nobody may finalise"
            await asyncio.sleep(LOOK_S)
            for seq in range(1, 31):
                enter(contest, seq)
                before_s = now_s()
                told = await publication_of(contest, queue, clockwork.now_us)
                assert now_s() == before_s
                await asyncio.sleep(2)
            assert "unjudged" in [each["code"] for each in told["against"]], "it was found beside those who looked"
            gaps_s = [after_s - before_s for before_s, after_s in pairwise(reckoned)]
            assert gaps_s, "again and again"
            assert min(gaps_s) >= LOOK_S + GATE_EVERY_US / 1_000_000, "what took long is good from when it was there"

    monkeypatch.setattr(control_room, "reasons_against_finalising", counted)
    monkeypatch.setattr(queues, "SURVEY_REST_FOR_WORK", 0)  # which rests in real time
    clockwork.run(look())


def test_what_was_reckoned_before_nobody_looked_for_long_is_not_told_as_of_now() -> None:
    async def look() -> None:
        async with slow_queue() as (contest, queue):
            await publication_of(contest, queue, clockwork.now_us)
            await asyncio.sleep(LOOK_S)
            before = await publication_of(contest, queue, clockwork.now_us)
            assert "still_asking" not in [each["code"] for each in before["against"]]
            await asyncio.sleep(GATE_LASTS_US / 1_000_000)
            enter(contest, 1)
            assert await publication_of(contest, queue, clockwork.now_us) != before

    clockwork.run(look())


async def test_a_device_that_left_is_still_listed_with_what_it_sent_last() -> None:
    async with served() as place:
        async with place.venue() as venue:
            await venue.send(clear(1))
        while (await _desk(place))["connected"]:
            pass
        assert (await _desk(place))["last"] is not None


async def _desk(place: Place) -> Any:
    seen = await place.get(f"{HERE}/control-room", "staff")
    return seen["venues"][0]["devices"][0]
