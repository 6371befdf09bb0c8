"""One device of a recorded venue on a real venue socket: inside the server's limits, resumed by number when the connection is lost.

It does not answer when the server asks for its clock: recorded times come from other clocks, and must not be corrected by this one's.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from contest_server.agent.messages import SUBPROTOCOL
from contest_server.agent.websocket import UNWRITTEN_BYTES_MAX
from contest_server.replay.streams import Stream
from contest_server.replay.tape import Tape
from contest_server.wire.pace import Pace

MESSAGES_IN_FLIGHT_MAX = 4
MESSAGE_MAX_BYTES = 1 << 20
WELCOME_WAIT_S = 10.0
OPEN_WAIT_S = 10.0
TRIES_MAX = 6
FIRST_PAUSE_S = 0.2
REFUSALS_KEPT_MAX = 1_000
ENVELOPE = (b'{"type":"events","events":[', b"]}")


class ServerFault(Exception):
    """The server cannot be reached, or does not let this device in. The text says which, and what to do."""


class _Lost(Exception):
    """The connection ended; another one may do better."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that the server did not take, in its words."""

    venue: str
    seq: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Mischief:
    """What a shuffled rehearsal does on purpose: cuts batches anywhere, and sends some of them twice."""

    chance: random.Random

    def batch(self, limit: int) -> int:
        return self.chance.randint(1, min(limit, 100))

    def again(self) -> bool:
        return self.chance.random() < 0.2


class Sender:
    """A stream on its way. `sent` and `acknowledged` are numbers of its events; up to `known` the server had them before."""

    def __init__(self, stream: Stream, url: str, token: str, tape: Tape, mischief: Mischief | None = None) -> None:
        self.stream = stream
        self.sent = self.acknowledged = 0
        self.known: int | None = None
        self.refused: list[Refused] = []
        self.refusals = 0
        self._url, self._token, self._tape, self._mischief = url, token, tape, mischief
        self._flights: list[int] = []
        self._batch, self._bytes = 1, 4_096
        self._pace = Pace(1, _now_us())

    @property
    def done(self) -> bool:
        return self.acknowledged >= len(self.stream.events)

    async def run(self) -> None:
        """Send the whole stream, as the tape releases it.

        Raises:
            ServerFault: it cannot be reached after TRIES_MAX tries in a row, or refuses the device itself.
        """
        tries = 0
        while not self.done:
            before = self.acknowledged
            try:
                async with self._connected() as socket:
                    await self._carry(socket)
            except (_Lost, ConnectionClosed, InvalidHandshake, OSError, TimeoutError) as fault:
                tries = tries + 1 if self.acknowledged == before else 1
                if tries >= TRIES_MAX:
                    raise ServerFault(f"{self._url}: {str(fault) or type(fault).__name__} ({tries} tries)") from None
                await asyncio.sleep(FIRST_PAUSE_S * 2 ** (tries - 1))

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[ClientConnection]:
        """No proxy of the environment: a rehearsal talks to the server it was given."""
        async with connect(
            self._url,
            additional_headers={"Authorization": f"Bearer {self._token}"},
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            open_timeout=OPEN_WAIT_S,
            max_size=MESSAGE_MAX_BYTES,
            write_limit=UNWRITTEN_BYTES_MAX,
            proxy=None,
        ) as socket:
            yield socket

    async def _carry(self, socket: ClientConnection) -> None:
        await socket.send(msgspec.json.encode({"type": "hello", "source": self.stream.source}).decode())
        async with asyncio.timeout(WELCOME_WAIT_S):
            while not self._welcomed(await socket.recv()):
                pass
        ended: BaseException | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read(socket))
                await self._write(socket)
                reading.cancel()
        except* (_Lost, ConnectionClosed, ServerFault) as group:
            ended = group.exceptions[0]
        if ended is not None:
            raise ended

    def _welcomed(self, text: str | bytes) -> bool:
        """Take the server's word on where to go on, and its limits."""
        message = _decoded(text)
        if message.get("type") == "bye":
            self._leave(message)
        if message.get("type") != "welcome":
            return False
        limits = message["limits"]
        self._batch, self._bytes = limits["batch"], limits["message_bytes"]
        self._pace = Pace(limits["rate_per_s"], _now_us())
        if message["after"] > len(self.stream.events):
            raise ServerFault(
                f"{self._url}: the server has {message['after']} events of {self.stream.source!r}, the recording only "
                f"{len(self.stream.events)}; another recording was streamed there before"
            )
        self.sent = self.acknowledged = message["after"]
        self.known = message["after"] if self.known is None else self.known
        self._flights.clear()
        self._tape.bell.ring()
        return True

    # ---- what the server says ------------------------------------------------------------------------------------------------

    async def _read(self, socket: ClientConnection) -> None:
        while True:
            self._take(_decoded(await socket.recv()))

    def _take(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "ack":
                self.acknowledged = max(self.acknowledged, message["seq"])
                self._flights = [last for last in self._flights if last > self.acknowledged]
            case "refused":
                self._take_refusal(message)
            case "bye":
                self._leave(message)
            case _:
                return
        self._tape.bell.ring()

    def _take_refusal(self, message: dict[str, Any]) -> None:
        seq, code, detail = message.get("seq"), str(message["code"]), str(message.get("detail", ""))
        if code == "gap" or seq is None:
            raise _Lost(f"{code}: {detail}")
        self.refusals += 1
        if len(self.refused) < REFUSALS_KEPT_MAX:
            self.refused.append(Refused(self.stream.venue, seq, code, detail))

    def _leave(self, message: dict[str, Any]) -> None:
        if message.get("retry"):
            raise _Lost(f"the server said goodbye: {message.get('code')}")
        raise ServerFault(f"{self._url}: the server said goodbye: {message.get('code')}")

    # ---- what is sent --------------------------------------------------------------------------------------------------------

    async def _write(self, socket: ClientConnection) -> None:
        while not self.done:
            if self.sent >= self.stream.due_until(self._tape.released_us) or len(self._flights) >= MESSAGES_IN_FLIGHT_MAX:
                await self._tape.bell.wait()
                continue
            batch = self._packed()
            text = b"".join((ENVELOPE[0], b",".join(batch), ENVELOPE[1])).decode()
            self.sent += len(batch)
            self._flights.append(self.sent)
            await socket.send(text)
            if self._mischief is not None and self._mischief.again():
                await socket.send(text)
            await asyncio.sleep(self._pace.delay_s(len(batch), _now_us()))

    def _packed(self) -> Sequence[bytes]:
        """The next events that are due, as many as fit into one message. At least one: the server refuses what is too large by name."""
        limit = self._batch if self._mischief is None else self._mischief.batch(self._batch)
        last = min(self.stream.due_until(self._tape.released_us), self.sent + limit)
        room = self._bytes - sum(map(len, ENVELOPE))
        batch: list[bytes] = []
        for seq in range(self.sent + 1, last + 1):
            event = self.stream.wire(seq)
            room -= len(event) + 1
            if room < 0 and batch:
                break
            batch.append(event)
        return batch


def _now_us() -> int:
    return time.monotonic_ns() // 1000


def _decoded(text: str | bytes) -> dict[str, Any]:
    try:
        message = msgspec.json.decode(text)
    except msgspec.DecodeError:
        raise _Lost("the server sent no JSON") from None
    return message if isinstance(message, dict) else {}
