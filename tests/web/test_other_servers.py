"""Two servers on one ledger, of which one has not looked for a while: who comes from the other is met with all that is stored."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contest_server.ledger.urls import open_stores
from contest_server.web import roll
from tests.contests import CUP, Json
from tests.web.places import EVENTS, Place, batch, clear, equip, note, served

SELDOM_MS = 3_600_000


@asynccontextmanager
async def two_servers(folder: Path) -> AsyncIterator[tuple[Place, Place]]:
    """Both are open and neither looks around by itself."""
    url = f"sqlite:///{folder / 'cup.db'}"
    one, other = open_stores(url), open_stores(url)
    secrets = await equip(one)
    try:
        async with (
            served(one, secrets=secrets, follow_interval_ms=SELDOM_MS) as here,
            served(other, secrets=secrets, follow_interval_ms=SELDOM_MS) as there,
        ):
            assert (await here.board())["to"] == (await there.board())["to"] == 1
            yield here, there
    finally:
        await one.close()
        await other.close()


async def test_a_source_is_welcomed_with_all_that_another_server_acknowledged(tmp_path: Path) -> None:
    async with two_servers(tmp_path) as (here, there):
        async with here.venue() as venue:
            await venue.send(note(1), note(2))
        async with there.venue() as venue:
            assert venue.welcome["after"] == 2
            assert (await venue.send(note(3)))["seq"] == 3


async def test_a_source_without_a_socket_may_post_anywhere(tmp_path: Path) -> None:
    path = EVENTS.format(venue="yongjia")
    async with two_servers(tmp_path) as (here, there):
        for seq, place in enumerate((here, there, here, there), 1):
            answer = await place.post(path, batch(clear(seq, attempt=str(seq))), "yongjia", source="desk")
            assert (answer.status_code, answer.json()["after"]) == (200, seq)
        assert (await here.get(path, "yongjia", source="desk"))["after"] == 4
        gap = await here.post(path, batch(note(9)), "yongjia", source="desk")
        assert (gap.status_code, gap.json()["refused"][0]["expected"]) == (409, 5)


async def test_a_display_takes_no_step_back(tmp_path: Path) -> None:
    async with two_servers(tmp_path) as (here, there):
        async with here.venue() as venue, here.display() as display:
            position = (await venue.send(clear(1)))["position"]
            await display.reach(position)
            cursor, seen = display.screen.cursor, display.screen.seen
        async with there.display(after=cursor) as display:
            display.screen.position = position
            await display.frame()
            assert display.screen.position == position
            assert display.screen.seen[1] == seen[1]


async def test_a_cursor_that_no_ledger_has_gets_everything_at_once(tmp_path: Path) -> None:
    async with two_servers(tmp_path) as (here, _):
        epoch = (await here.board())["epoch"]
        async with here.display(after=f"{epoch}:1000000") as display:
            assert (await display.hear("frame"))["from"] == 0


async def test_every_server_tells_the_devices_of_all_and_what_they_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll, "SAID_EVERY_S", 0.02)
    async with two_servers(tmp_path) as (here, there):
        async with there.venue() as venue:
            asked = await venue.hear("time")
            await venue.say({"type": "time", "t": asked["t"], "at": asked["t"] + 3_000_000, "waiting": 7})
            await venue.hear("clock")
            (near,) = await _devices(there, "venues")
            assert (near["unsynced"], abs(near["offset_us"] - 3_000_000) <= near["error_us"]) == (7, True)
            for path in PATHS:
                far = await _device(here, path, lambda each: each["offset_us"] is not None and each["unsynced"] == 7)
                assert (far["connected"], far["offset_us"], far["error_us"]) == (True, near["offset_us"], near["error_us"])
        for path in PATHS:
            away = await _device(here, path, lambda each: not each["connected"])
            assert (away["unsynced"], away["offset_us"]) == (7, None), "its events are not here"


PATHS = ("venues", "control-room")


async def _devices(place: Place, path: str) -> list[Json]:
    """What this server says of the devices of the first venue."""
    found = await place.get(f"/api/contests/{CUP}/{path}", "staff")
    devices: list[Json] = found["sources"] if path == "venues" else found["venues"][0]["devices"]
    return devices


async def _device(place: Place, path: str, is_so: Callable[[Json], bool]) -> Json:
    """The only device, as soon as this is so."""
    while not (devices := await _devices(place, path)) or not is_so(devices[0]):
        assert len(devices) <= 1
    return devices[0]
