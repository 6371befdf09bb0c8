"""What servers told venues, heard on the cable: the witness of every acknowledgement, outside of server and agent.

Reads RFC 6455 frames as servers send them: unmasked, here without compression. Refuses what it does not understand rather than overhear it.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

HEAD_ENDS = b"\r\n\r\n"
TEXT, CONTINUED = 0x1, 0x0


@dataclass
class Sentences:
    """The texts of one connection, out of its bytes as they come."""

    _rest: bytearray = field(default_factory=bytearray)
    _upgraded: bool = False
    _parts: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[str]:
        self._rest += data
        if not self._upgraded and not self._pass_head():
            return []
        texts = []
        while (frame := self._frame()) is not None:
            final, opcode, payload = frame
            if opcode in (TEXT, CONTINUED):
                self._parts += payload
                if final:
                    texts.append(self._parts.decode())
                    self._parts.clear()
        return texts

    def _pass_head(self) -> bool:
        """True once the head of the answer is behind us. An answer that is no upgrade has no frames."""
        head, ends, rest = bytes(self._rest).partition(HEAD_ENDS)
        if not ends or not head.startswith(b"HTTP/1.1 101"):
            return False
        assert b"permessage-deflate" not in head.lower(), "compressed: ask for none"
        self._rest, self._upgraded = bytearray(rest), True
        return True

    def _frame(self) -> tuple[bool, int, bytes] | None:
        rest = self._rest
        if len(rest) < 2:
            return None
        length, begin = rest[1] & 0x7F, 2
        assert not rest[1] & 0x80, "a server's frame is not masked"
        if length >= 126:
            more = 2 if length == 126 else 8
            length, begin = int.from_bytes(rest[2 : 2 + more]), 2 + more
        if len(rest) < begin or len(rest) < begin + length:
            return None
        final, opcode, payload = bool(rest[0] & 0x80), rest[0] & 0x0F, bytes(rest[begin : begin + length])
        del rest[: begin + length]
        return final, opcode, payload


@dataclass
class Ears:
    """What one source was told: the highest number that was acknowledged, every acknowledgement, every refusal."""

    news: asyncio.Event
    acknowledged: int = 0
    position: int = 0
    acknowledgements: int = 0
    refusals: list[str] = field(default_factory=list)
    clock: tuple[int, int] | None = None
    """How wrong the server takes the device's clock to be, and how surely (µs)."""
    _connections: dict[int, Sentences] = field(default_factory=dict)

    def hear(self, connection: int, data: bytes) -> None:
        for text in self._connections.setdefault(connection, Sentences()).feed(data):
            self._take_in(text)

    def _take_in(self, text: str) -> None:
        message = json.loads(text)
        if message["type"] == "ack":
            self.acknowledgements += 1
            self.acknowledged = max(self.acknowledged, message["seq"])
            self.position = max(self.position, message["position"])
            self.news.set()
        elif message["type"] == "refused" and message["code"] != "gap":
            self.refusals.append(text)
        elif message["type"] == "clock":
            self.clock = message["offset_us"], message["error_us"]
            self.news.set()
