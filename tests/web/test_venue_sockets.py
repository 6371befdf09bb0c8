"""A venue's socket: who may speak, what is refused by name, and that the rest goes on."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from contest_server.core.facts import ContestId, Event
from contest_server.ledger.memory import MemoryLedger
from contest_server.ledger.port import LedgerFault
from contest_server.web.guarded import VENUE_MESSAGE_MAX_BYTES
from contest_server.wire.messages import UNKNOWN_CONTEST
from tests.contests import CUP, event, fold
from tests.web.places import EVENTS, PATIENCE_S, Client, clear, dialled, note, served


async def test_what_a_venue_sends_is_durable_judged_and_on_the_board() -> None:
    async with served() as place, place.venue() as venue, place.display(view="top:2") as display:
        assert (venue.welcome["contest"], venue.welcome["venue"], venue.welcome["after"]) == (CUP, "yongjia", 0)
        assert venue.socket.subprotocol == "contest.v1"
        ack = await venue.send(clear(1), clear(2, "B1", at="01:00:07Z"))
        assert ack == {"type": "ack", "seq": 2, "position": 3}
        await display.reach(ack["position"])
        assert list(display.screen.rows) == ["A1", "B1"]
        expected = fold([event(1, at_s=5), event(2, contestant="B1", at_s=7)])
        assert display.screen.rows["A1"]["points"] == expected.rows["A1"].row.points  # type: ignore[index]
        assert (await place.board())["digest"] == expected.digest()


NOT_ALLOWED = ("nobody", "yueqing", "elsewhere", "staff", "admin", "cs_wrong", "x" * 5_000)


@pytest.mark.parametrize("who", NOT_ALLOWED)
async def test_only_a_token_of_this_venue_of_this_contest_may_speak(who: str) -> None:
    async with served() as place:
        posted = await place.post(EVENTS.format(venue="yongjia"), "{}", None if who == "nobody" else who, source="desk")
        assert (posted.status_code, posted.json()["code"]) == ((401, "not_logged_in") if who == "nobody" else (403, "not_allowed"))
        async with place.socket(EVENTS.format(venue="yongjia"), None if who == "nobody" else who) as socket:
            assert await Client(socket).until_closed() == (4501, "not_allowed")


async def test_a_revoked_token_is_no_token_and_loses_its_open_sockets() -> None:
    async with served() as place:
        tokens = await place.stores.tokens.all(CUP)
        async with place.venue() as venue, place.venue("yueqing") as other, place.display("staff", audience="staff") as staff:
            for token in tokens:
                if token.venue == "yongjia" or token.role == "director":
                    assert await place.stores.tokens.revoke(token.id, 1)
            assert await venue.until_closed() == (4501, "not_allowed")
            assert await staff.until_closed() == (4501, "not_allowed")
            assert (await other.send(note(1)))["seq"] == 1
        async with place.socket(EVENTS.format(venue="yongjia"), "yongjia") as socket:
            assert await Client(socket).until_closed() == (4501, "not_allowed")


async def test_a_contest_that_nobody_adopted_is_unknown() -> None:
    async with served() as place, place.socket("/api/contests/other/venues/yongjia/events", "elsewhere") as socket:
        assert await Client(socket).until_closed() == (UNKNOWN_CONTEST.status, "unknown_contest")


async def test_the_newer_socket_of_a_source_replaces_the_older() -> None:
    async with served() as place, place.venue() as old, place.venue(source="tablet") as other, place.venue() as new:
        assert await old.until_closed() == (4502, "replaced")
        assert (await new.send(note(1)))["seq"] == 1
        assert (await other.send(note(1)))["seq"] == 1


async def test_who_says_nothing_is_dropped_with_a_word() -> None:
    async with served(hello_timeout_s=0.05) as place, place.socket(EVENTS.format(venue="yongjia"), "yongjia") as socket:
        assert await Client(socket).until_closed() == (4001, "hello_timeout")


FIRST_WORDS = {
    '{"type":"events","events":[]}': [],
    '{"type":"hello","source":"a b"}': ["bad_message"],
    '{"type":"hello","source":"desk\\n"}': ["bad_message"],
    '{"type":"hello"': ["bad_json"],
    "[]": ["bad_message"],
}


@pytest.mark.parametrize(("text", "codes"), FIRST_WORDS.items())
async def test_the_first_word_is_hello(text: str, codes: list[str]) -> None:
    async with served() as place, place.socket(EVENTS.format(venue="yongjia"), "yongjia") as socket:
        client = Client(socket)
        await client.say(text)
        said = [(await client.hear("refused"))["code"] for _ in codes]
        assert (said, await client.until_closed()) == (codes, (4506, "bad_hello"))


BAD = {
    '{"type":"events","events":[{"seq":1': "bad_json",
    "\x00": "bad_json",
    '{"type":"dance"}': "bad_message",
    '{"type":"hello","source":"desk"}': "bad_message",
    '{"type":"time","t":1,"at":1e999}': "bad_message",
    json.dumps({"type": "events", "events": [note(n) for n in range(1, 502)]}): "too_many_events",
    "[" * 200_000: "bad_json",
    '"' + "x" * 300_000 + '"': "too_large",
    "x" * 10_000_000: "too_large",
}


@pytest.mark.parametrize(("text", "code"), BAD.items(), ids=range(len(BAD)))
async def test_a_bad_message_is_answered_by_name_and_the_socket_goes_on(text: str, code: str) -> None:
    async with served() as place, place.venue() as venue:
        await venue.say(text)
        refusal = await venue.hear("refused")
        assert (refusal["seq"], refusal["code"]) == (None, code)
        assert (await venue.send(note(1)))["seq"] == 1
        await venue.say(b"\xff\xfe")
        assert (await venue.hear("refused"))["code"] == "bad_json"
        assert (await venue.send(note(2)))["seq"] == 2


async def test_a_message_that_nobody_would_read_ends_its_own_socket_only() -> None:
    async with served() as place, place.venue() as venue, place.venue(source="tablet") as other:
        await venue.send(note(1))
        await venue.say("x" * (VENUE_MESSAGE_MAX_BYTES + 1))
        code, _ = await venue.until_closed()
        assert code == 1009, "message too big"
        assert (await other.send(note(1)))["seq"] == 1
        async with place.venue() as again:
            assert again.welcome["after"] == 1


async def test_nothing_but_bad_messages_ends_a_socket() -> None:
    async with served(bad_messages_max=3) as place, place.venue() as venue:
        for text in ("{", "{", json.dumps({"type": "events", "events": []}), "{", "{", "{"):
            await venue.say(text)
        assert await venue.until_closed() == (4504, "bad_messages")


async def test_a_bad_event_is_refused_by_its_number_and_again_after_a_restart() -> None:
    async with served() as place:
        bad = note(1, data={"ohm": 10**20})
        for _ in range(2):
            async with place.venue() as venue:
                await venue.say({"type": "events", "events": [bad, note(2), note(9)]})
                first, second = await venue.hear("refused"), await venue.hear("refused")
                assert (first["seq"], first["code"], first["detail"][:8]) == (1, "bad_event", "data.ohm")
                assert (second["seq"], second["code"], second["expected"]) == (9, "gap", 3)
                assert (await venue.hear("ack"))["seq"] == 2
        state = await place.get(EVENTS.format(venue="yongjia"), "yongjia", source="desk")
        assert (state["after"], [each["seq"] for each in state["refused"]]) == (2, [1])


POISON: list[dict[str, Any]] = [
    {"contestant": "\ud800"},
    {"data": {"\udc00": "\ud800"}},
    {"data": {"deep": [[[[[[[[[]]]]]]]]]}},
    {"attempt": "\u0000"},
    {"at": "0001-01-01T00:00:00+14:00"},
]


@pytest.mark.parametrize("poison", POISON, ids=str)
async def test_no_event_can_end_the_desk(poison: dict[str, Any]) -> None:
    """Whatever a venue puts into an event: the contest goes on, for this venue and for all others."""
    async with served() as place, place.venue() as venue, place.venue("yueqing") as other:
        await venue.say({"type": "events", "events": [note(1, **poison), note(2)]})
        while (answer := await venue.hear("ack", "refused"))["type"] != "ack":
            assert (answer["seq"], answer["code"]) == (1, "bad_event")
        assert answer["seq"] == 2
        assert (await other.send(note(1)))["seq"] == 1
        assert (await venue.send(note(3)))["seq"] == 3
        await place.board()


async def test_a_clock_exchange_measures_the_device_and_its_events_carry_it() -> None:
    async with served() as place, place.venue() as venue:
        while (message := await venue.next())["type"] != "clock":
            if message["type"] == "time":
                await venue.say({"type": "time", "t": message["t"], "at": message["t"] + 2_000_000})
        assert abs(message["offset_us"] - 2_000_000) <= message["error_us"]
        await venue.say({"type": "time", "t": 12345, "at": 1})  # an answer to nothing says nothing
        await venue.send(clear(1))
        [entry] = [each for each in await place.stores.ledger.read(CUP, 0) if isinstance(each.fact, Event)]
        assert isinstance(entry.fact, Event)
        assert entry.fact.offset_us is not None
        assert abs(entry.fact.offset_us - 2_000_000) <= (entry.fact.error_us or 0)
        links = (await place.get(f"/api/contests/{CUP}/venues", "staff"))["sources"]
        assert [(link["source"], link["connected"], link["after"]) for link in links] == [("yongjia/desk", True, 1)]


async def test_when_the_ledger_fails_every_venue_is_asked_to_come_again_and_loses_nothing() -> None:
    async with served() as place:
        ledger = place.stores.ledger
        assert isinstance(ledger, MemoryLedger)
        async with place.venue() as venue, place.venue("yueqing") as other:
            await venue.send(note(1))

            def strike(moment: str, contest: ContestId) -> None:
                ledger.fault = None
                raise LedgerFault("the disk is gone")

            ledger.fault = strike
            await venue.say({"type": "events", "events": [note(2)]})
            assert await venue.until_closed() == (4002, "restarting")
            assert await other.until_closed() == (4002, "restarting")
        while True:
            with suppress(ConnectionClosed):
                async with place.socket(EVENTS.format(venue="yongjia"), "yongjia") as socket:
                    client = Client(socket)
                    await client.say({"type": "hello", "source": "desk"})
                    welcome = await client.hear("welcome", "bye")
                    if welcome["type"] == "welcome":
                        break
        assert welcome["after"] == 1
        async with place.venue() as venue:
            assert (await venue.send(note(2)))["position"] == 3


async def test_a_thousand_sockets_that_say_nothing_are_dropped_and_others_are_served_meanwhile() -> None:
    async with served(hello_timeout_s=5.0) as place:  # also the one that speaks has to in time, among a thousand handshakes
        path, headers, gate = EVENTS.format(venue="yongjia"), place.bearer("yongjia"), asyncio.Semaphore(64)
        ended: list[int] = []

        async def silent() -> None:
            async with gate:
                socket = await dialled(place.url, path, headers, compression=None)
            try:
                async for _ in socket:
                    pass
                await socket.recv()
            except ConnectionClosed as closed:
                ended.append(closed.rcvd.code if closed.rcvd else 0)

        async with asyncio.timeout(PATIENCE_S * 2), asyncio.TaskGroup() as tasks:
            for _ in range(1_000):
                tasks.create_task(silent())
            async with place.venue("yueqing") as venue:
                for seq in range(1, 20):
                    assert (await venue.send(note(seq)))["seq"] == seq
        assert ended == [4001] * 1_000


async def test_beyond_their_limit_sockets_are_told_to_come_later() -> None:
    async with served(venue_sockets_max=1, display_sockets_max=1) as place, place.venue() as venue, place.display() as display:
        await display.frame()
        async with place.socket(EVENTS.format(venue="yueqing"), "yueqing") as socket:
            assert await Client(socket).until_closed() == (4003, "too_many_sockets")
        async with place.display() as other:
            assert await other.until_closed() == (4003, "too_many_sockets")
        assert (await venue.send(note(1)))["seq"] == 1
