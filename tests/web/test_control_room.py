"""The control room at a glance, and that the clock is started only where every venue can be heard and tells the right time."""

from __future__ import annotations

import time
from typing import Any

import pytest

from contest_server.core.definition import ClockPolicy
from contest_server.core.ids import SourceId, VenueId
from contest_server.core.starting import Against, Linked, clock_state, reasons_against_starting
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
