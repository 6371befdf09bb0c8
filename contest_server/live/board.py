"""The board as a log of frames for each view. Displays are cursors into it: nobody queues for a slow screen."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from contest_server.core.audience import AUDIENCES, Audience, first_clears_for, frozen_notice, row_for
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, VenueId
from contest_server.core.ranking import Ranking
from contest_server.core.rows import BoardRow, digest_of_board, plain_decimal
from contest_server.core.times import text_of_us
from contest_server.live.frames import Frame, merge
from contest_server.live.views import All, Chosen, OfVenue, Top, View


class TooManyViews(Exception):
    """More different views of one board than the server keeps. Ask for one of those that others use."""


class AudienceBoard:
    """All rows as one audience sees them, in order, with the totals of the venues."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.rows: dict[ContestantId, BoardRow] = {}
        self.ranking = Ranking()
        self.dirty: set[ContestantId] = set()
        self._tallies: dict[VenueId, list[Any]] = {}

    def take(self, contest: Contest, contestants: Iterable[ContestantId]) -> None:
        """Look at these contestants again, through the gate."""
        for contestant in contestants:
            before, row = self.rows.get(contestant), row_for(contest, contestant, self.audience)
            if before == row:
                continue
            self._tally(before, -1)
            self._tally(row, 1)
            self.dirty.add(contestant)
            if row is None:
                del self.rows[contestant]
                self.ranking.remove(contestant)
            else:
                self.rows[contestant] = row
                self.ranking.place(contestant, row.row.key, ranked=row.row.status != "guest")

    def venues(self) -> dict[str, dict[str, Any]]:
        """Running totals of each venue over its competing contestants."""
        best: dict[VenueId, ContestantId] = {}
        for contestant in self.ranking:
            row = self.rows[contestant]
            if row.venue is not None and row.row.status != "guest":
                best.setdefault(row.venue, contestant)
            if len(best) == len(self._tallies):
                break
        return {
            venue: {"contestants": count, "cleared": cleared, "points": plain_decimal(points), "best": best.get(venue)}
            for venue, (count, cleared, points) in sorted(self._tallies.items())
        }

    def _tally(self, row: BoardRow | None, sign: int) -> None:
        if row is None or row.venue is None or row.row.status == "guest":
            return
        tally = self._tallies.setdefault(row.venue, [0, 0, Decimal(0)])
        tally[0] += sign
        tally[1] += sign * row.row.cleared
        tally[2] += sign * Decimal(row.row.points)


class ViewLog:
    """The frames of one view. Every display of the view shares them."""

    def __init__(self, view: View, frames_kept: int) -> None:
        self.view = view
        self.position = 0
        self.watchers = 0
        self._members: set[ContestantId] = set()
        self._frames: deque[Frame] = deque(maxlen=frames_kept)
        self._merged: dict[int, Frame] = {}

    def start(self, board: AudienceBoard, position: int, state: bytes) -> None:
        """Begin with what is there now; nothing before it is known."""
        self._members = set(self._select(board, board.rows))
        self.position = position
        self._frames.clear()
        self._merged = {0: self._whole(board, state)}

    def advance(self, board: AudienceBoard, position: int, state: bytes) -> None:
        """Add the frame from the last position to this one."""
        if isinstance(self.view, Top):
            members = set(board.ranking.top(self.view.rows))
            changed = (board.dirty & members) | (members - self._members)
            gone = self._members - members
        else:
            changed = set(self._select(board, board.dirty))
            gone = {contestant for contestant in board.dirty if contestant in self._members and contestant not in changed}
            members = (self._members | changed) - gone
        rows = {contestant: board.rows[contestant] for contestant in sorted(changed)}
        self._frames.append(Frame(self.position, position, rows, frozenset(gone), state, len(board.rows)))
        self._members, self.position, self._merged = members, position, {}

    def after(self, cursor: int | None, board: AudienceBoard, state: bytes) -> Frame | None:
        """What a display that has painted `cursor` needs next; None if nothing. An unknown or too old cursor gets everything."""
        if cursor == self.position:
            return None
        known = cursor is not None and self._frames and self._frames[0].after <= cursor < self.position
        start = cursor if known and cursor is not None else 0
        frame = self._merged.get(start)
        if frame is None:
            frame = merge((each for each in self._frames if each.to > start), start) if known else self._whole(board, state)
            self._merged[start] = frame
        return frame

    def _whole(self, board: AudienceBoard, state: bytes) -> Frame:
        rows = {contestant: board.rows[contestant] for contestant in board.ranking if contestant in self._members}
        return Frame(0, self.position, rows, frozenset(), state, len(board.rows))

    def _select(self, board: AudienceBoard, contestants: Iterable[ContestantId]) -> Iterable[ContestantId]:
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
        self._frames_kept = frames_kept
        self._views_max = views_max
        self._audiences = {audience: AudienceBoard(audience) for audience in AUDIENCES}
        self._views: dict[tuple[Audience, View], ViewLog] = {}
        self._states: dict[Audience, tuple[Any, bytes]] = {}
        self._gate = (0, 0)

    def take(self, changed: Iterable[ContestantId]) -> None:
        """Rows changed in the fold: look at them through each audience's gate."""
        gate = (self.contest.frozen.position if self.contest.frozen else 0, self.contest.adopted_at)
        touched = set(changed)
        if gate != self._gate:
            self._gate = gate
            touched |= set(self.contest.rows).union(*(board.rows for board in self._audiences.values()))
        for board in self._audiences.values():
            board.take(self.contest, touched)
        self.touched.set()

    def paint(self, now_us: int) -> None:
        """Make the next frame of every view that somebody watches, if there is anything new, and wake the displays."""
        for audience, board in self._audiences.items():
            state, changed = self._state(audience, now_us)
            for (each, _), log in self._views.items():
                if each == audience and (changed or board.dirty or log.position != self.contest.position):
                    log.advance(board, self.contest.position, state)
            board.dirty.clear()
        self.painted.set()
        self.painted = asyncio.Event()

    def watch(self, audience: Audience, view: View, now_us: int) -> ViewLog:
        """The log of this view; it is kept while somebody watches. Raises TooManyViews."""
        log = self._views.get((audience, view))
        if log is None:
            if len(self._views) >= self._views_max:
                raise TooManyViews(f"{self._views_max} different views are open")
            self.paint(now_us)
            log = self._views[audience, view] = ViewLog(view, self._frames_kept)
            log.start(self._audiences[audience], self.contest.position, self._state(audience, now_us)[0])
        log.watchers += 1
        return log

    def unwatch(self, audience: Audience, log: ViewLog) -> None:
        log.watchers -= 1
        if log.watchers == 0:
            self._views.pop((audience, log.view), None)

    def next_frame(self, audience: Audience, log: ViewLog, cursor: int | None) -> Frame | None:
        """What a display of this view needs after `cursor`."""
        return log.after(cursor, self._audiences[audience], self._states[audience][1])

    def digest(self, audience: Audience) -> str:
        """Equal digests mean that this audience sees equal boards."""
        return digest_of_board(self._audiences[audience].rows, first_clears_for(self.contest, audience))

    def whole(self, audience: Audience, view: View, now_us: int) -> tuple[AudienceBoard, Frame]:
        """The whole board of a view now, for people with curl."""
        board = self._audiences[audience]
        log = ViewLog(view, 2)
        log.start(board, self.contest.position, self._state(audience, now_us)[0])
        frame = log.after(None, board, b"")
        assert frame is not None
        return board, frame

    def _state(self, audience: Audience, now_us: int) -> tuple[bytes, bool]:
        """The board's state as JSON, and whether more than the time in it changed since the last call."""
        contest, clock, board = self.contest, self.contest.clock, self._audiences[audience]
        lasting = {
            "phase": clock.phase(now_us),
            "started": None if clock.start_us is None else text_of_us(clock.start_us),
            "duration_ms": clock.duration_ms,
            "frozen": frozen_notice(contest),
            "final": contest.final,
            "definition": contest.version,
            "roster": self.roster_version,
            "venues": board.venues(),
            "first": {stage: {"contestants": who, "ms": ms} for stage, (who, ms) in sorted(first_clears_for(contest, audience).items())},
        }
        changed = self._states.get(audience, (None, b""))[0] != lasting
        text = msgspec.json.encode({"now": text_of_us(now_us), "elapsed_ms": clock.elapsed_ms(now_us), **lasting})
        self._states[audience] = lasting, text
        return text, changed
