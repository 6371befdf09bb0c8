"""All displays of one view of a board. Those that are in step get the same bytes, one after the other; nobody waits for a slow one.

A display is in step while it has all that the others have, nothing is kept for it, and its credit allows. One that falls back (its socket
is full, or it has not painted) is sent one merged frame when that is over, from its own cursor, and is in step again. A frame is written by
a thread (`pouring.py`) or in slices (`broadcasts.py`); while all stands of a board do, none is painted: what comes is in the next.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from contest_server.core.audience import Audience
from contest_server.core.times import text_of_us
from contest_server.live.board import Board, ViewLog
from contest_server.live.broadcasts import Broadcast, Short, Sliced, tried
from contest_server.live.frames import Frame
from contest_server.live.in_step import InStep, Kind, kind_of
from contest_server.live.pouring import Pourer
from contest_server.live.seats import AWAY, Outlet, Seat
from contest_server.live.slices import Slices
from contest_server.wire.display import DisplaySession
from contest_server.wire.framing import Packed
from contest_server.wire.messages import Beat, Close
from contest_server.wire.venue import encode

FEW_DISPLAYS = 16
"""So many are written to at once, as handing them over would cost as much."""
LOOKS_A_BEAT = 4
"""A display gets a beat when it has heard nothing for the last but one of so many parts of the interval: in time, never late."""


Point = tuple[int | None, int | None]
"""A position, and a revision of the view's log."""


class Writing(NamedTuple):
    """What is being written to all displays of one kind."""

    broadcast: Broadcast
    data: bytes
    is_frame: bool


class Stand:
    """The displays of one view, for one audience."""

    def __init__(
        self, board: Board, audience: Audience, log: ViewLog, credit: int, beat_s: float, bad_max: int, pourer: Pourer | None = None
    ) -> None:
        self._board, self._audience, self._log = board, audience, log
        self._credit, self._beat_s, self._bad_max, self._pourer = credit, beat_s, bad_max, pourer
        self._at: Point = None, None
        """Position and revision that all who are in step have got; those before, while a frame is being written."""
        self._before: Point = self._at
        self._number = 0
        """Frames sent in step so far; `_tos` are the positions of the last of them."""
        self._tos: deque[int] = deque(maxlen=credit)
        self._in_step: dict[Kind, InStep] = {}
        self._writing: dict[Kind, Writing] = {}
        """While something is being written: nobody comes in step, and nobody's place changes."""
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
        """Send everybody away. Nothing is written any more, and nobody is known."""
        for seat in list(self._seats):
            seat.end(close)
        self._in_step.clear()

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
            self._in_step[kind_of(seat)].credited(seat)

    def fall_back(self, seat: Seat) -> None:
        """From now on this display is served alone. It gets what is left of a frame that has begun to go to it."""
        writing = self._writing.get(kind_of(seat))
        went = None if writing is None else writing.broadcast.take_back(seat.place)
        if writing is not None and writing.is_frame and went is None:
            self._fall_back(seat, self._number - 1, self._before)
            return
        self._fall_back(seat, self._number, self._at)
        if writing is not None and went is not None and went < len(writing.data):
            seat.outlet.keep(writing.data[went:])

    def make_way(self, seat: Seat) -> None:
        """Something else is about to be written to this display, and must not come into the middle of a frame."""
        writing = self._writing.get(kind_of(seat)) if seat.until != AWAY else None
        if writing is not None and writing.broadcast.take_back(seat.place) != len(writing.data):
            self.fall_back(seat)
            self._able[seat] = None

    def position_of(self, seat: Seat) -> int | None:
        """As far as this display was sent the board."""
        return seat.session.cursor if seat.until == AWAY else self._at[0]

    def _fall_back(self, seat: Seat, number: int, at: Point) -> None:
        seat.until = AWAY
        self._in_step[kind_of(seat)].leave(seat)
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
        if not self._writing and not any(self._in_step.values()):
            self._at, self._sent_at_s = at, seat.sent_at_s
        if self._writing or at != self._at:
            self._able[seat] = None
            return
        seat.joined = self._number
        seat.in_step(self._number, self._credit, ())
        self._in_step.setdefault(kind_of(seat), InStep()).join(seat)

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
        if any(self._in_step.values()):
            frame = self._next(*self._at)
            if frame is not None:
                self._number += 1
                self._tos.append(frame.to)
                self._before, self._at = self._at, (frame.to, self._log.revision)
                await self._write(self._packed(frame), slices, is_frame=True)
        able, self._able = self._able, {}
        for seat in able:
            if slices.is_over:
                await slices.give_way()
            self.offer(seat)

    async def _beat(self, now_us: int, slices: Slices, silent_since_s: float) -> None:
        """A beat to everybody who has heard nothing for so long, and can hear."""
        now = text_of_us(now_us)
        slices.begin()
        if self._sent_at_s <= silent_since_s and any(self._in_step.values()):
            await self._write(Packed(encode(Beat(self._at[0] or 0, now)).encode()), slices, is_frame=False)
        for seat in [seat for seat in self._seats if seat.until == AWAY and seat.sent_at_s <= silent_since_s]:
            if seat.outlet.is_clear and not seat.over.done():
                seat.sent_at_s = _now_s()
                _write_one(seat, Packed(encode(Beat(seat.session.cursor or 0, now)).encode()))

    async def _write(self, packed: Packed, slices: Slices, *, is_frame: bool) -> None:
        """The same bytes to all who are in step. Nobody comes in step meanwhile."""
        self._sent_at_s = _now_s()
        number = self._number if is_frame else 0
        try:
            for kind, in_step in self._in_step.items():
                data = packed.frame(deflated=kind.deflated) if in_step else b""
                self._writing[kind] = Writing(self._begun(kind, in_step, number, data, slices), data, is_frame)
            for writing in sorted(self._writing.values(), key=_goes_by_itself):
                await writing.broadcast.over()
        finally:
            for kind, writing in self._writing.items():
                self._written(self._in_step[kind], writing.broadcast.stop())
            self._writing = {}
            for in_step in self._in_step.values():
                in_step.clear_out()

    def _begun(self, kind: Kind, in_step: InStep, number: int, data: bytes, slices: Slices) -> Broadcast:
        """To those whose credit allows this frame; the others fall back."""
        for seat in in_step.without_credit(number):
            self._fall_back(seat, number - 1, self._before)
        if kind.is_plain and self._pourer is not None and len(in_step) > FEW_DISPLAYS:
            return self._pourer.begin(in_step.descriptors, data)
        return Sliced(in_step.puts, data, slices)

    def _written(self, in_step: InStep, short: Short) -> None:
        """Who did not take all of it falls back, unless it has done so meanwhile."""
        for place, _ in short:
            if in_step.seats[place].until != AWAY:
                self.fall_back(in_step.seats[place])

    def _next(self, cursor: int | None, revision: int | None) -> Frame | None:
        return self._board.next_frame(self._audience, self._log, cursor, revision)

    def _packed(self, frame: Frame) -> Packed:
        return frame.packed(self._board.epoch)


def _write_one(seat: Seat, packed: Packed) -> None:
    data = packed.frame(deflated=seat.deflated)
    written = tried(seat.put, data)
    if written != len(data):
        seat.outlet.keep(data[written:])


def _goes_by_itself(writing: Writing) -> bool:
    return writing.broadcast.goes_by_itself


def _now_s() -> float:
    return asyncio.get_running_loop().time()
