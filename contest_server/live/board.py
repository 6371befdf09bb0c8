"""The board as a log of frames for each view. Displays are cursors into it: nobody queues for a slow screen."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec

from contest_server.core.audience import AUDIENCES, Audience, first_clears_for, frozen_notice
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId
from contest_server.core.rows import digest_of_board
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us
from contest_server.live.audience_boards import HeldBoard, OpenBoard
from contest_server.live.flag import Flag
from contest_server.live.frames import Frame
from contest_server.live.shares import Shares
from contest_server.live.view_log import Painting
from contest_server.live.view_log import ViewLog as ViewLog
from contest_server.live.views import All, View

SHOWN_MAX = 4_096
"""Moments kept of when the board moved: at the default pace of painting, over three minutes."""
UNSEEN_MAX_ROWS = 2_000
"""Beyond so many that changed, they are looked at although nobody watches: whoever comes first then waits no longer than some 10 ms."""


class TooManyViews(Exception):
    """More different views of one board than the server keeps, or than one address may have. Ask for one of those that others use."""


def _too_many(most: int, free: int) -> Said:
    """Why one more view is not opened, of which `free` more may be."""
    if free <= 0:
        return Said("{most} different views are open", most=most - free)
    return Said("this address looks at as many different views as are left for all others: {free}", free=free)


class Board:
    """What the displays of one contest see. Painted after the fold, at most once an interval."""

    def __init__(self, contest: Contest, epoch: str, frames_kept: int, views_max: int) -> None:
        self.contest = contest
        self.epoch = epoch
        self.roster_version = 0
        self.painted = asyncio.Event()
        self.touched = Flag()
        self.is_wanted = Flag()
        """Set while somebody could show a new frame at once; not while all stands are still writing the last one."""
        self.is_wanted.set()
        self._writing = 0
        self.shown: deque[tuple[int, int]] = deque(maxlen=SHOWN_MAX)
        """The positions that were painted, each with its time (µs): since when a display could have shown them."""
        self._frames_kept = frames_kept
        self._views_max = views_max
        self._shares = Shares()
        self._open = OpenBoard(contest)
        self._held: HeldBoard | None = None
        """What the public sees instead, during a freeze."""
        self._changed: set[ContestantId] = set()
        """Whose rows are others in the fold since it was looked at: nobody looks before somebody could see it."""
        self._dirty: dict[Audience, set[ContestantId]] = {audience: set() for audience in AUDIENCES}
        """Whose rows are others than each audience was painted last."""
        self._views: dict[tuple[Audience, View], ViewLog] = {}
        self._states: dict[Audience, tuple[bytes, bytes]] = {}
        self._gate = (0, 0)

    def take(self, changed: Iterable[ContestantId]) -> None:
        """These rows changed in the fold."""
        self._changed.update(changed)
        self.touched.set()

    def look(self) -> None:
        """Look at whatever changed in the fold, through each audience's gate."""
        gate = (self.contest.frozen.position if self.contest.frozen else 0, self.contest.adopted_at)
        if gate != self._gate:
            self._gate = gate
            self._pass_gate()
        elif self._changed:
            moved = self._open.take(self._changed)
            self._dirty["staff"] |= moved
            self._dirty["public"] |= moved if self._held is None else self._held.take(self._changed)
        self._changed.clear()

    def _pass_gate(self) -> None:
        """A freeze, a thaw, or a new definition: all rows may be others now, without having been touched."""
        seen = dict(self._board("public").rows)
        self._dirty["staff"] |= self._open.take({*self.contest.rows, *self._open.rows})
        self._held = None if self.contest.frozen is None else HeldBoard(self.contest)
        shown = self._board("public").rows
        self._dirty["public"] |= {each for each in seen.keys() | shown.keys() if seen.get(each) != shown.get(each)}

    def _board(self, audience: Audience) -> OpenBoard:
        return self._held if audience == "public" and self._held is not None else self._open

    def paint(self, now_us: int) -> None:
        """Make the next frame of every view that somebody watches, if there is anything new, and wake the displays."""
        if self._views or len(self._changed) > UNSEEN_MAX_ROWS:
            self.look()
        if self._held is None:
            self._paint(self._open, AUDIENCES, now_us)
        else:
            self._paint(self._held, ("public",), now_us)
            self._paint(self._open, ("staff",), now_us)
        if not self.shown or self.shown[-1][0] != self.contest.position:
            self.shown.append((self.contest.position, now_us))
        self.painted.set()
        self.painted = asyncio.Event()

    def _paint(self, board: OpenBoard, audiences: Iterable[Audience], now_us: int) -> None:
        """The next frames of one board: its state is told once, and what happened in several views alike."""
        told: tuple[bytes, bytes] | None = None
        painting: Painting = {}
        for audience in audiences:
            dirty = self._dirty[audience]
            logs = [log for (each, _), log in self._views.items() if each == audience]
            if logs:
                told = told or self._state(board, now_us)
                changed = self._states.get(audience, (b"", b""))[0] != told[0]
                self._states[audience] = told
                for log in logs:
                    if changed or dirty or log.position != self.contest.position:
                        log.advance(board, dirty, self.contest.position, told[1], painting)
            dirty.clear()

    @contextmanager
    def being_written(self) -> Iterator[None]:
        """The last frame of one view is written inside this block."""
        self._writing += 1
        if self._writing >= len(self._views):
            self.is_wanted.clear()
        try:
            yield
        finally:
            self._writing -= 1
            self.is_wanted.set()

    def watch(self, audience: Audience, view: View, now_us: int, address: str | None = None) -> ViewLog:
        """The log of this view; it is kept while somebody watches. Whoever wants to see all is always let in, the public takes no place of
        the staff's, and nobody at one `address` those of all others. Raises TooManyViews.
        """
        log = self._views.get((audience, view))
        if log is None:
            free = self._views_max - sum(whose == audience for whose, _ in self._views)
            if view != All() and not self._shares.may_open(address, free):
                raise TooManyViews(_too_many(self._views_max, free))
            self.look()
            self.paint(now_us)
            log = self._views[audience, view] = ViewLog(view, self._frames_kept)
            log.start(self._board(audience), self.contest.position)
            self._states[audience] = self._state(self._board(audience), now_us)
            self.is_wanted.set()
        log.watchers += 1
        self._shares.came(address, view)
        return log

    def unwatch(self, audience: Audience, log: ViewLog, address: str | None = None) -> None:
        """Watched no more by one who came from this `address`."""
        self._shares.left(address, log.view)
        log.watchers -= 1
        if log.watchers == 0:
            self._views.pop((audience, log.view), None)

    def next_frame(self, audience: Audience, log: ViewLog, cursor: int | None, revision: int | None) -> Frame | None:
        """What a display of this view needs after `cursor`."""
        return log.after(cursor, revision, self._states[audience][1])

    def digest(self, audience: Audience) -> str:
        """Equal digests mean that this audience sees equal boards."""
        self.look()
        return digest_of_board(self._board(audience).rows, first_clears_for(self.contest, audience))

    def whole(self, audience: Audience, view: View, now_us: int) -> tuple[OpenBoard, Frame]:
        """The whole board of a view now, for people with curl."""
        self.look()
        board = self._board(audience)
        log = ViewLog(view, 2)
        log.start(board, self.contest.position)
        return board, log.whole(self._state(board, now_us)[1])

    def _state(self, board: OpenBoard, now_us: int) -> tuple[bytes, bytes]:
        """The state of a board as JSON: without the time in it, and with it."""
        contest, clock = self.contest, self.contest.clock
        time = msgspec.json.encode({"now": text_of_us(now_us), "elapsed_ms": clock.elapsed_ms(now_us)})
        plain = msgspec.json.encode(
            {
                "phase": clock.phase(now_us),
                "started": None if clock.start_us is None else text_of_us(clock.start_us),
                "duration_ms": clock.duration_ms,
                "frozen": frozen_notice(contest),
                "final": contest.final,
                "definition": contest.version,
                "roster": self.roster_version,
            }
        )
        lasting = b"".join((plain[:-1], b',"venues":', board.venues(), b',"first":', board.first_clears(), b"}"))
        return lasting, b"".join((time[:-1], b",", lasting[1:]))
