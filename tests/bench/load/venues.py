"""Venues as bare sockets in this process: messages are made and framed beforehand, so that sending costs little.

Refuses answers that are no acknowledgement: a refused event would make every figure cheaper.
"""

from __future__ import annotations

import json
import selectors
import socket
import struct
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tests.bench.load.displays import upgrade
from tests.bench.rows import NotDelivered

READ_BYTES = 1 << 16
ACKNOWLEDGED_WITHIN_S = 60.0
HELLO = '{"type":"hello","source":"bench"}'


def masked(text: str) -> bytes:
    """One text frame of a client. The mask is zeros: allowed, and free."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x81, 0x80 | size)
    elif size < 65_536:
        head = struct.pack("!BBH", 0x81, 0xFE, size)
    else:
        head = struct.pack("!BBQ", 0x81, 0xFF, size)
    return head + b"\0\0\0\0" + payload


def at_ms(number: int) -> str:
    """A time of its own for each number up to 43 million, so that nobody shares a first clear."""
    seconds, ms = divmod(number, 1_000)
    minutes, second = divmod(seconds, 60)
    return f"2026-11-22T{9 + minutes // 60:02}:{minutes % 60:02}:{second:02}.{ms:03}Z"


def clear(seq: int, contestant: str, stage: str, attempt: str | None = None, at: str = "2026-11-22T09:00:00.000Z") -> str:
    """One event as a venue writes it."""
    tried = attempt or f"a{seq}"
    return f'{{"seq":{seq},"kind":"clear","contestant":"{contestant}","stage":"{stage}","attempt":"{tried}","at":"{at}"}}'


def events_of(texts: Iterable[str]) -> bytes:
    """A batch, ready to be written to a socket."""
    return masked('{"type":"events","events":[' + ",".join(texts) + "]}")


@dataclass(slots=True)
class Line:
    """The socket of one venue: what it sends waits in `batches`, each with the number it reaches."""

    socket: socket.socket
    last_seq: int = 0
    acknowledged: int = 0
    position: int = 0
    held: bytes = b""
    sent_ns: dict[int, int] = field(default_factory=dict)
    delays_ns: list[int] = field(default_factory=list)

    def send(self, batch: bytes, seq: int) -> None:
        """Write a batch that reaches this number; waits where the server reads slowly."""
        self.last_seq = seq
        self.sent_ns[seq] = time.monotonic_ns()
        _write_all(self.socket, batch)

    def receive(self) -> None:
        """Take in what has come."""
        try:
            more = self.socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        if not more:
            raise NotDelivered("the server closed a venue's socket")
        now_ns, self.held = time.monotonic_ns(), self.held + more
        while (message := self._next()) is not None:
            self._take(message, now_ns)

    def _take(self, message: dict[str, object], now_ns: int) -> None:
        match message.get("type"):
            case "ack":
                seq = message["seq"]
                assert isinstance(seq, int)
                self.acknowledged, self.position = seq, int(str(message["position"]))
                for each in [sent for sent in self.sent_ns if sent <= seq]:
                    self.delays_ns.append(now_ns - self.sent_ns.pop(each))
            case "welcome" | "clock":
                pass
            case "time":
                _write_all(self.socket, masked(json.dumps({"type": "time", "t": message["t"], "at": time.time_ns() // 1_000})))
            case _:
                raise NotDelivered(f"a venue was answered {message}")

    def _next(self) -> dict[str, object] | None:
        """The next whole message; answers pings on the way."""
        while len(self.held) >= 2:
            size, head = self.held[1], 2
            if size == 126:
                if len(self.held) < 4:
                    return None
                size, head = struct.unpack_from("!H", self.held, 2)[0], 4
            if len(self.held) < head + size:
                return None
            opcode, payload, self.held = self.held[0] & 15, self.held[head : head + size], self.held[head + size :]
            if opcode == 1:
                message: dict[str, object] = json.loads(payload)
                return message
            if opcode == 8:
                raise NotDelivered(f"a venue's socket was closed with {struct.unpack_from('!H', payload)[0]}")
            if opcode == 9:
                _write_all(self.socket, struct.pack("!BB", 0x8A, 0x80 | size) + b"\0\0\0\0" + payload)
        return None


def _write_all(one: socket.socket, data: bytes) -> None:
    one.settimeout(ACKNOWLEDGED_WITHIN_S)
    one.sendall(data)
    one.settimeout(0)


class Venues:
    """Some venues, each with its socket open and greeted. A context."""

    def __init__(self, port: int, paths: Sequence[str], tokens: Sequence[str]) -> None:
        self._selector = selectors.DefaultSelector()
        self.lines = [self._open(port, path, token) for path, token in zip(paths, tokens, strict=True)]

    def __enter__(self) -> Venues:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for line in self.lines:
            line.socket.close()

    def pump(self, for_s: float) -> None:
        """Take in whatever comes within this time, at most."""
        for key, _ in self._selector.select(max(0.0, for_s)):
            line: Line = key.data
            line.receive()

    def until(self, enough: Callable[[], bool], within_s: float = ACKNOWLEDGED_WITHIN_S) -> None:
        """Take in until it is enough. Raises NotDelivered when it is not in time."""
        by_s = time.monotonic() + within_s
        while not enough():
            self.pump(0.05)
            if time.monotonic() > by_s:
                raise NotDelivered(f"not acknowledged within {within_s:.0f} s")

    def all_acknowledged(self) -> bool:
        return all(line.acknowledged >= line.last_seq for line in self.lines)

    def delays_ms(self) -> list[float]:
        """From each batch sent to its acknowledgement, since this was asked last."""
        found = [delay / 1e6 for line in self.lines for delay in line.delays_ns]
        for line in self.lines:
            line.delays_ns.clear()
        return found

    def _open(self, port: int, path: str, token: str) -> Line:
        one = socket.create_connection(("127.0.0.1", port), timeout=ACKNOWLEDGED_WITHIN_S)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.sendall(upgrade(path, headers={"Authorization": f"Bearer {token}"} if token else {}))
        head = b""
        while b"\r\n\r\n" not in head:
            more = one.recv(READ_BYTES)
            if not more:
                break
            head += more
        if b" 101 " not in head.partition(b"\r\n")[0]:
            raise NotDelivered(f"a venue was answered {head[:200]!r}")
        line = Line(one, held=head.partition(b"\r\n\r\n")[2])
        one.settimeout(0)
        _write_all(one, masked(HELLO))
        self._selector.register(one, selectors.EVENT_READ, line)
        return line


def at_pace(venues: Venues, due: Iterable[tuple[float, int, bytes, int]]) -> None:
    """Send at given times: each is (seconds from now, venue, batch, the number it reaches), in order of time. Takes in meanwhile."""
    began_s = time.monotonic()
    for at_s, venue, batch, seq in due:
        while (left_s := began_s + at_s - time.monotonic()) > 0:
            venues.pump(left_s)
        venues.lines[venue].send(batch, seq)
    venues.until(venues.all_acknowledged)
