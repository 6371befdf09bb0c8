"""The board as a log of frames for each view. Displays are cursors into it: nobody queues for a slow screen."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from typing import Any

import msgspec

from contest_server.core.audience import AUDIENCES, Audience, first_clears_for, frozen_notice
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId
from contest_server.core.rows import BoardRow, digest_of_board
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us
from contest_server.live.audience_boards import HeldBoard, OpenBoard
from contest_server.live.frames import Frame, merge
from contest_server.live.views import All, Chosen, OfVenue, Top, View

SHOWN_MAX = 4_096
"""Moments kept of when the board moved: at the default pace of painting, over three minutes."""


class TooManyViews(Exception):
    """More different views of one board than the server keeps. Ask for one of those that others use."""


class ViewLog:
    """The frames of one view. Every display of the view shares them."""

    def __init__(self, view: View, frames_kept: int) -> None:
        self.view = view
        self.position = 0
        self.revision = 0
        self.watchers = 0
        self._rows: dict[ContestantId, BoardRow] = {}
        self._total = 0
        self._frames: deque[Frame] = deque(maxlen=frames_kept)
        self._merged: dict[int, Frame] = {}
        self._merged_state = b""

    def start(self, board: OpenBoard, position: int) -> None:
        """Begin with what is there now; nothing before it is known."""
        self._rows = {contestant: board.rows[contestant] for contestant in self._select(board, board.rows)}
        self.position, self._total = position, len(board.rows)

    def advance(self, board: OpenBoard, dirty: Set[ContestantId], position: int, state: bytes) -> None:
        """Add the frame from the last position to this one; the rows of the `dirty` changed since."""
        if isinstance(self.view, Top):
            members = set(board.ranking.top(self.view.rows))
            changed = (dirty & members) | (members - self._rows.keys())
            gone = self._rows.keys() - members
        else:
            changed = set(self._select(board, dirty))
            gone = {contestant for contestant in dirty if contestant in self._rows and contestant not in changed}
        rows = {contestant: board.rows[contestant] for contestant in sorted(changed)}
        assert position != self.position or not (rows or gone), f"rows moved at position {position}, without an entry"
        if position != self.position:
            self._frames.append(Frame(self.position, position, rows, frozenset(gone), state, len(board.rows)))
        self._rows.update(rows)
        for contestant in gone:
            del self._rows[contestant]
        self.position, self._total, self._merged = position, len(board.rows), {}
        self.revision += 1

    def after(self, cursor: int | None, revision: int | None, state: bytes) -> Frame | None:
        """What a display that has painted `cursor` needs next; None if nothing. An unknown or too old cursor gets everything: so does one
        of another server at a position where this server painted nothing, for it cannot know what was to be seen there.

        At one position only the state moves, with the time: `revision` is that of the log when the display was sent something last.
        """
        if cursor == self.position and revision == self.revision:
            return None
        if state is not self._merged_state:
            self._merged, self._merged_state = {}, state  # the time in it went on
        known = cursor is not None and any(each.after == cursor for each in reversed(self._frames))
        start = cursor if cursor is not None and (known or cursor == self.position) else 0
        frame = self._merged.get(start)
        if frame is None:
            frame = self._merged[start] = self._frame(start, state)
        return frame

    def _frame(self, start: int, state: bytes) -> Frame:
        if start == 0:
            return self.whole(state)
        if start == self.position:
            return Frame(start, start, {}, frozenset(), state, self._total)
        return merge((each for each in self._frames if each.to > start), start, state)

    def whole(self, state: bytes) -> Frame:
        """All rows of this view, in order."""
        rows = dict(sorted(self._rows.items(), key=lambda item: (item[1].row.key, item[0])))
        return Frame(0, self.position, rows, frozenset(), state, self._total)

    def _select(self, board: OpenBoard, contestants: Iterable[ContestantId]) -> Iterable[ContestantId]:
        known = [contestant for contestant in contestants if contestant in board.rows]
        match self.view:
            case All():
                return known
            case Top(rows):
                return board.ranking.top(rows)
            case OfVenue(venue):
                return [contestant for contestant in known if board.rows[contestant].venue == venue]
            case Chosen(chosen):
                return [contestant for contestant in known if contestant in chosen]


class Board:
    """What the displays of one contest see. Painted after the fold, at most once an interval."""

    def __init__(self, contest: Contest, epoch: str, frames_kept: int, views_max: int) -> None:
        self.contest = contest
        self.epoch = epoch
        self.roster_version = 0
        self.painted = asyncio.Event()
        self.touched = asyncio.Event()
        self.is_wanted = asyncio.Event()
        """Set while somebody could show a new frame at once; not while all stands are still writing the last one."""
        self.is_wanted.set()
        self._writing = 0
        self.shown: deque[tuple[int, int]] = deque(maxlen=SHOWN_MAX)
        """The positions that were painted, each with its time (µs): since when a display could have shown them."""
        self._frames_kept = frames_kept
        self._views_max = views_max
        self._open = OpenBoard(contest)
        self._held: HeldBoard | None = None
        """What the public sees instead, during a freeze."""
        self._dirty: dict[Audience, set[ContestantId]] = {audience: set() for audience in AUDIENCES}
        """Whose rows are others than each audience was painted last."""
        self._views: dict[tuple[Audience, View], ViewLog] = {}
        self._states: dict[Audience, tuple[Any, bytes]] = {}
        self._gate = (0, 0)

    def take(self, changed: Iterable[ContestantId]) -> None:
        """Rows changed in the fold: look at them through each audience's gate."""
        gate = (self.contest.frozen.position if self.contest.frozen else 0, self.contest.adopted_at)
        if gate != self._gate:
            self._gate = gate
            self._pass_gate()
        else:
            moved = self._open.take(changed)
            self._dirty["staff"] |= moved
            self._dirty["public"] |= moved if self._held is None else self._held.take(changed)
        self.touched.set()

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
        for audience, dirty in self._dirty.items():
            logs = [log for (each, _), log in self._views.items() if each == audience]
            if logs:
                lasting, state = self._state(audience, now_us)
                changed = self._states.get(audience, (None, b""))[0] != lasting
                self._states[audience] = lasting, state
                for log in logs:
                    if changed or dirty or log.position != self.contest.position:
                        log.advance(self._board(audience), dirty, self.contest.position, state)
            dirty.clear()
        if not self.shown or self.shown[-1][0] != self.contest.position:
            self.shown.append((self.contest.position, now_us))
        self.painted.set()
        self.painted = asyncio.Event()

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

    def watch(self, audience: Audience, view: View, now_us: int) -> ViewLog:
        """The log of this view; it is kept while somebody watches. Raises TooManyViews."""
        log = self._views.get((audience, view))
        if log is None:
            if len(self._views) >= self._views_max:
                raise TooManyViews(Said("{most} different views are open", most=self._views_max))
            self.paint(now_us)
            log = self._views[audience, view] = ViewLog(view, self._frames_kept)
            log.start(self._board(audience), self.contest.position)
            self._states[audience] = self._state(audience, now_us)
            self.is_wanted.set()
        log.watchers += 1
        return log

    def unwatch(self, audience: Audience, log: ViewLog) -> None:
        log.watchers -= 1
        if log.watchers == 0:
            self._views.pop((audience, log.view), None)

    def next_frame(self, audience: Audience, log: ViewLog, cursor: int | None, revision: int | None) -> Frame | None:
        """What a display of this view needs after `cursor`."""
        return log.after(cursor, revision, self._states[audience][1])

    def digest(self, audience: Audience) -> str:
        """Equal digests mean that this audience sees equal boards."""
        return digest_of_board(self._board(audience).rows, first_clears_for(self.contest, audience))

    def whole(self, audience: Audience, view: View, now_us: int) -> tuple[OpenBoard, Frame]:
        """The whole board of a view now, for people with curl."""
        board = self._board(audience)
        log = ViewLog(view, 2)
        log.start(board, self.contest.position)
        return board, log.whole(self._state(audience, now_us)[1])

    def _state(self, audience: Audience, now_us: int) -> tuple[Any, bytes]:
        """The board's state without the time in it, and as JSON with the time."""
        contest, clock = self.contest, self.contest.clock
        lasting = {
            "phase": clock.phase(now_us),
            "started": None if clock.start_us is None else text_of_us(clock.start_us),
            "duration_ms": clock.duration_ms,
            "frozen": frozen_notice(contest),
            "final": contest.final,
            "definition": contest.version,
            "roster": self.roster_version,
            "venues": self._board(audience).venues(),
            "first": {stage: {"contestants": who, "ms": ms} for stage, (who, ms) in sorted(first_clears_for(contest, audience).items())},
        }
        return lasting, msgspec.json.encode({"now": text_of_us(now_us), "elapsed_ms": clock.elapsed_ms(now_us), **lasting})
