"""A device that sends what no device should: garbage on a socket, garbage by POST, and events that are wrong. Notes what the server said.

What can be numbered is part of the plan and has to be in the ledger; what cannot be read has to be refused by name, and to harm nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage
from websockets.typing import Subprotocol

from contest_server.agent.messages import SUBPROTOCOL
from contest_server.demo.telling import Device
from contest_server.rehearsal.line import Line
from contest_server.rehearsal.office import Office
from contest_server.rehearsal.plan import NOISE, NOISE_EVENTS

GARBAGE: Sequence[str | bytes] = (
    "",
    "{",
    "[" * 5_000,
    '{"type":"events","events":[{"seq":"one"}]}',
    '{"type":"events","events":7}',
    '{"type":"nothing"}',
    b"\xff\xfe\x00",
    '{"type":"events","events":[{"seq":1e999}]}',
)
ANSWER_WAIT_S = 5.0
TRIES_MAX = 5


@dataclass(slots=True)
class Noise:
    """One such device. `unexpected` says where the server did something else than refuse."""

    device: Device
    contest: str
    token: str
    line: Line
    refused: int = 0
    acknowledged_to: int = 0
    unexpected: list[str] = field(default_factory=list)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def volley(self, office: Office, events: Sequence[dict[str, Any]]) -> None:
        """Garbage on a socket, garbage by POST, then its next numbered events, which have to be taken or refused by their numbers.

        Raises Unanswered.
        """
        async with self._turn:
            await self._shout()
            await self._post(office, events[self.acknowledged_to : self.acknowledged_to + NOISE_EVENTS])

    async def _post(self, office: Office, events: Sequence[dict[str, Any]]) -> None:
        answer = await office.ask("POST", self._path, key=self.token, content=b"\x00garbage", params={"source": NOISE})
        self._note("garbage by POST", answer.status_code in (400, 413, 415), answer.text)
        first = self.acknowledged_to + 1
        batch = msgspec.json.encode({"type": "events", "events": [{"seq": first + n, **event} for n, event in enumerate(events)]})
        answer = await office.ask("POST", self._path, key=self.token, content=batch, params={"source": NOISE})
        self._note("events that are wrong", answer.status_code in (200, 207), answer.text)
        if answer.status_code in (200, 207):
            self.acknowledged_to = int(answer.json()["after"])

    def _note(self, what: str, as_it_should: bool, said: str) -> None:
        self.refused += as_it_should
        if not as_it_should:
            self.unexpected.append(f"{self.device.source}: {what}: {said[:200]}")

    @property
    def _path(self) -> str:
        return f"/api/contests/{quote(self.contest, safe='')}/venues/{quote(self.device.venue, safe='')}/events"

    async def _shout(self) -> None:
        """All of it on one socket. A socket that is cut meanwhile is tried again: the line may be bad just now."""
        for _ in range(TRIES_MAX):
            try:
                async with asyncio.timeout(ANSWER_WAIT_S):
                    refused = await self._shout_once()
            except (ConnectionClosed, InvalidHandshake, InvalidMessage, OSError, TimeoutError):
                await asyncio.sleep(ANSWER_WAIT_S / TRIES_MAX)
                continue
            self._note("garbage on a socket", refused == len(GARBAGE), f"{refused} of {len(GARBAGE)} messages were refused")
            return

    async def _shout_once(self) -> int:
        """How many of the messages were refused as a whole, with the socket still open."""
        address = f"{self.line.url.replace('http', 'ws', 1)}{self._path}"
        headers = {"Authorization": f"Bearer {self.token}"}
        refused = 0
        async with connect(
            address, additional_headers=headers, subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None, close_timeout=1
        ) as socket:
            await socket.send(msgspec.json.encode({"type": "hello", "source": f"{NOISE}-socket"}).decode())
            for text in GARBAGE:
                await socket.send(text)
            while refused < len(GARBAGE):
                message = msgspec.json.decode(await socket.recv())
                refused += message["type"] == "refused" and message.get("seq") is None
        return refused
