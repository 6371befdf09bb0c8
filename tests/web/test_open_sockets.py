"""Every socket is counted once, whatever its kind and however it ends; one too many hears why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.typing import Origin

from contest_server.live.settings import Settings
from contest_server.web import displays
from contest_server.web.open_sockets import OpenSockets
from tests.contests import CUP
from tests.web.places import EVENTS, PATIENCE_S, REVIEWS, Client, Place, dialled, served

BOARD = f"/api/contests/{CUP}/board?audience=staff"
SOCKETS = {"venue": (EVENTS.format(venue="yongjia"), "yongjia"), "display": (BOARD, "staff"), "review": (REVIEWS, "R2")}
NOBODY = dict.fromkeys(SOCKETS, 0.0)


async def counted(place: Place) -> dict[str, float]:
    told = (await place.http.get(f"{place.url}/metrics")).text.splitlines()
    of_kind = [line.removeprefix('contest_sockets{kind="').split('"} ') for line in told if line.startswith("contest_sockets{")]
    return {kind: float(count) for kind, count in of_kind}


async def until(place: Place, expected: dict[str, float]) -> None:
    """Its last word may have arrived before a socket is over."""
    async with asyncio.timeout(PATIENCE_S):
        while await counted(place) != expected:
            pass


@asynccontextmanager
async def opened(place: Place, kind: str) -> AsyncIterator[None]:
    """A socket that has heard something."""
    path, who = SOCKETS[kind]
    async with place.socket(path, who) as socket:
        if kind == "venue":
            await Client(socket).say({"type": "hello", "source": "desk"})
        await socket.recv()
        yield


@pytest.mark.parametrize("kind", SOCKETS)
async def test_a_socket_is_counted_while_it_is_open_and_one_too_many_is_sent_away_and_counted_no_more(kind: str) -> None:
    bounds: dict[str, Any] = {f"{kind}_sockets_max": 1}
    async with served(**bounds) as place:
        for _ in range(2):
            await until(place, NOBODY)
            async with opened(place, kind):
                assert await counted(place) == NOBODY | {kind: 1.0}
                async with place.socket(*SOCKETS[kind]) as other:
                    assert await Client(other).until_closed() == (4003, "too_many_sockets")
                await until(place, NOBODY | {kind: 1.0})
        await until(place, NOBODY)


@pytest.mark.parametrize("path", [BOARD, f"{BOARD}&after=elsewhere:9", f"/api/contests/{CUP}/board"])
async def test_where_there_is_no_room_nothing_is_made_for_one_more_display(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    looked: list[object] = []
    look = displays.look

    def counted(*asked: Any) -> Any:
        looked.append(asked)
        return look(*asked)

    monkeypatch.setattr(displays, "look", counted)
    async with served(display_sockets_max=1) as place, opened(place, "display"):
        assert len(looked) == 1
        for _ in range(5):
            async with place.socket(path, "staff" if "staff" in path else None) as other:
                assert await Client(other).until_closed() == (4003, "too_many_sockets")
        assert len(looked) == 1


async def test_who_may_not_come_in_is_counted_no_more_either() -> None:
    async with served() as place:
        for path, _ in SOCKETS.values():
            async with place.socket(path, "elsewhere") as socket:
                await Client(socket).until_closed()
        await until(place, NOBODY)


@pytest.mark.parametrize("kind", ["venue", "review"])
async def test_strangers_who_could_still_say_who_they_are_take_nobody_s_place(kind: str) -> None:
    """A pupil opens sockets as pages do, and says nothing: officials and devices come in all the same."""
    path, _ = SOCKETS[kind]
    bounds: dict[str, Any] = {f"{kind}_sockets_max": 1}
    async with served(**bounds) as place:
        page = Origin(place.url)
        async with (
            dialled(place.url, path, origin=page),
            dialled(place.url, path, origin=page),
        ):
            await until(place, NOBODY | {kind: 2.0})
            async with opened(place, kind):
                assert await counted(place) == NOBODY | {kind: 3.0}


def test_nobody_leaves_twice() -> None:
    sockets = OpenSockets(Settings())
    sockets.came("venue")
    sockets.left("venue")
    with pytest.raises(AssertionError, match="left twice"):
        sockets.left("venue")
    assert dict(OpenSockets(Settings()).by_kind) == {"venue": 0, "display": 0, "review": 0}
