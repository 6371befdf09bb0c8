"""Who asks too much is told so by name, and when to come back; others go on. Addresses are told apart as a proxy in front names them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from websockets.asyncio.client import connect

from contest_server.live.settings import Settings
from contest_server.web.addresses import Proxies, key_of
from contest_server.web.doors import Doors
from contest_server.web.windows import WINDOW_S, Rate, Windows
from tests.contests import CUP, START_US
from tests.web.places import EVENTS, PATIENCE_S, Client, Place, dialled, note, served
from tests.web.raw import connected

BOARD = f"/api/contests/{CUP}/board"
HERE = "127.0.0.1"
BEHIND_A_PROXY: dict[str, Any] = {"trusted_proxies": HERE}


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.us = START_US

    def __call__(self) -> int:
        return self.us


async def ask(place: Place, count: int = 1, address: str | None = None, who: str | None = None, path: str = BOARD) -> list[int]:
    """The statuses of so many requests, as a proxy passes them on for this address."""
    headers = place.bearer(who) | ({} if address is None else {"X-Forwarded-For": address})
    return [(await place.http.get(place.url + path, headers=headers)).status_code for _ in range(count)]


async def test_an_address_that_asks_too_much_is_told_when_to_come_back_and_others_go_on() -> None:
    clock = Clock()
    async with served(clock=clock, address_requests_per_s=1, **BEHIND_A_PROXY) as place:
        assert await ask(place, WINDOW_S + 2, "10.0.0.1") == [200] * WINDOW_S + [429] * 2
        refused = await place.http.get(place.url + BOARD, headers={"X-Forwarded-For": "10.0.0.1"})
        assert (refused.json()["code"], refused.headers["retry-after"]) == ("too_many_requests", str(WINDOW_S))
        assert await ask(place, 1, "10.0.0.2") == [200]
        clock.us += (WINDOW_S - 1) * 1_000_000
        assert await ask(place, 1, "10.0.0.1") == [429]
        clock.us += 1_000_000
        assert await ask(place, WINDOW_S + 1, "10.0.0.1") == [200] * WINDOW_S + [429]


async def test_the_machine_itself_and_a_proxy_that_names_nobody_are_not_limited() -> None:
    async with served(clock=Clock(), address_requests_per_s=1) as place:
        assert await ask(place, 3 * WINDOW_S) == [200] * 3 * WINDOW_S


async def test_nobody_but_a_proxy_may_say_for_whom_they_ask() -> None:
    async with served(clock=Clock(), address_requests_per_s=1, trusted_proxies="192.0.2.1") as place:
        statuses = [status for number in range(WINDOW_S + 1) for status in await ask(place, 1, f"10.0.0.{number}")]
        assert statuses == [200] * WINDOW_S + [429]


async def test_what_somebody_says_before_the_proxy_does_is_not_believed() -> None:
    async with served(clock=Clock(), address_requests_per_s=1, **BEHIND_A_PROXY) as place:
        statuses = [status for number in range(WINDOW_S + 1) for status in await ask(place, 1, f"10.0.0.{number}, 10.9.9.9")]
        assert statuses == [200] * WINDOW_S + [429]


async def test_a_token_that_asks_too_much_is_told_so_wherever_it_asks_from() -> None:
    async with served(clock=Clock(), token_requests_per_s=1, **BEHIND_A_PROXY) as place:
        statuses = [status for number in range(WINDOW_S + 1) for status in await ask(place, 1, f"10.0.0.{number}", "staff")]
        assert statuses == [200] * WINDOW_S + [429]
        assert await ask(place, 1, "10.0.0.1", "admin") == [200]
        assert await ask(place, 1, "10.0.0.1") == [200]


async def test_a_hall_behind_one_address_is_served() -> None:
    """The defaults: hundreds of telephones that open the page within a few seconds, each with a dozen requests."""
    limits = Settings()
    telephones, requests = 400, 12
    assert limits.address_requests_per_s * WINDOW_S >= telephones * requests
    assert min(limits.address_sockets_per_s * WINDOW_S, limits.address_sockets_max) >= telephones
    assert min(limits.address_connections_max, limits.address_connections_per_s * WINDOW_S) >= telephones * 7


def board_from(place: Place, address: str) -> connect:
    return dialled(place.url, BOARD, {"X-Forwarded-For": address})


async def test_an_address_has_so_many_sockets_open_and_gets_the_next_when_one_is_closed() -> None:
    async with served(address_sockets_max=2, **BEHIND_A_PROXY) as place:
        async with board_from(place, "10.0.0.1") as first, board_from(place, "10.0.0.1") as second:
            assert (await Client(first).next())["type"] == (await Client(second).next())["type"] == "frame"
            async with board_from(place, "10.0.0.1") as third:
                assert await Client(third).until_closed() == (4003, "too_many_sockets")
            async with board_from(place, "10.0.0.2") as other:
                assert (await Client(other).next())["type"] == "frame"
        async with asyncio.timeout(PATIENCE_S):
            while True:
                async with board_from(place, "10.0.0.1") as again:
                    if (await Client(again).next())["type"] == "frame":
                        break


async def test_an_address_that_opens_sockets_too_fast_is_told_to_come_back() -> None:
    async with served(clock=Clock(), address_sockets_per_s=1, **BEHIND_A_PROXY) as place:
        for _ in range(WINDOW_S):
            async with board_from(place, "10.0.0.1") as one:
                assert (await Client(one).next())["type"] in ("frame", "beat")
        async with board_from(place, "10.0.0.1") as one_more:
            assert await Client(one_more).until_closed() == (4005, "too_many_requests")


async def test_a_token_has_so_many_sockets_open() -> None:
    async with served(token_sockets_max=1) as place, place.venue() as venue:
        async with place.socket(EVENTS.format(venue="yongjia"), "yongjia") as second:
            assert await Client(second).until_closed() == (4003, "too_many_sockets")
        async with place.venue("yueqing"):
            assert (await venue.send(note(1)))["seq"] == 1


async def test_an_address_has_so_many_connections_open_whatever_it_does_with_them() -> None:
    bounds: dict[str, Any] = {"trusted_proxies": "", "address_connections_max": 3, "hello_timeout_s": PATIENCE_S}
    async with served(**bounds) as place, connected(place), connected(place), connected(place), connected(place) as one_more:
        assert await one_more.to_the_end() == b""


def test_doors_count_who_comes_and_who_leaves() -> None:
    doors = Doors(Settings(address_connections_max=2, trusted_proxies="10.0.0.0/8"), lambda: 0)
    assert [doors.enter("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert [doors.enter("10.1.1.1") for _ in range(3)] == [True, True, True]
    doors.leave("192.0.2.1")
    doors.leave("10.1.1.1")
    assert [doors.enter("192.0.2.1"), doors.enter("192.0.2.1"), doors.enter("192.0.2.2")] == [True, False, True]


def test_doors_count_how_fast_one_address_comes() -> None:
    now_us = [0]
    doors = Doors(Settings(address_connections_per_s=1, trusted_proxies=""), lambda: now_us[0])
    entered = []
    for _ in range(WINDOW_S + 1):
        entered.append(doors.enter("192.0.2.1"))
        if entered[-1]:
            doors.leave("192.0.2.1")
    assert entered == [True] * WINDOW_S + [False]
    now_us[0] = WINDOW_S * 1_000_000
    assert doors.enter("192.0.2.1")


@given(st.lists(st.integers(0, 1_000_000), min_size=20, max_size=200))
def test_in_no_ten_seconds_there_are_more_hits_than_allowed(pauses_us: list[int]) -> None:
    now_us, taken = 0, []
    rate = Rate(Windows(lambda: now_us), "any", 1)
    for pause_us in pauses_us:
        now_us += pause_us
        if rate.wait_s("a") == 0:
            taken.append(now_us)
    for at_us in taken:
        assert sum(at_us <= other < at_us + WINDOW_S * 1_000_000 for other in taken) <= WINDOW_S


@given(st.lists(st.integers(0, 300_000), min_size=40, max_size=80))
def test_who_waits_as_long_as_told_is_let_in(pauses_us: list[int]) -> None:
    now_us, waited = 0, 0
    rate = Rate(Windows(lambda: now_us), "any", 1)
    for pause_us in pauses_us:
        now_us += pause_us
        wait_s = rate.wait_s("a")
        if wait_s:
            waited += 1
            now_us += wait_s * 1_000_000
            assert rate.wait_s("a") == 0
    assert waited > 0


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    now_us = START_US
    rate = Rate(Windows(lambda: now_us), "any", 1)
    assert [rate.wait_s("a") == 0 for _ in range(WINDOW_S + 1)] == [True] * WINDOW_S + [False]
    now_us -= 3_600_000_000
    assert rate.wait_s("a") == 0


def test_addresses_without_end_are_not_kept_without_end() -> None:
    windows = Windows(lambda: 0, keys_max=100)
    rate = Rate(windows, "any", 1)
    for number in range(1_000):
        rate.wait_s(str(number))
    assert windows.reset() == 100


KEYS: list[tuple[str, str, Callable[[Any, Any], bool]]] = [
    ("192.0.2.1", "::ffff:192.0.2.1", lambda one, other: one == other),
    ("2001:db8::1", "2001:db8::ffff:2", lambda one, other: one == other),
    ("2001:db8::1", "2001:db8:0:1::1", lambda one, other: one != other),
    ("192.0.2.1", "192.0.2.2", lambda one, other: one != other),
    ("fe80::1%eth0", "fe80::2", lambda one, other: one == other),
    ("x" * 1_000, "x" * 2_000, lambda one, other: one == other),
]


@pytest.mark.parametrize(("one", "other", "holds"), KEYS, ids=range(len(KEYS)))
def test_what_counts_as_one_address(one: str, other: str, holds: Callable[[Any, Any], bool]) -> None:
    assert holds(key_of(one), key_of(other))


def test_proxies_are_addresses_and_networks_and_nothing_else() -> None:
    proxies = Proxies("127.0.0.1, 10.0.0.0/8,::1")
    assert [proxies.has(host) for host in ("127.0.0.1", "::ffff:127.0.0.1", "10.3.2.1", "::1", "192.0.2.1", "localhost", "")] == [
        True
    ] * 4 + [False] * 3
    with pytest.raises(ValidationError, match="trusted_proxies"):
        Settings(trusted_proxies="localhost")
