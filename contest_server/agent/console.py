"""An agent on a terminal or in a log: the status line, what a person should read, and the person's signals. Writes to one stream only."""

from __future__ import annotations

import asyncio
import shutil
import signal
import unicodedata
from typing import TextIO

from contest_server.agent.agent import Agent, Ended
from contest_server.agent.reading import NowUs, time_text
from contest_server.agent.status import Ticker, View, is_loud
from contest_server.agent.wording import in_both
from contest_server.core.saying import Said, Text

LOOK_EVERY_S = 0.1
_RED, _PLAIN, _CLEAR = "\x1b[31m", "\x1b[0m", "\r\x1b[2K"


class Console:
    def __init__(self, stream: TextIO, now_us: NowUs) -> None:
        self._stream, self._now_us = stream, now_us
        self._is_terminal = stream.isatty()
        self._ticker = Ticker(is_terminal=self._is_terminal)

    def tell(self, text: Text) -> None:
        """A line that stays, in both languages."""
        clear = _CLEAR if self._is_terminal else ""
        self._write(f"{clear}{time_text(self._now_us())[11:19]}Z {printable(in_both(text))}\n")

    def show(self, view: View) -> None:
        """The status line, if it is due."""
        text = self._ticker.due(view)
        if text is None:
            return
        if not self._is_terminal:
            self.tell(text)
            return
        text = cut(printable(text), shutil.get_terminal_size().columns - 1)
        self._write(f"{_CLEAR}{_RED if is_loud(view) else ''}{text}{_PLAIN}")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def printable(text: str) -> str:
    """A server's words must not move the cursor of a terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def cut(text: str, columns: int) -> str:
    """As much as fits: a Chinese character takes two columns."""
    width = 0
    for index, char in enumerate(text):
        width += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if width > columns:
            return text[:index]
    return text


async def attend(agent: Agent, console: Console) -> Ended:
    """Run the agent with its status on show; SIGINT and SIGTERM end it in order."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, agent.stop, Said("stopped by {signal}", signal=number.name))
        except NotImplementedError:  # an event loop of Windows: Ctrl-C ends it as a kill does, and nothing is lost
            break
    async with asyncio.TaskGroup() as group:
        showing = group.create_task(_keep_showing(agent, console))
        ended = await agent.run()
        showing.cancel()
    console.show(agent.view())
    console.tell(ended.reason)
    return ended


async def _keep_showing(agent: Agent, console: Console) -> None:
    while True:
        console.show(agent.view())
        await asyncio.sleep(LOOK_EVERY_S)
