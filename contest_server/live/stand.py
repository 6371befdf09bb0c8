"""All displays of one view of a board. Those that are in step get the same bytes, one after the other; nobody waits for a slow one.

A display is in step while it has all that the others have, nothing is kept for it, and its credit allows. One that falls back (its socket
is full, or it has not painted) is sent one merged frame when that is over, from its own cursor, and is in step again. Frames are written in
slices (`slices.py`), and while a frame is being written none is painted: whatever comes meanwhile is in the next one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from contest_server.core.audience import Audience
from contest_server.core.times import text_of_us
from contest_server.live.board import Board, ViewLog
from contest_server.live.frames import Frame
from contest_server.live.pouring import Pour, one_by_one
from contest_server.live.seats import AWAY, Outlet, Seat
from contest_server.live.slices import Slices
from contest_server.wire.display import DisplaySession
from contest_server.wire.framing import Packed
from contest_server.wire.messages import Beat, Close
from contest_server.wire.venue import encode

ROW_DISPLAYS, SHORT_ROW_DISPLAYS = 64, 8
"""So many are written to before it is asked whether it is somebody else's turn: few, while somebody waits for an answer."""
LOOKS_A_BEAT = 4
"""A display gets a beat when it has heard nothing for the last but one of so many parts of the interval: in time, never late."""


Point = tuple[int | None, int | None]
"""A position, and a revision of the view's log."""


class Stand:
    """The displays of one view, for one audience."""

    def __init__(
        self, board: Board, audience: Audience, log: ViewLog, credit: int, beat_s: float, bad_max: int, pour: Pour = one_by_one
    ) -> None:
        self._board, self._audience, self._log = board, audience, log
        self._credit, self._beat_s, self._bad_max, self._pour = credit, beat_s, bad_max, pour
        self._at: Point = None, None
        """Position and revision that all who are in step have got; those before, while a frame is being written."""
        self._before: Point = self._at
        self._number = 0
        """Frames sent in step so far; `_tos` are the positions of the last of them."""
        self._tos: deque[int] = deque(maxlen=credit)
        self._lists: dict[bool, list[Seat]] = {False: [], True: []}
        """Who is in step, or was until lately, by whether they take deflated frames."""
        self._is_writing = False
        self._done: dict[bool, int] | None = None
        """While a frame is being written: how many of each list have got it."""
        self._seats: set[Seat] = set()
        self._able: dict[Seat, None] = {}
        """Who could be written to, but is not in step: they get what they need after each round."""
        self._sent_at_s = 0.0

    # ---- coming and going --------------------------------------------------------------------------------------------------------

    @contextmanager
    def seated(self, outlet: Outlet, session: DisplaySession) -> Iterator[Seat]:
        """A seat for this display, while it is here. It gets what it needs at once."""
        seat = Seat(self, outlet, session, self._bad_max)
        self._seats.add(seat)
        try:
            yield seat
        finally:
            seat.end(None)
            self._seats.discard(seat)
            self._able.pop(seat, None)

    def __len__(self) -> int:
        return len(self._seats)

    def close(self, close: Close) -> None:
        """Send everybody away."""
        for seat in list(self._seats):
            seat.end(close)

    # ---- one display -------------------------------------------------------------------------------------------------------------

    def offer(self, seat: Seat) -> None:
        """Send a display that is not in step what it needs; then it is."""
        if seat.until != AWAY or seat.over.done():
            return
        session = seat.session
        while seat.outlet.is_clear and session.has_credit:
            frame = self._next(session.cursor, session.revision)
            if frame is None:
                self._join(seat)
                return
            session.sent(frame.to, self._log.revision)
            seat.sent_at_s = _now_s()
            _write_one(seat, self._packed(frame))

    def credit(self, seat: Seat) -> None:
        """A display has painted: it may be sent more, in step or alone."""
        if seat.until == AWAY:
            self.offer(seat)
        else:
            seat.in_step(self._number, self._credit, list(self._tos))

    def fall_back(self, seat: Seat) -> None:
        """From now on this display is served alone."""
        if self._done is None or seat.place < self._done[seat.deflated]:
            self._fall_back(seat, self._number, self._at)
        else:
            self._fall_back(seat, self._number - 1, self._before)

    def position_of(self, seat: Seat) -> int | None:
        """As far as this display was sent the board."""
        return seat.session.cursor if seat.until == AWAY else self._at[0]

    def _fall_back(self, seat: Seat, number: int, at: Point) -> None:
        seat.until = AWAY
        position, revision = at
        assert position is not None, "nobody is in step with nothing"
        assert revision is not None, "nobody is in step with nothing"
        count = min(number - seat.joined, len(self._tos))
        end = len(self._tos) - (self._number - number)
        seat.session.sent_in_step(position, revision, list(self._tos)[max(0, end - count) : end])
        seat.sent_at_s = self._sent_at_s

    def _join(self, seat: Seat) -> None:
        """In step, if it has what the others have; not in the middle of a frame that it has got already."""
        at = seat.session.cursor, seat.session.revision
        if not self._is_writing and not any(self._lists.values()):
            self._at, self._sent_at_s = at, seat.sent_at_s
        if self._is_writing or at != self._at:
            self._able[seat] = None
            return
        seat.joined = self._number
        seat.in_step(self._number, self._credit, ())
        if not seat.is_listed:
            seat.is_listed, seat.place = True, len(self._lists[seat.deflated])
            self._lists[seat.deflated].append(seat)

    # ---- all displays ------------------------------------------------------------------------------------------------------------

    async def run(self, closed: asyncio.Event, owed_s: Callable[[], float], slices: Slices, now_us: Callable[[], int]) -> None:
        """Write whatever is painted, and beats where nothing is, until the desk is closed or this is cancelled.

        While the ledger owes an answer for longer, nobody knows whether there is nothing: no beat, and displays say that they are stale.
        """
        look_s = self._beat_s / LOOKS_A_BEAT
        while not closed.is_set():
            painted = self._board.painted
            with self._board.being_written():
                await self._round(slices)
            with suppress(TimeoutError):
                async with asyncio.timeout(look_s):
                    await painted.wait()
                    continue
            if owed_s() <= self._beat_s:
                await self._beat(now_us(), slices, _now_s() - look_s * (LOOKS_A_BEAT - 1))

    async def _round(self, slices: Slices) -> None:
        """One frame to all who are in step, then to each of the others what it needs."""
        slices.begin()
        if any(self._lists.values()):
            frame = self._next(*self._at)
            if frame is not None:
                self._number += 1
                self._tos.append(frame.to)
                self._before, self._at = self._at, (frame.to, self._log.revision)
                self._done = {False: 0, True: 0}
                await self._write(self._packed(frame), slices)
        able, self._able = self._able, {}
        for seat in able:
            if slices.is_over:
                await slices.give_way()
            self.offer(seat)

    async def _beat(self, now_us: int, slices: Slices, silent_since_s: float) -> None:
        """A beat to everybody who has heard nothing for so long, and can hear."""
        now = text_of_us(now_us)
        slices.begin()
        if self._sent_at_s <= silent_since_s and any(self._lists.values()):
            await self._write(Packed(encode(Beat(self._at[0] or 0, now)).encode()), slices)
        for seat in [seat for seat in self._seats if seat.until == AWAY and seat.sent_at_s <= silent_since_s]:
            if seat.outlet.is_clear and not seat.over.done():
                seat.sent_at_s = _now_s()
                _write_one(seat, Packed(encode(Beat(seat.session.cursor or 0, now)).encode()))

    async def _write(self, packed: Packed, slices: Slices) -> None:
        """The same bytes to all who are in step, slice by slice. Nobody comes in step meanwhile."""
        self._sent_at_s, self._is_writing = _now_s(), True
        try:
            for deflated, seats in self._lists.items():
                data, begin = packed.frame(deflated=deflated) if seats else b"", 0
                while begin < len(seats):
                    if slices.is_over:
                        await slices.give_way()
                    end = begin + (SHORT_ROW_DISPLAYS if slices.is_short else ROW_DISPLAYS)
                    if self._done is not None:
                        self._done[deflated] = end
                    self._write_row(seats[begin:end], data)
                    begin = end
        finally:
            self._is_writing, self._done = False, None
            self._clear_out()

    def _write_row(self, seats: Sequence[Seat], data: bytes) -> None:
        number = 0 if self._done is None else self._number
        able = [seat for seat in seats if seat.until >= number]
        for place, written in self._pour(able, data):
            self._fall_back(able[place], self._number, self._at)
            able[place].outlet.keep(data[written:])
        if len(able) < len(seats):
            for seat in seats:
                if AWAY < seat.until < number:  # its credit is used up: this frame was not sent to it
                    self._fall_back(seat, number - 1, self._before)

    def _clear_out(self) -> None:
        """Forget whom nothing was written to."""
        for deflated, seats in self._lists.items():
            if any(seat.until == AWAY for seat in seats):
                for seat in seats:
                    seat.is_listed = seat.until != AWAY
                kept = self._lists[deflated] = [seat for seat in seats if seat.is_listed]
                for place, seat in enumerate(kept):
                    seat.place = place

    def _next(self, cursor: int | None, revision: int | None) -> Frame | None:
        return self._board.next_frame(self._audience, self._log, cursor, revision)

    def _packed(self, frame: Frame) -> Packed:
        return frame.packed(self._board.epoch)


def _write_one(seat: Seat, packed: Packed) -> None:
    data = packed.frame(deflated=seat.deflated)
    try:
        written = seat.put(data)
    except OSError:
        written = 0
    if written != len(data):
        seat.outlet.keep(data[written:])


def _now_s() -> float:
    return asyncio.get_running_loop().time()
