"""When a board is painted: soon after it was touched, never twice within an interval, and not while nobody could show it.

What happens calls it, and so does the clock: a task that waited for either would cost three more turns of the loop for each picture.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from contest_server.live.board import Board
from contest_server.live.flag import nobody

LOOK_EVERY_S = 1.0
"""What time alone changes (the contest begins, or ends) is painted no later than this."""


class Painter:
    """Paints while this board's picture is wanted and something of it was touched. `interval_s`: the shortest time between two pictures."""

    def __init__(self, board: Board, paint: Callable[[], None], interval_s: float) -> None:
        self._touched, self._is_wanted = board.touched, board.is_wanted
        self._paint = paint
        self._interval_s = interval_s
        self._painted_s = self._again_s = 0.0
        """When the last picture was begun, and when the next one may be."""
        self._due: asyncio.Handle | None = None

    async def run(self) -> None:
        """Paint until cancelled. Raises what painting raises."""
        self._loop = asyncio.get_running_loop()
        failed = self._failed = self._loop.create_future()
        self._touched.tell, self._is_wanted.tell = self._touch, self._look
        try:
            self._look()
            while not failed.done():
                left_s = self._painted_s + LOOK_EVERY_S - self._loop.time()
                if left_s <= 0:
                    self._touched.set()
                await asyncio.wait((failed,), timeout=left_s if left_s > 0 else LOOK_EVERY_S)
            failed.result()
        finally:
            self._touched.tell = self._is_wanted.tell = nobody
            if self._due is not None:
                self._due.cancel()

    def _touch(self) -> None:
        """Something changed, and who waited for it was answered: paint it in the same turn, if there may be another picture."""
        if self._due is None and self._is_wanted.is_set() and self._loop.time() >= self._again_s:
            self._paint_now()
        else:
            self._look()

    def _look(self) -> None:
        """Paint as soon as somebody wants it and there may be another picture, after all that is to be done already."""
        if self._due is None and self._touched.is_set() and self._is_wanted.is_set():
            if self._loop.time() >= self._again_s:
                self._due = self._loop.call_soon(self._paint_now)
            else:
                self._due = self._loop.call_at(self._again_s, self._paint_now)

    def _paint_now(self) -> None:
        self._due = None
        if not self._is_wanted.is_set():  # any more: it is told when that changes
            return
        self._touched.clear()
        self._painted_s = self._loop.time()
        try:
            self._paint()
        except Exception as error:  # noqa: BLE001 - it is told to who runs this
            if not self._failed.done():
                self._failed.set_exception(error)
        self._again_s = max(self._painted_s + self._interval_s, self._loop.time() + self._interval_s / 2)
