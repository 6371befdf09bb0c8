"""A crowd of displays as a process of its own (`crowd.c`). Refuses nothing by itself: whoever asks compares what was seen (`sights.py`)."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.bench.load.sights import Sight, read_sight
from tests.bench.machine import compiled, dies_with_us
from tests.bench.rows import Missing, NotDelivered

SOURCE = Path(__file__).with_name("crowd.c")
TAIL_BYTES = 4_096
IN_FLIGHT = 64
QUIET_S, LOOK_S = 0.3, 0.05
QUIET_WITHIN_S, ENDS_WITHIN_S = 60.0, 30.0


def upgrade(path: str, *, deflate: bool = False, headers: Mapping[str, str] | None = None) -> bytes:
    """The request that makes a WebSocket."""
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: Y29udGVzdC1zZXJ2ZXIhIQ==",
        *(["Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover"] if deflate else []),
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass(frozen=True, slots=True)
class Counted:
    """Of the connections that read. For other protocols than WebSocket `messages`, `least` and `most` count bytes."""

    connections: int
    messages: int
    least: int
    most: int
    bytes: int


class Crowd:
    """COUNT displays connected to a port. A context: it ends with its connections."""

    def __init__(self, scratch: Path, port: int, count: int, request: bytes, *, mode: str = "ws", stalled: int = 0) -> None:
        program = compiled(SOURCE, scratch)
        if program is None:
            raise Missing("apt install gcc libc6-dev")
        self.count, self._scratch = count, scratch
        asked = scratch / f"request-{port}-{count}-{mode}-{stalled}-{time.monotonic_ns()}"
        asked.write_bytes(request)
        words = [str(program), str(port), str(count), str(asked), mode, str(IN_FLIGHT), str(stalled)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True, preexec_fn=dies_with_us)

    def __enter__(self) -> Crowd:
        self._answer()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=ENDS_WITHIN_S)

    @property
    def pid(self) -> int:
        return self._process.pid

    def counted(self) -> Counted:
        return Counted(*map(int, self._ask("count").split()[1:]))

    def zero(self) -> None:
        self._ask("zero")

    def until(self, enough: Callable[[Counted], bool], within_s: float = QUIET_WITHIN_S) -> Counted:
        """Look again until it is enough. Raises NotDelivered when it is not in time."""
        by_s = time.monotonic() + within_s
        while True:
            now = self.counted()
            if enough(now):
                return now
            if time.monotonic() > by_s:
                raise NotDelivered(f"after {within_s:.0f} s only {now}")
            time.sleep(LOOK_S)

    def quiet(self, within_s: float = QUIET_WITHIN_S) -> Counted:
        """Once nothing more comes for a moment."""
        before, since_s, by_s = self.counted(), time.monotonic(), time.monotonic() + within_s
        while time.monotonic() - since_s < QUIET_S and time.monotonic() < by_s:
            time.sleep(LOOK_S)
            now = self.counted()
            if now.bytes != before.bytes:
                before, since_s = now, time.monotonic()
        return before

    def sight(self) -> Sight:
        path = self._scratch / f"sight-{self.pid}"
        self._ask(f"dump {path}")
        data = path.read_bytes()
        path.unlink()
        return read_sight(data)

    def tails(self) -> list[bytes]:
        """The last bytes that each connection got."""
        path = self._scratch / f"tails-{self.pid}"
        self._ask(f"tails {path}")
        data = path.read_bytes()
        path.unlink()
        return [data[at : at + TAIL_BYTES] for at in range(0, len(data), TAIL_BYTES)]

    def _ask(self, command: str) -> str:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended: the answer says why
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            assert self._process.stderr is not None
            raise NotDelivered(f"the displays ended: {self._process.stderr.read()[-500:]}")
        return line
