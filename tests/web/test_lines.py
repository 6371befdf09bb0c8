"""A venue's line to its desk: each message is answered once, in order, only when it is durable. What is too fast waits; nothing grows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pytest
from hypothesis import given

from contest_server.core.facts import Event, SourceId, VenueId
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.memory import MemoryLedger, MemoryStore
from contest_server.ledger.port import LedgerFault
from contest_server.live.desk import Desk
from contest_server.web.lines import MESSAGES_MAX, Line
from contest_server.web.links import VenueLink
from contest_server.wire.clock import VenueClock
from contest_server.wire.framing import frame_end, is_middle, message_in
from contest_server.wire.limits import Limits
from contest_server.wire.messages import BAD_MESSAGES, RESTARTING
from contest_server.wire.venue import VenueSession
from tests import clockwork
from tests.contests import CUP, Json
from tests.live.test_desk import desk_on, ledger_with, running
from tests.strategies import DICE
from tests.web.places import EVENTS, note, served
from tests.web.raw import TEXT, Raw, frame, socket_at

DESK = SourceId("yongjia/desk")
BATCH = 5
"""So few events a message, so that limits are met soon."""


class Ear:
    """The other end of a line. `holds`: it does not read what is said."""

    def __init__(self) -> None:
        self.said: list[Json] = []
        self.writes = 0
        self.holds = self.is_paused = False

    @property
    def is_clear(self) -> bool:
        return not self.holds

    def say(self, texts: Sequence[str]) -> None:
        self.writes += 1
        self.said += [json.loads(text) for text in texts]

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False


class Hall:
    """A desk, and one line to it."""

    def __init__(self, desk: Desk, rate_per_s: int = 1_000_000, bad_max: int = 20) -> None:
        self.desk, self.ear = desk, Ear()
        self.link = VenueLink(VenueClock(8), asyncio.Event())
        session = VenueSession(VenueId("yongjia"), DESK, desk.contest.sources, Limits(BATCH, 2_000, rate_per_s))
        self.line = Line(desk, session, self.link, self.ear, lambda *_: None, clockwork.now_us, bad_max)

    def hear(self, *numbers: int) -> None:
        self.line.heard(told(*(note(number) for number in numbers)))

    def is_paused(self) -> bool:
        return self.ear.is_paused

    def acknowledged(self) -> list[int]:
        return [each["seq"] for each in self.ear.said if each["type"] == "ack"]


def told(*events: Json) -> str:
    return json.dumps({"type": "events", "events": events})


@asynccontextmanager
async def hall(
    ledger: MemoryLedger | None = None, *, rate_per_s: int = 1_000_000, bad_max: int = 20, **settings: int
) -> AsyncIterator[Hall]:
    async with running(desk_on(ledger or await ledger_with(), **settings)) as desk:  # type: ignore[arg-type]
        yield Hall(desk, rate_per_s, bad_max)


async def until(true: Callable[[], bool]) -> None:
    """Within a minute of the clock that jumps."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - whatever is waited for tells nobody
            await asyncio.sleep(0.001)


def gated(ledger: MemoryLedger) -> tuple[asyncio.Event, list[int]]:
    """Stores wait until the event is set; the list has the facts of each store that was asked for."""
    gate, asked, append = asyncio.Event(), list[int](), ledger.append

    async def waiting(contest: Any, drafts: Any, expected: int | None = None) -> Any:
        asked.append(len(drafts))
        await gate.wait()
        return await append(contest, drafts, expected)

    ledger.append = waiting  # type: ignore[method-assign]
    return gate, asked


@asynccontextmanager
async def jammed_hall(**named: int) -> AsyncIterator[tuple[Hall, asyncio.Event, list[int]]]:
    """A hall whose stores wait until the event is set; with the facts of each store that was asked for."""
    ledger = await ledger_with()
    async with hall(ledger, **named) as place:
        yield place, *gated(ledger)


BAD, UNREADABLE = note(0, at="yesterday!"), "{"


def script(dice: Random) -> list[tuple[str, list[tuple[str, int | None]]]]:
    """Messages, each with what has to be answered to it: types and numbers."""
    last, refused, found = 0, set[int](), list[tuple[str, list[tuple[str, int | None]]]]()
    for _ in range(dice.randint(1, 12)):
        match dice.choice(("new", "new", "bad", "again", "empty", "unreadable", "gap")):
            case "new":
                first, last = last + 1, last + dice.randint(1, BATCH)
                found.append((told(*(note(number) for number in range(first, last + 1))), [("ack", last)]))
            case "bad":
                last += 1
                refused.add(last)
                found.append((told({**BAD, "seq": last}), [("refused", last), ("ack", last)]))
            case "again" if last:
                number = dice.randint(1, last)
                answers: list[tuple[str, int | None]] = [("refused", number)] if number in refused else []
                found.append((told(note(number)), [*answers, ("ack", number)]))
            case "gap":
                found.append((told(note(last + 2)), [("refused", last + 2)]))
            case "unreadable":
                found.append((UNREADABLE, [("refused", None)]))
            case _:
                found.append((told(), [("ack", last)]))
    return found


@given(DICE)
def test_every_message_is_answered_in_its_turn_however_they_come(dice: Random) -> None:
    """Also what is sent again while it is under way, and what cannot be read."""

    async def work() -> None:
        messages = script(dice)
        async with hall() as place:
            for text, _ in messages:
                place.line.heard(text)
                if dice.random() < 0.5:
                    await asyncio.sleep(dice.choice((0, 0, 0.001)))
            wanted = [answer for _, answers in messages for answer in answers]
            await until(lambda: len(place.ear.said) >= len(wanted))
            assert [(each["type"], each["seq"]) for each in place.ear.said] == wanted
            assert place.link.taken == 0
            assert not place.is_paused()

    clockwork.run(work())


@given(DICE)
def test_what_is_acknowledged_is_durable_and_every_number_is_there_once(dice: Random) -> None:
    async def work() -> None:
        store: MemoryStore = {}
        ledger = await ledger_with(store=store)
        async with hall(ledger) as place:
            say, last, early = place.ear.say, 0, list[int]()

            def held_against_the_ledger(texts: Sequence[str]) -> None:
                stored = max((seq for source, seq in store[CUP].known if source == DESK), default=0)
                early.extend(each["seq"] for each in map(json.loads, texts) if each["type"] == "ack" and each["seq"] > stored)
                say(texts)

            place.ear.say = held_against_the_ledger  # type: ignore[method-assign]
            for _ in range(20):
                first, last = last + 1, last + dice.randint(1, 3)
                place.hear(*range(max(1, first - dice.randint(0, 2)), last + 1))
                if dice.random() < 0.3:
                    await asyncio.sleep(0.001)
            await until(lambda: place.acknowledged()[-1:] == [last])
            assert early == []
        entries = await MemoryLedger(store).read(CUP, 0)
        assert [entry.fact.seq for entry in entries if isinstance(entry.fact, Event)] == list(range(1, last + 1))

    clockwork.run(work())


def test_what_comes_while_the_ledger_is_busy_is_stored_together_and_answered_at_once() -> None:
    async def work() -> None:
        async with jammed_hall() as (place, gate, asked):
            place.hear(1)
            await until(lambda: asked == [1])
            place.hear(2)
            place.hear(3)
            place.hear(4)
            await asyncio.sleep(1)
            assert asked == [1], "one at a time"
            assert place.ear.said == []
            gate.set()
            await until(lambda: place.acknowledged() == [1, 2, 3, 4])
            assert (asked, place.ear.writes) == ([1, 3], 2)

    clockwork.run(work())


def test_beyond_a_message_s_worth_under_way_nothing_more_is_heard() -> None:
    async def work() -> None:
        async with jammed_hall() as (place, gate, asked):
            place.hear(1, 2, 3, 4)
            assert not place.is_paused()
            place.hear(5)
            assert place.is_paused()
            for number in range(6, 30):  # was read before reading was paused
                place.hear(number)
            await asyncio.sleep(1)
            assert (place.link.taken, asked) == (5, [5])
            gate.set()
            await until(lambda: place.acknowledged()[-1:] == [29])
            assert max(asked) <= 2 * BATCH
            assert not place.is_paused()

    clockwork.run(work())


def test_who_does_not_read_its_answers_is_not_heard() -> None:
    async def work() -> None:
        async with hall() as place:
            place.ear.holds = True
            place.hear(1)
            assert place.is_paused()
            await asyncio.sleep(1)
            assert (place.acknowledged(), place.desk.contest.position) == ([], 1)
            place.ear.holds = False
            place.line.go_on()
            await until(lambda: place.acknowledged() == [1])

    clockwork.run(work())


def test_whoever_is_faster_than_its_rate_is_heard_at_its_rate() -> None:
    async def work() -> None:
        async with hall(rate_per_s=10) as place:
            began_s = asyncio.get_running_loop().time()
            for number in range(1, 41):
                place.hear(number)
            assert place.is_paused()
            await until(lambda: place.acknowledged()[-1:] == [40])
            assert 2.9 < asyncio.get_running_loop().time() - began_s < 3.2, "a bucket of ten, and ten a second"

    clockwork.run(work())


def test_a_full_inbox_lets_nothing_in_and_loses_nothing() -> None:
    async def work() -> None:
        ledger = await ledger_with()
        async with hall(ledger, inbox_max_submissions=1) as place:
            others = [Hall(place.desk) for _ in range(4)]
            for number, other in enumerate(others):
                other.line._session.source = SourceId(f"yongjia/d{number}")
            gate, _ = gated(ledger)
            for each in (place, *others):
                each.hear(1)
                each.hear(2)
            assert len(place.desk._inbox) == 1
            assert [each.is_paused() for each in (place, *others)] == [False, True, True, True, True]
            gate.set()
            await until(lambda: all(each.acknowledged() == [1, 2] for each in (place, *others)))
            assert not any(each.is_paused() for each in (place, *others))

    clockwork.run(work())


def test_what_brings_nothing_new_is_bounded_too() -> None:
    async def work() -> None:
        async with jammed_hall() as (place, gate, _):
            place.hear(1)
            for _ in range(MESSAGES_MAX):
                place.hear()
            assert place.is_paused()
            gate.set()
            await until(lambda: len(place.acknowledged()) == 1 + MESSAGES_MAX)
            assert not place.is_paused()

    clockwork.run(work())


@pytest.mark.parametrize("has_left", [False, True])
def test_what_the_ledger_refuses_leaves_no_gap_behind_it(has_left: bool) -> None:
    """The numbers after it are not stored, though they were under way; another venue's are."""

    async def work() -> None:
        ledger = await ledger_with()
        async with hall(ledger) as place:
            other = Hall(place.desk)
            other.line._session.source = SourceId("yongjia/tablet")
            append, gate = ledger.append, asyncio.Event()

            async def picky(contest: Any, drafts: Any, expected: int | None = None) -> Any:
                await gate.wait()
                if any(draft.seq == 1 and draft.source == DESK for draft in drafts):
                    raise LimitExceeded("too large")
                return await append(contest, drafts, expected)

            ledger.append = picky  # type: ignore[method-assign]
            place.hear(1)
            await asyncio.sleep(0.1)
            place.hear(2)
            other.hear(1)
            if has_left:
                place.line.end(None)
            gate.set()
            assert await place.line.over is (None if has_left else BAD_MESSAGES)
            await until(lambda: other.acknowledged() == [1])
            assert place.ear.said == []
            assert DESK not in place.desk.contest.sources

    clockwork.run(work())


def test_a_desk_that_ends_asks_to_come_again_and_one_that_finishes_answers_first() -> None:
    async def work() -> None:
        async with jammed_hall() as (place, gate, asked):
            place.hear(1)
            await until(lambda: asked == [1])
            finishing = asyncio.ensure_future(place.desk.finish())
            await asyncio.sleep(0)
            place.hear(2)
            place.hear(3)
            gate.set()
            assert await place.line.over is RESTARTING
            assert place.acknowledged() == [1]
            await finishing
        again = await ledger_with()
        async with hall(again) as place:
            again.fault = _fails
            place.hear(1)
            assert await place.line.over is RESTARTING
            assert place.ear.said == []

    clockwork.run(work())


def _fails(*_: object) -> None:
    raise LedgerFault("the disk is gone")


def test_nonsense_ends_a_line_after_all_before_it_was_answered() -> None:
    async def work() -> None:
        async with jammed_hall(bad_max=2) as (place, gate, _):
            place.hear(1)
            place.line.heard("{")
            place.line.heard("[")
            place.hear(2)
            gate.set()
            assert await place.line.over is BAD_MESSAGES
            assert [(each["type"], each["seq"]) for each in place.ear.said] == [("ack", 1), ("refused", None), ("refused", None)]

    clockwork.run(work())


def test_who_cannot_be_answered_does_not_end_the_desk() -> None:
    async def work() -> None:
        async with hall() as place:
            other = Hall(place.desk)
            other.line._session.source = SourceId("yongjia/tablet")

            def broken(_: Sequence[str]) -> None:
                raise RuntimeError("no such socket")

            place.ear.say = broken  # type: ignore[method-assign, assignment]
            place.hear(1)
            other.hear(1)
            await until(lambda: other.acknowledged() == [1])
            assert not place.desk.closed.is_set()
            assert place.desk.contest.sources[DESK].last_seq == 1

    clockwork.run(work())


# ---- the bytes of the socket --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535])
def test_a_frame_is_found_once_it_is_whole(size: int) -> None:
    payload = b"x" * size
    data = frame(payload)
    for cut in {0, 1, 2, 5, 6, 7, len(data) - 1, len(data)}:
        if cut <= len(data):
            assert frame_end(b"?" + data[:cut], 1) == (len(data) + 1 if cut == len(data) else None)
    assert message_in(data, 0, len(data)) == payload
    assert is_middle(data, 0)


@pytest.mark.parametrize("data", [frame(b"x" * 65_536), bytes([0x81, 3]) + b"abc" * 9, bytes([0x81, 127]) + bytes(20)])
def test_what_is_long_or_not_masked_is_for_the_parser(data: bytes) -> None:
    assert frame_end(data, 0) is None
    assert not is_middle(data, 0)


async def test_what_a_venue_says_in_pieces_or_all_at_once_is_understood() -> None:
    """Messages are read without the library's parser: it must not matter how the network cuts them, nor what stands between them."""
    hello = frame(b'{"type":"hello","source":"desk"}')
    long = frame(told(note(3, data={"a": "x" * 300})).encode())
    pieces = frame(told(note(2)).encode()[:9], flags=0) + frame(b"?", 0x9) + frame(told(note(2)).encode()[9:], 0)
    said = hello + frame(told(note(1)).encode()) + pieces + long + frame(b"x", 0xA) + frame(told(note(4)).encode(), 0x2)
    async with served() as place:
        for cut in range(1, len(said), 41):
            async with socket_at(place, EVENTS.format(venue="yongjia"), "yongjia") as raw:
                await raw.say(said[:cut])
                await raw.say(said[cut:])
                assert await acknowledged(raw, 4) == [1, 2, 3, 4]


async def acknowledged(raw: Raw, last: int) -> list[int]:
    found: list[int] = []
    while last not in found:
        opcode, payload = await raw.frame()
        message = json.loads(payload) if opcode == TEXT else {}
        if message.get("type") == "ack":
            found.append(message["seq"])
    return found


async def test_text_that_is_none_ends_its_socket_as_the_protocol_says() -> None:
    async with served() as place, socket_at(place, EVENTS.format(venue="yongjia"), "yongjia") as raw:
        await raw.say(frame(b'{"type":"hello","source":"desk"}') + frame(told(note(1)).encode()))
        assert await acknowledged(raw, 1) == [1]
        await raw.say(frame(b'{"type":"events","events":["\xff"]}'))
        assert await raw.close_code() == 1007


async def test_a_message_of_any_length_that_is_allowed_is_taken_after_short_ones() -> None:
    async with served() as place, place.venue() as venue:
        for seq, size in enumerate((1, 100_000, 1, 70_000, 50_000), 1):
            assert (await venue.send(note(seq, data={"a": "x" * size})))["seq"] == seq


async def test_over_a_socket_that_only_the_application_can_use_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of another server than uvicorn: order, refusals, goodbyes, what was answered before them, and a venue that leaves."""
    monkeypatch.setattr("contest_server.web.venues.listening_socket", lambda _: None)
    async with served(bad_messages_max=2) as place:
        async with place.venue() as venue:
            for seq in range(1, 30):
                await venue.say({"type": "events", "events": [note(seq)]})
            assert [(await venue.hear("ack"))["seq"] for _ in range(1, 30)] == list(range(1, 30))
            async with place.venue() as newer:
                assert await venue.until_closed() == (4502, "replaced")
                await newer.say("{")
                assert (await newer.hear("refused"))["code"] == "bad_json"
                assert (await newer.send(note(30)))["seq"] == 30
        async with place.venue() as venue:
            assert venue.welcome["after"] == 30
            await venue.say("{")
            await venue.say("[")
            assert [(await venue.hear("refused"))["code"] for _ in range(2)] == ["bad_json", "bad_json"]
            assert await venue.until_closed() == (4504, "bad_messages")
