"""What is told while nobody needs to hear more is heard afterwards, together, and nothing of it is lost."""

from __future__ import annotations

import asyncio

import pytest

from contest_server.core.facts import ContestId
from contest_server.ledger.ear import DEAF_MAX_S, Ear
from contest_server.ledger.port import ANY_POSITION
from contest_server.ledger.postgres_link import connect, transport_of
from tests import clockwork
from tests.ledger.drafts import CONTEST
from tests.ledger.test_postgres import change

TOLD = 100


class Wire(asyncio.ReadTransport):
    """Keeps what is told while it is not read, as a socket does, and counts how often that woke somebody up."""

    def __init__(self) -> None:
        super().__init__()
        self.ear: Ear | None = None
        self.is_paused = self.is_closed = False
        self.waiting: list[str] = []
        self.wakes = 0

    def tell(self, *said: str) -> None:
        self.waiting += said
        if not self.is_paused and self.waiting:
            self.wakes += 1
            told, self.waiting = self.waiting, []
            for each in told:
                assert self.ear is not None
                self.ear.hear(None, 7, "contest_ledger", each)

    def pause_reading(self) -> None:
        assert not self.is_paused
        self.is_paused = True

    def resume_reading(self) -> None:
        assert self.is_paused
        assert not self.is_closed
        self.is_paused = False
        self.tell()

    def is_closing(self) -> bool:
        return self.is_closed


class Server:
    """Hears, and needs no more for as long as it says."""

    def __init__(self, rests_for_s: float) -> None:
        self.rests_for_s = rests_for_s
        self.heard: list[tuple[ContestId | None, int]] = []
        self.wire = Wire()
        self.ear = self.wire.ear = Ear(self.wake, self.wire)

    def wake(self, contest: ContestId | None, position: int) -> float:
        self.heard.append((contest, position))
        return self.rests_for_s


@pytest.mark.parametrize(("rests_for_s", "wakes"), [(0.0, TOLD), (0.02, TOLD // 10), (3_600.0, TOLD // 20)])
def test_what_is_told_while_nobody_needs_more_is_heard_together(rests_for_s: float, wakes: int) -> None:
    async def work() -> None:
        server = Server(rests_for_s)
        for position in range(1, TOLD + 1):
            server.wire.tell(f"{position} cup")
            await asyncio.sleep(0.002)
        assert wakes <= server.wire.wakes <= wakes + wakes // 10 + 1
        await asyncio.sleep(DEAF_MAX_S)
        assert server.heard == [(ContestId("cup"), position) for position in range(1, TOLD + 1)]

    clockwork.run(work())


def test_what_is_no_position_and_contest_is_no_news() -> None:
    async def work() -> None:
        server = Server(0.0)
        server.wire.tell("", "7", "7 ", " cup", "-1 cup", "x cup", "² cup", "9" * 40 + " cup", "3 a b")
        assert server.heard == [(ContestId("cup"), ANY_POSITION), (ContestId("a b"), 3)]

    clockwork.run(work())


@pytest.mark.parametrize("by", ["the ear", "the connection"])
def test_an_ear_that_ended_while_it_was_deaf_leaves_its_connection_alone(by: str) -> None:
    async def work() -> None:
        server = Server(0.02)
        server.wire.tell("1 cup")
        if by == "the ear":
            server.ear.close()
        server.wire.is_closed = by == "the connection"
        await asyncio.sleep(DEAF_MAX_S)
        assert server.wire.is_paused
        assert len(server.heard) == 1

    clockwork.run(work())


async def test_a_connection_of_the_driver_is_deaf_and_hears_what_was_told_meanwhile(postgres_url: str) -> None:
    """What is relied on in asyncpg: its transport, and that it reads no other way."""
    connection = await connect(postgres_url)
    transport, heard, reading = transport_of(connection), asyncio.Queue[int](), list[bool]()

    def wake(contest: ContestId | None, position: int) -> float:
        assert contest == CONTEST
        heard.put_nowait(position)
        asyncio.get_running_loop().call_soon(lambda: reading.append(transport.is_reading()))
        return DEAF_MAX_S

    await connection.add_listener("here", Ear(wake, transport).hear)
    try:
        for position in (1, 2, 3):
            await change(postgres_url, f"NOTIFY here, '{position} {CONTEST}'")
        assert [await heard.get() for _ in range(3)] == [1, 2, 3]
        await asyncio.sleep(0)
        assert not any(reading)
        assert await connection.fetchval("SELECT 7") == 7, "answers wait as well, and come"
    finally:
        connection.terminate()
