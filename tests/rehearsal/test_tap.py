"""The tap notes when numbers went out and came back, sends some messages twice or in the wrong order, and never loses one by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contest_server.agent.port import Parted, Port
from contest_server.demo.dice import Dice
from contest_server.rehearsal.measures import Arrivals, Deliveries, Film, Sample, percentile
from contest_server.rehearsal.tap import HELD_BACK_S, Mischief, Tap
from tests.clockwork import run


class Wire:
    """A connection that keeps what was sent, and says what it is given."""

    def __init__(self, *says: str) -> None:
        self.sent: list[str] = []
        self.says = list(says)
        self.is_gone = False

    async def send(self, text: str, /) -> None:
        if self.is_gone:
            raise Parted("gone")
        self.sent.append(text)

    async def receive(self) -> str | bytes:
        return self.says.pop(0)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Port]:
        yield self


def events(*seqs: int) -> str:
    return '{"type":"events","events":[' + ",".join(f'{{"seq":{seq},"kind":"note"}}' for seq in seqs) + "]}"


def _tap(doubled: float = 0.0, swapped: float = 0.0) -> Tap:
    return Tap(Deliveries(), Mischief(Dice("test"), doubled, swapped), lambda: asyncio.get_running_loop().time())


def test_a_message_is_sent_twice_and_nothing_but_events_is() -> None:
    async def work() -> None:
        wire, tap = Wire(), _tap(doubled=1.0)
        async with tap.through(wire.connect)() as port:
            await port.send('{"type":"hello"}')
            await port.send(events(1))
        assert wire.sent == ['{"type":"hello"}', events(1), events(1)]
        assert tap.mischief.done_twice == 1

    run(work())


def test_a_message_is_overtaken_by_the_next_one_or_goes_out_late() -> None:
    async def work() -> None:
        wire, tap = Wire(), _tap(swapped=1.0)
        async with tap.through(wire.connect)() as port:
            await port.send(events(1))
            await port.send('{"type":"time"}')
            await port.send(events(2))
            assert wire.sent == ['{"type":"time"}', events(2), events(1)]
            await port.send(events(3))
            await asyncio.sleep(HELD_BACK_S * 2)
            assert wire.sent[-1] == events(3)
        assert tap.mischief.done_swapped == 1

    run(work())


def test_what_is_held_back_when_the_connection_ends_is_the_agents_to_send_again() -> None:
    async def work() -> None:
        wire, tap = Wire(), _tap(swapped=1.0)
        async with tap.through(wire.connect)() as port:
            await port.send(events(1))
            wire.is_gone = True
            await asyncio.sleep(HELD_BACK_S * 2)
        async with tap.through(wire.connect)() as port:
            await port.send(events(1))
        assert wire.sent == []

    run(work())


def test_it_notes_how_long_an_acknowledgement_takes_from_the_last_sending() -> None:
    async def work() -> None:
        wire, tap = Wire('{"type":"ack","seq":2,"position":9}', '{"type":"clock","offset_us":5,"error_us":1}', "garbage"), _tap()
        async with tap.through(wire.connect)() as port:
            await port.send(events(1, 2))
            await asyncio.sleep(3)
            await port.send(events(2))
            await asyncio.sleep(1)
            for _ in range(3):
                await port.receive()
        assert tap.deliveries.latencies_s() == [4.0, 1.0]
        assert tap.deliveries.landings() == [(0.0, 9), (3.0, 9)]
        assert tap.clock is not None
        assert tap.exchanges == 1

    run(work())


def test_percentiles_are_values_that_were_there() -> None:
    assert percentile([], 0.5) is None
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile(range(1, 101), 0.99) == 99
    assert percentile([7], 0.99) == 7


def test_a_display_shows_a_position_from_its_first_frame_at_or_after_it() -> None:
    arrivals = Arrivals()
    for position, at_s in ((3, 1.0), (7, 2.0), (7, 2.5), (9, 3.0)):
        arrivals.add(position, at_s)
    assert [arrivals.when(position) for position in (1, 3, 4, 7, 8, 10)] == [1.0, 1.0, 2.0, 2.0, 3.0, None]


def test_a_film_finds_the_worst_moment_and_keeps_its_bounds() -> None:
    film = Film()
    for number in range(10_000):
        film.add(Sample(float(number), {"a": number % 7, "b": 1}, frozenset({"a"} if 10 <= number < 20 else ()), {"display-1": 0.5}, 3))
    assert len(film.samples) <= 4_000
    assert film.most_unsynced(["a", "b"]) == 7
    assert film.longest_silence_s("display-1") == 0.5
    assert film.samples[0].at_s == 0.0
    assert film.samples[-1].at_s == 9_999.0


def test_a_moment_between_two_samples_is_seen_by_the_next_one() -> None:
    film = Film()
    for at_s, unsynced in ((0.0, 0), (1.0, 5), (2.0, 0)):
        film.add(Sample(at_s, {"a": unsynced}, frozenset({"a"} if unsynced else ()), {}, None))
    assert film.most_unsynced(["a"], 0.4, 0.6) == 5
    assert film.cut_off_s(["a"]) == 1.0
