"""A stand with outlets that take a few bytes, or none, at any moment: what each display was written merges to the board of its view."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import pytest

from contest_server.core.contest import Contest
from contest_server.core.facts import Entry, Fact
from contest_server.live import broadcasts, slices
from contest_server.live import stand as stands
from contest_server.live.board import Board, ViewLog
from contest_server.live.broadcasts import Short
from contest_server.live.pouring import NO_DESCRIPTOR
from contest_server.live.seats import Seat
from contest_server.live.slices import Slices
from contest_server.live.stand import Stand
from contest_server.live.views import parse_view
from contest_server.wire.display import DisplaySession
from contest_server.wire.framing import DEFLATED
from contest_server.wire.messages import BAD_MESSAGES, RESTARTING
from tests.clockwork import run
from tests.contests import CUP, JUDGES, START_US, adopted, document, event
from tests.live.screens import Screen

EPOCH, CREDIT, LONG_S = "e1", 3, 1_000.0
PING = b"\x89\x00"
ACTS = ("ping", "ping", "room", "room", "drain", "drain", "drain", "painted", "wait", "wait")


@dataclass
class Tap:
    """An outlet that takes `room` bytes at once and keeps the rest until it is drained."""

    says: bool = False
    deflated: bool = False
    descriptor: int = NO_DESCRIPTOR
    room: int = 1 << 30
    got: bytearray = field(default_factory=bytearray)
    kept: bytearray = field(default_factory=bytearray)
    seat: Seat | None = None
    screen: Screen = field(default_factory=Screen)
    frames: int = 0
    beats: int = 0

    @property
    def is_clear(self) -> bool:
        return not self.kept

    def put(self, data: bytes) -> int:
        assert not self.kept, "written past what is kept"
        if self.room == 0:
            raise BlockingIOError
        self.got += data[: self.room]
        return min(self.room, len(data))

    def keep(self, data: bytes) -> None:
        """As a transport: what it keeps is told to the seat at once."""
        self.kept += data
        if self.seat is not None:
            self.seat.stuck()

    def say(self, data: bytes) -> None:
        """Something else than frames, written by its transport."""
        assert self.seat is not None
        self.seat.make_way()
        went = 0 if self.kept else min(self.room, len(data))
        self.got += data[:went]
        if went < len(data):
            self.keep(data[went:])

    def drain(self) -> None:
        if self.kept and self.seat is not None:
            self.got += self.kept
            self.kept.clear()
            self.seat.cleared()

    def look(self) -> None:
        """Merge whatever has come whole."""
        while len(self.got) >= 2:
            head, length = 2, self.got[1]
            if length == 126:
                head, length = 4, int.from_bytes(self.got[2:4])
            if len(self.got) < head + length:
                return
            first, payload = self.got[0], bytes(self.got[head : head + length])
            del self.got[: head + length]
            if first == PING[0]:
                continue
            if first == DEFLATED:
                payload = zlib.decompressobj(-zlib.MAX_WBITS).decompress(payload + b"\0\0\xff\xff")
            if json.loads(payload)["type"] == "frame":
                self.screen.merge(payload.decode())
                self.frames += 1
            else:
                self.beats += 1


@dataclass
class Poured:
    """A broadcast as the thread writes it: some each turn of the loop, of which the loop hears nothing before all is over."""

    taps: Sequence[Tap | None]
    data: bytes
    dice: Random
    went: dict[int, int] = field(default_factory=dict)
    taken_back: set[int] = field(default_factory=set)
    goes_by_itself: bool = True

    async def over(self) -> None:
        for place, tap in enumerate(self.taps):
            if self.dice.random() < 0.3:
                await asyncio.sleep(0)
            if tap is not None and place not in self.taken_back:
                self.went[place] = broadcasts.tried(tap.put, self.data)

    def stop(self) -> Short:
        self.taken_back |= set(range(len(self.taps)))
        return [(place, went) for place, went in self.went.items() if went != len(self.data)]

    def take_back(self, place: int) -> int | None:
        self.taken_back.add(place)
        return self.went.get(place)


class Pourer:
    """As the thread's. A tap's descriptor is its number."""

    def __init__(self, taps: Sequence[Tap], dice: Random) -> None:
        self._taps, self._dice = taps, dice
        for number, tap in enumerate(taps):
            tap.descriptor = number

    def begin(self, descriptors: Sequence[int], data: bytes) -> Poured:
        return Poured([None if each == NO_DESCRIPTOR else self._taps[each] for each in descriptors], data, self._dice)


class Place:
    """A contest with its board, and a stand before it."""

    def __init__(self, credit: int = CREDIT, beat_s: float = LONG_S, pourer: Pourer | None = None, *, is_owed: bool = False) -> None:
        self.contest = Contest(CUP, JUDGES)
        self.board = Board(self.contest, EPOCH, 16, 10)
        self.enter(adopted(document(contestants=[{"id": f"C{n}", "venue": "yongjia"} for n in range(6)])))
        self.log: ViewLog = self.board.watch("public", parse_view("all"), START_US)
        self.stand = Stand(self.board, "public", self.log, credit, beat_s, 3, cast("Any", pourer))
        self.is_owed = is_owed
        self.closed = asyncio.Event()
        self.owed_s = self.clock_s = 0.0

    def enter(self, fact: Fact) -> None:
        self.contest.advance(Entry(self.contest.position + 1, START_US, "test", fact))
        self.board.take(self.contest.settle())

    def clear(self, number: int) -> None:
        self.enter(event(number, contestant=f"C{number % 6}", attempt=str(number), at_s=number))
        self.board.paint(START_US + number)

    async def run(self) -> None:
        await self.stand.run(self.closed, lambda: self.owed_s, Slices(lambda: self.is_owed, self.now_s), lambda: START_US)

    def now_s(self) -> float:
        """A clock by which each slice is over when it is asked for the first time: one row of displays a turn."""
        self.clock_s += slices.SLICE_S
        return self.clock_s

    def sees(self, tap: Tap) -> bool:
        fresh = Screen()
        fresh.merge(self.board.whole("public", parse_view("all"), START_US)[1].text(EPOCH))
        return (tap.screen.position, *tap.screen.seen) == (fresh.position, *fresh.seen)


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def act(place: Place, tap: Tap, name: str, dice: Random) -> None:
    assert tap.seat is not None
    match name:
        case "ping":
            tap.say(PING)
        case "room":
            tap.room = dice.choice((0, 1, 100, 300, 1 << 30, 1 << 30))
        case "drain":
            tap.drain()
        case "painted" if tap.says:
            tap.look()
            tap.seat.heard(f'{{"type":"painted","to":{tap.screen.position or 0}}}', BAD_MESSAGES)


@pytest.mark.parametrize("is_poured", [False, True], ids=["in slices", "by the thread"])
@pytest.mark.parametrize("seed", range(12))
async def test_whatever_is_in_the_way_of_whom_each_display_ends_with_the_board(seed: int, is_poured: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(broadcasts, "ROW_DISPLAYS", 2)
        patch.setattr(stands, "FEW_DISPLAYS", 0)
        await anything_happens(seed, is_poured=is_poured)


async def anything_happens(seed: int, *, is_poured: bool) -> None:
    dice, taps = Random(seed), [Tap(says=n % 2 == 0, deflated=n % 3 == 0) for n in range(9)]
    place = Place(pourer=Pourer(taps, dice) if is_poured else None)
    running = asyncio.create_task(place.run())
    seats = [place.stand.seated(tap, DisplaySession(None, CREDIT)) for tap in taps]
    for tap, seated in zip(taps, seats, strict=True):
        tap.seat = seated.__enter__()
        tap.seat.cleared()
    for number in range(1, 60):
        place.clear(number)
        for _ in range(dice.randrange(8)):
            await asyncio.sleep(0)
            act(place, dice.choice(taps), dice.choice(ACTS), dice)
            for tap in taps:
                tap.look()
    for _ in range(6):
        for tap in taps:
            tap.room = 1 << 30
            act(place, tap, "drain", dice)
            act(place, tap, "painted", dice)
        await turns()
    for tap in taps:
        tap.look()
        assert place.sees(tap), f"at {tap.screen.position}"
        assert tap.frames > 1
    for seated in seats:
        seated.__exit__(None, None, None)
    place.closed.set()
    place.board.paint(START_US)
    await running


def test_who_is_out_of_credit_is_sent_beats_and_later_one_merged_frame() -> None:
    async def work() -> None:
        place = Place(beat_s=2.0)
        running = asyncio.create_task(place.run())
        tap, quick = Tap(says=True), Tap()
        with (
            place.stand.seated(tap, DisplaySession(None, CREDIT)) as tap.seat,
            place.stand.seated(quick, DisplaySession(None, CREDIT)) as quick.seat,
        ):
            tap.seat.cleared()
            quick.seat.cleared()
            tap.look()
            act(place, tap, "painted", Random(0))
            for number in range(1, 20):
                place.clear(number)
                await turns(3)
            tap.look()
            assert tap.frames == 1 + CREDIT
            while tap.beats < 2:
                await asyncio.sleep(0.5)
                tap.look()
            place.owed_s = 1.0
            await asyncio.sleep(0)
            act(place, tap, "painted", Random(0))
            tap.look()
            assert (tap.frames, place.sees(tap)) == (2 + CREDIT, True)
            place.closed.set()
            place.board.paint(START_US)
            await running
            place.stand.close(RESTARTING)
            assert (tap.seat.over.result(), quick.seat.over.result()) == (RESTARTING, RESTARTING)

    run(work())


async def test_nothing_is_written_to_a_display_that_has_left() -> None:
    """Its descriptor may be another's by then."""
    place, tap, other = Place(), Tap(), Tap()
    running = asyncio.create_task(place.run())
    with place.stand.seated(other, DisplaySession(None, CREDIT)) as other.seat:
        other.seat.cleared()
        with place.stand.seated(tap, DisplaySession(None, CREDIT)) as tap.seat:
            tap.seat.cleared()
            place.clear(1)
            await turns()
            before = len(tap.got)
            tap.seat.end(None)
            place.clear(2)
            await turns()
            tap.seat.cleared()
            assert len(tap.got) == before
        other.look()
        assert place.sees(other)
    running.cancel()


async def test_nothing_is_painted_while_everybody_is_still_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the next frame is made of all that came meanwhile, and is none the older for waiting."""
    monkeypatch.setattr(broadcasts, "ROW_DISPLAYS", 1)
    place, taps = Place(), [Tap(), Tap(), Tap()]
    running = asyncio.create_task(place.run())
    seats = [place.stand.seated(tap, DisplaySession(None, CREDIT)) for tap in taps]
    for tap, seated in zip(taps, seats, strict=True):
        tap.seat = seated.__enter__()
        tap.seat.cleared()
    await turns()
    for tap in taps:
        tap.look()
    assert place.board.is_wanted.is_set()
    place.clear(1)
    for _ in range(20):
        if taps[0].got:
            break
        await asyncio.sleep(0)
    assert [bool(tap.got) for tap in taps] == [True, False, False]
    assert not place.board.is_wanted.is_set()
    with_another = place.board.watch("staff", parse_view("all"), START_US)
    assert place.board.is_wanted.is_set(), "whoever shows another view has nothing to write"
    place.board.unwatch("staff", with_another)
    await turns()
    assert place.board.is_wanted.is_set()
    running.cancel()


@pytest.mark.parametrize(("is_owed", "most"), [(False, broadcasts.ROW_DISPLAYS), (True, broadcasts.SHORT_ROW_DISPLAYS)])
async def test_few_are_written_to_in_one_go_while_somebody_waits_for_an_answer(is_owed: bool, most: int) -> None:
    place, taps = Place(is_owed=is_owed), [Tap() for _ in range(2 * broadcasts.ROW_DISPLAYS)]
    running = asyncio.create_task(place.run())
    with ExitStack() as seats:
        for tap in taps:
            tap.seat = seats.enter_context(place.stand.seated(tap, DisplaySession(None, CREDIT)))
            tap.seat.cleared()
            tap.look()
        place.clear(1)
        rows, done = [], 0
        while done < len(taps):
            await asyncio.sleep(0)
            rows.append(sum(bool(tap.got) for tap in taps) - done)
            done += rows[-1]
        assert [row for row in rows if row] == [most] * (len(taps) // most)
        for tap in taps:
            tap.look()
            assert place.sees(tap)
    running.cancel()


async def test_whom_the_loop_writes_to_does_not_wait_for_the_thread() -> None:
    """Whichever kind of display came first."""
    many, one = [Tap() for _ in range(40)], Tap()
    pourer, may_end = Pourer(many, Random(0)), asyncio.Event()

    class Slow(Poured):
        async def over(self) -> None:
            await may_end.wait()
            await super().over()

    begin, place = pourer.begin, Place(pourer=pourer)
    pourer.begin = lambda *given: Slow(begin(*given).taps, given[1], Random(0))  # type: ignore[method-assign]
    running = asyncio.create_task(place.run())
    with ExitStack() as seats:
        for tap in (*many, one):
            tap.seat = seats.enter_context(place.stand.seated(tap, DisplaySession(None, CREDIT)))
            tap.seat.cleared()
            tap.look()
        place.clear(1)
        await turns()
        one.look()
        assert place.sees(one)
        assert not any(tap.got for tap in many)
        may_end.set()
        await turns(len(many))
        for tap in many:
            tap.look()
            assert place.sees(tap)
    running.cancel()


async def half_way(place: Place, taps: Sequence[Tap], seats: ExitStack) -> None:
    """Everybody is seated and has room for a part of the next frame, which some have got."""
    for tap in taps:
        tap.seat = seats.enter_context(place.stand.seated(tap, DisplaySession(None, CREDIT)))
        tap.seat.cleared()
        tap.look()
        tap.room = 100
    place.clear(1)
    for _ in range(100):
        if any(tap.got for tap in taps):
            return
        await asyncio.sleep(0)
    raise AssertionError("nothing was written")


async def test_nothing_else_comes_into_the_middle_of_a_frame() -> None:
    """A frame has gone to some in part, to others not at all, when something else is written to each of them."""
    taps = [Tap() for _ in range(40)]
    place = Place(pourer=Pourer(taps, Random(3)))
    running = asyncio.create_task(place.run())
    with ExitStack() as seats:
        await half_way(place, taps, seats)
        for tap in taps:
            tap.say(PING)
        await turns(len(taps))
        for tap in taps:
            tap.room = 1 << 30
            tap.drain()
        await turns(len(taps))
        for tap in taps:
            tap.look()
            assert not tap.got, "whole frames"
            assert place.sees(tap)
    running.cancel()


async def test_a_broadcast_that_ends_with_its_stand_leaves_no_frame_half_way() -> None:
    """Whoever has got a part of a frame gets the rest, and then the goodbye; who has got nothing of it gets none of it."""
    taps = [Tap() for _ in range(40)]
    place = Place(pourer=Pourer(taps, Random(3)))
    running = asyncio.create_task(place.run())
    with ExitStack() as seats:
        await half_way(place, taps, seats)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        place.stand.close(RESTARTING)
        frames = []
        for tap in taps:
            tap.drain()
            tap.say(PING)
            tap.look()
            assert not tap.got, "whole frames"
            frames.append(tap.frames)
        assert set(frames) == {1, 2}
