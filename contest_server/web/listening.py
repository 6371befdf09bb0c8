"""Sockets of venues, past the application: a message goes straight to its line, and answers straight to the transport.

Until a line listens, and after it has left, a socket is like any other. The hooks are uvicorn's own names; `tests/web/test_hub_contract.py`
notices when a new version has others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import WebSocket
from websockets.http11 import Request

from contest_server.web.guarded import Guarded
from contest_server.web.lines import Line
from contest_server.wire.framing import frame_end, is_middle, is_utf8, message_in, text_frame
from contest_server.wire.messages import Close

EXTENSION: Final = "contest.venue"
"""Under this name a venue's socket is found in the scope; another server than uvicorn has none."""


class Listening(Guarded):
    """One socket."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._line: Line | None = None
        self._is_whole = True
        """What was received since the handshake is whole frames, none of them long, and then `_rest`: most need no parser."""
        self._rest = b""

    async def converse(self, line: Line) -> Close | None:
        """Whatever is said here is heard by this line, until it is over."""
        self._take_up(line)
        try:
            return await line.over
        finally:
            self._leave()

    def _take_up(self, line: Line) -> None:
        """What was said before is heard first."""
        self._line = line
        while not self.queue.empty():
            event = self.queue.get_nowait()
            if event["type"] == "websocket.receive":
                line.heard(event.get("text") or event.get("bytes") or b"")
            else:
                line.end(None)
        if self.disconnected or self.transport.is_closing():
            line.end(None)
        line.go_on()

    # ---- what a line asks for ----------------------------------------------------------------------------------------------------

    @property
    def is_clear(self) -> bool:
        return self.writable.is_set()

    def say(self, texts: Sequence[str]) -> None:
        self.transport.write(b"".join([text_frame(text.encode()) for text in texts]))

    def pause(self) -> None:
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def _leave(self) -> None:
        """Nothing is said directly from now on."""
        super()._leave()
        line, self._line = self._line, None
        if line is not None:
            line.end(None)

    # ---- hooks of uvicorn --------------------------------------------------------------------------------------------------------

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self._is_venue and self.response.status_code == 101:
            self.scope["extensions"][EXTENSION] = {"socket": self}

    def data_received(self, data: bytes) -> None:
        if not self._is_venue or not self._is_whole or not self.handshake_complete:
            self._is_whole = not self.handshake_initiated
            super().data_received(data)
            return
        data = self._rest + data if self._rest else data
        begin = 0
        while (end := frame_end(data, begin)) is not None:
            message = message_in(data, begin, end) if self._is_between_messages else None
            if message is None or self._line is None:
                super().data_received(data[begin:end])
            else:
                self._line.heard(message)
            begin = end
        self._rest = data[begin:]
        if not is_middle(data, begin):
            self._is_whole, self._rest = False, b""
            super().data_received(data[begin:])

    @property
    def _is_between_messages(self) -> bool:
        """The parser has no fragments of a message."""
        return self.conn.current_size is None

    def pass_on(self) -> None:
        said = b"".join(self.frames)
        if self._line is None or (self.curr_msg_data_type == "text" and not is_utf8(said)):
            super().pass_on()
        else:
            self.frames = []
            self._line.heard(said)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._line is not None:
            self._line.go_on()


def listening_socket(socket: WebSocket) -> Listening | None:
    """The socket of a venue, where it can be listened to directly."""
    found: dict[str, Listening] = socket.scope.get("extensions", {}).get(EXTENSION, {})
    return found.get("socket")
