"""One device on a socket whose server does what servers do: drops connections, forgets what it did not store, refuses, closes for good."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve

from contest_server.core.facts import VenueId
from contest_server.replay import sending
from contest_server.replay.recording import RecordedEvent
from contest_server.replay.sending import Mischief, Sender, ServerFault
from contest_server.replay.streams import Stream
from contest_server.replay.tape import Tape, play
from contest_server.replay.times import instant_us

VENUE = VenueId("v")
HUNG_AFTER_S = 60.0
"""A device that waits for ever fails a test rather than the patience of whoever runs it."""


@dataclass
class Server:
    """Keeps numbers as the wire contract says. `drop_at`: connections end when this number arrives, once each, before or after storing."""

    limits: dict[str, int] = field(default_factory=lambda: {"batch": 4, "message_bytes": 2_000, "rate_per_s": 100_000})
    drop_at: list[int] = field(default_factory=list)
    refuse: set[int] = field(default_factory=set)
    bye: dict[str, Any] | None = None
    after: int = 0
    stored: list[int] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    messages: list[int] = field(default_factory=list)
    hellos: int = 0

    async def __call__(self, socket: ServerConnection) -> None:
        hello = msgspec.json.decode(await socket.recv())
        assert hello == {"type": "hello", "source": "replay"}
        assert socket.request is not None
        assert socket.request.headers["Authorization"] == "Bearer secret"
        self.hellos += 1
        await self._say(socket, {"type": "time", "t": 1})
        if self.bye is not None:
            await self._say(socket, {"type": "bye", **self.bye})
            return
        await self._say(socket, {"type": "welcome", "contest": "c", "venue": "v", "epoch": "e", "after": self.after, "limits": self.limits})
        async for text in socket:
            message = msgspec.json.decode(text)
            assert message["type"] == "events", "recorded devices keep their clock to themselves"
            self.messages.append(len(text))
            assert len(message["events"]) <= self.limits["batch"]
            if not await self._take(socket, message["events"]):
                return

    async def _take(self, socket: ServerConnection, events: list[dict[str, Any]]) -> bool:
        for event in events:
            if event["seq"] <= self.after:
                continue
            assert event["seq"] == self.after + 1, "a gap"
            drop = event["seq"] in self.drop_at
            if drop:
                self.drop_at.remove(event["seq"])
            if drop and event["seq"] % 2:
                return False
            self.after = event["seq"]
            self.stored.append(event["seq"])
            self.times.append(event["at"])
            if event["seq"] in self.refuse:
                await self._say(socket, {"type": "refused", "seq": event["seq"], "code": "bad_event", "detail": "not today"})
            if drop:
                return False
        await self._say(socket, {"type": "ack", "seq": events[-1]["seq"], "position": 7})
        return True

    async def _say(self, socket: ServerConnection, message: dict[str, Any]) -> None:
        await socket.send(msgspec.json.encode(message).decode())


@asynccontextmanager
async def _at(server: Server) -> AsyncIterator[str]:
    async with serve(server, "127.0.0.1", 0) as listening:
        yield f"ws://127.0.0.1:{next(iter(listening.sockets)).getsockname()[1]}/"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FIRST_PAUSE_S", 0.0)


def _stream(count: int) -> Stream:
    return Stream(VENUE, "replay", [RecordedEvent(VENUE, "note", at_us, data={"text": "·" * 20}) for at_us in range(count)])


async def _sent(server: Server, count: int, mischief: Mischief | None = None) -> Sender:
    tape = Tape(-1)
    async with asyncio.timeout(HUNG_AFTER_S), _at(server) as url:
        sender = Sender(_stream(count), url, "secret", tape, mischief)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(sender.run())
            await play(tape, [sender], None)
    return sender


async def test_everything_arrives_once_and_in_order() -> None:
    server = Server()
    sender = await _sent(server, 50)
    assert server.stored == list(range(1, 51))
    assert (sender.acknowledged, sender.refusals, server.hellos) == (50, 0, 1)


async def test_messages_keep_to_the_servers_limits() -> None:
    server = Server(limits={"batch": 50, "message_bytes": 500, "rate_per_s": 100_000})
    await _sent(server, 50)
    assert server.stored == list(range(1, 51))
    assert max(server.messages) <= 500


async def test_lost_connections_lose_and_double_nothing() -> None:
    server = Server(drop_at=[1, 2, 9, 10, 11, 30])
    await _sent(server, 50)
    assert server.stored == list(range(1, 51))
    assert server.hellos == 7
    assert [instant_us(at) for at in server.times] == list(range(50))


async def test_what_the_server_has_already_is_not_sent_again() -> None:
    server = Server(after=20)
    await _sent(server, 50)
    assert server.stored == list(range(21, 51))


async def test_disorder_on_purpose_arrives_once_and_in_order_too() -> None:
    server = Server(drop_at=[7, 8])
    await _sent(server, 60, Mischief(random.Random(3)))
    assert server.stored == list(range(1, 61))


async def test_refusals_are_kept_and_the_rest_goes_on() -> None:
    sender = await _sent(Server(refuse={3, 5}), 10)
    assert [(refused.seq, refused.code, refused.detail) for refused in sender.refused] == [
        (3, "bad_event", "not today"),
        (5, "bad_event", "not today"),
    ]
    assert sender.acknowledged == 10


async def _fault(server: Server, count: int = 5) -> str:
    async with _at(server) as url:
        tape = Tape(10)
        with pytest.raises(ServerFault) as fault:
            await Sender(_stream(count), url, "secret", tape).run()
    return str(fault.value)


async def test_a_goodbye_for_good_is_the_end() -> None:
    server = Server(bye={"code": "not_allowed", "retry": False})
    assert "not_allowed" in await _fault(server)
    assert server.hellos == 1


async def test_a_goodbye_for_now_is_tried_again_but_not_forever() -> None:
    server = Server(bye={"code": "restarting", "retry": True})
    assert "restarting" in await _fault(server)
    assert server.hellos == sending.TRIES_MAX


async def test_a_source_that_another_recording_used_is_not_gone_on_with() -> None:
    assert "another recording" in await _fault(Server(after=6), count=5)


async def test_a_server_that_is_not_there_is_named() -> None:
    async with _at(Server()) as url:
        pass
    with pytest.raises(ServerFault, match=url):
        await Sender(_stream(1), url, "secret", Tape(10)).run()
