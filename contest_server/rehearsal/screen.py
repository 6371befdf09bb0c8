"""A display that does what the page does: merges frames by overwriting, keeps a cursor, comes back. It notes how stale it ever was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage
from websockets.typing import Subprotocol

from contest_server.agent.messages import SUBPROTOCOL
from contest_server.rehearsal.line import Line
from contest_server.rehearsal.measures import Arrivals

STALE_AFTER_S = 10.0
"""With nothing heard for so long, a display tells its hall that it is behind (docs/protocol.md)."""
AGAIN_AFTER_S = 0.2
OPEN_WAIT_S = 5.0
SILENCE_MAX_S = 15.0
"""A display that hears nothing for so long connects anew."""
FRAME_MAX_BYTES = 16_777_216
LOST = (ConnectionClosed, InvalidHandshake, InvalidMessage, OSError, TimeoutError)

Json = dict[str, Any]


class BrokenFrames(Exception):
    """A frame does not follow on what this display has: it would show something wrong."""


@dataclass(slots=True)
class Painted:
    """What is on the display: rows by id, and the cursor."""

    rows: dict[str, Json] = field(default_factory=dict)
    epoch: str | None = None
    position: int | None = None
    wholes: int = 0

    def merge(self, frame: Json) -> None:
        """Raises BrokenFrames."""
        if frame["from"] not in (0, self.position):
            raise BrokenFrames(f"a frame from {frame['from']}, but {self.position} is painted")
        if frame["from"] == 0:
            self.rows, self.wholes = {}, self.wholes + 1
        self.rows.update({row["id"]: row for row in frame["rows"]})
        for contestant in frame["gone"]:
            self.rows.pop(contestant, None)
        self.epoch, self.position = frame["epoch"], frame["to"]


class RehearsedScreen:
    """`run` until cancelled. `reads_every_s`: a slow one, which takes so long over each message."""

    def __init__(self, name: str, view: str, line: Line, contest: str, now_s: Callable[[], float], reads_every_s: float = 0.0) -> None:
        self.name, self.view, self.line = name, view, line
        self._contest, self._now_s, self._reads_every_s = contest, now_s, reads_every_s
        self.painted = Painted()
        self.arrivals = Arrivals()
        self.frames = self.beats = self.connections = 0
        self.faults: list[str] = []
        self._heard_s: float | None = None

    @property
    def silence_s(self) -> float:
        """How long it has heard nothing; 0 before it heard anything."""
        return 0.0 if self._heard_s is None else self._now_s() - self._heard_s

    async def run(self) -> None:
        while True:
            try:
                await self._watch()
            except BrokenFrames as fault:
                self.faults.append(str(fault))
                self.painted.epoch = self.painted.position = None
            except LOST:
                pass  # it comes back with its cursor
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _watch(self) -> None:
        async with connect(
            self._address(),
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            proxy=None,
            open_timeout=OPEN_WAIT_S,
            close_timeout=1,
            max_size=FRAME_MAX_BYTES,
            max_queue=1 if self._reads_every_s else 16,
        ) as socket:
            self.connections += 1
            while True:
                async with asyncio.timeout(SILENCE_MAX_S + self._reads_every_s):
                    await self._read(socket)

    async def _read(self, socket: ClientConnection) -> None:
        message: Json = msgspec.json.decode(await socket.recv())
        self._heard_s = self._now_s()
        if message["type"] == "frame":
            self.painted.merge(message)
            self.frames += 1
            self.arrivals.add(message["to"], self._now_s())
            await socket.send(msgspec.json.encode({"type": "painted", "to": message["to"]}).decode())
        self.beats += message["type"] == "beat"
        if self._reads_every_s:
            await asyncio.sleep(self._reads_every_s)

    def _address(self) -> str:
        painted = self.painted
        query = {"view": self.view}
        if painted.epoch is not None:
            query["after"] = f"{painted.epoch}:{painted.position}"
        return f"{self.line.url.replace('http', 'ws', 1)}/api/contests/{quote(self._contest, safe='')}/board?{urlencode(query)}"


def shown(rows: dict[str, Json]) -> dict[str, Json]:
    """Rows as they can be compared with those of the whole board, which have ranks, too."""
    return {name: {key: value for key, value in row.items() if key != "rank"} for name, row in rows.items()}
