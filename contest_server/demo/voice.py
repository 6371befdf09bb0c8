"""What a demo says on a terminal: lines that stay, in both languages, and one status line. Writes to one stream only."""

from __future__ import annotations

import shutil
from typing import TextIO

from contest_server.agent.console import cut, printable

_CLEAR = "\r\x1b[2K"
LOG_EVERY_S = 60.0


class Voice:
    """On a terminal the status line is kept up to date; in a log it appears now and then."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._shown = ""
        self._logged_s = -LOG_EVERY_S

    def say(self, text: str = "") -> None:
        """Lines that stay."""
        clear = _CLEAR if self._shown else ""
        self._stream.write(f"{clear}{text}\n")
        self._shown = ""
        self._stream.flush()

    def both(self, mark: str, zh: str, en: str) -> None:
        self.say(f"{mark}  {printable(zh)}")
        self.say(f"{' ' * len(mark)}  {printable(en)}")

    def status(self, text: str, now_s: float) -> None:
        """`now_s` is of a steady clock."""
        if self._is_terminal and text != self._shown:
            self._shown = text
            self._stream.write(_CLEAR + cut(printable(text), shutil.get_terminal_size().columns - 1))
            self._stream.flush()
        elif not self._is_terminal and now_s - self._logged_s >= LOG_EVERY_S:
            self._logged_s = now_s
            self.say(text)
