"""Whoever is sent away while they talk hears why; what they say meanwhile is thrown away, within bounds, and they are counted."""

from __future__ import annotations

import asyncio

import pytest

from contest_server.live.settings import Settings
from contest_server.web.doors import Doors
from contest_server.web.lingering import LINGER_MAX_BYTES, LINGERING_MAX, Lingering, Porch
from tests.web.places import served
from tests.web.raw import PING, frame, socket_at
from tests.web.test_bounds import SOCKETS, others_are_served

LONG_PING = frame(b"x" * 125, PING)
FLOOD = LONG_PING * (LINGER_MAX_BYTES // 2 // len(LONG_PING))
"""More than the server reads at once, and than the system keeps for both: of what it does not read, nothing may be left when it closes."""
HOST = "192.0.2.1"


@pytest.mark.parametrize("name", SOCKETS)
async def test_who_floods_with_long_pings_and_reads_only_afterwards_hears_why(name: str) -> None:
    path, who = SOCKETS[name]
    async with served() as place, socket_at(place, path, who) as raw:
        raw.writer.transport.pause_reading()  # type: ignore[attr-defined]  # it reads as well
        await raw.say(FLOOD)
        raw.writer.transport.resume_reading()  # type: ignore[attr-defined]  # it reads as well
        assert await raw.close_code() == 1008
        await others_are_served(place)


async def test_who_is_sent_away_and_has_no_room_to_linger_is_cut_off_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contest_server.web.lingering.LINGERING_MAX", 0)
    async with served() as place, socket_at(place, *SOCKETS["display"]) as raw:
        await raw.say(FLOOD)
        await raw.to_the_end()
        await others_are_served(place)


class Wire(asyncio.Transport):
    """A connection of which only what is asked of it is kept."""

    def __init__(self, *, is_reading: bool = True) -> None:
        super().__init__()
        self._is_reading, self.done = is_reading, list[str]()
        self.ended = asyncio.Event()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.done.append(type(protocol).__name__)

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.done.append("says no more")

    def is_reading(self) -> bool:
        return self._is_reading

    def resume_reading(self) -> None:
        self.done.append("reads on")

    def abort(self) -> None:
        self.done.append("is cut off")
        self.ended.set()


class Served(asyncio.Protocol):
    def __init__(self) -> None:
        self.told = list[str]()

    def pause_writing(self) -> None:
        self.told.append("full")

    def resume_writing(self) -> None:
        self.told.append("clear")

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append(f"lost {exc}")


def doors_of(most: int, proxies: str = "") -> Doors:
    return Doors(Settings(address_connections_max=most, trusted_proxies=proxies), lambda: 0)


async def test_it_says_no_more_reads_on_and_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contest_server.web.lingering.LINGER_WITHIN_S", 0)
    wire = Wire(is_reading=False)
    Lingering(Served(), wire, Porch(doors_of(1)), HOST).begin()
    assert wire.done == ["Lingering", "says no more", "reads on"]
    await wire.ended.wait()
    assert wire.done[-1] == "is cut off"


def test_so_much_is_thrown_away_and_no_more() -> None:
    wire = Wire()
    lingering = Lingering(Served(), wire, Porch(doors_of(1)), HOST)
    lingering.data_received(bytes(LINGER_MAX_BYTES))
    assert wire.done == []
    lingering.data_received(b"x")
    assert wire.done == ["is cut off"]


def test_who_served_before_is_told_what_becomes_of_the_connection() -> None:
    porch, before = Porch(doors_of(1)), Served()
    assert porch.enter(HOST)
    lingering = Lingering(before, Wire(), porch, HOST)
    assert not lingering.eof_received(), "and so its transport closes"
    lingering.pause_writing()
    lingering.resume_writing()
    lingering.connection_lost(None)
    assert before.told == ["full", "clear", "lost None"]
    assert porch.enter(HOST), "its place is free again"


def test_who_lingers_counts_among_the_connections_of_the_address() -> None:
    doors = doors_of(2)
    porch = Porch(doors)
    assert [porch.enter(HOST), doors.enter(HOST), doors.enter(HOST), porch.enter(HOST)] == [True, True, False, False]
    porch.leave(HOST)
    assert [doors.enter(HOST), porch.enter(HOST)] == [True, False]


def test_also_behind_a_proxy_so_many_linger_and_no_more() -> None:
    porch = Porch(doors_of(1, proxies="10.0.0.0/8"))
    assert all(porch.enter("10.1.1.1") for _ in range(LINGERING_MAX))
    assert not porch.enter("10.1.1.1")
    porch.leave("10.1.1.1")
    assert porch.enter("10.1.1.1")
