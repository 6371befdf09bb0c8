"""The frames of one view of a board. Displays are cursors into it; an unknown cursor gets everything."""

from __future__ import annotations

from collections import deque
from collections.abc import Set

from contest_server.core.facts import ContestantId
from contest_server.core.rows import BoardRow
from contest_server.live.audience_boards import OpenBoard
from contest_server.live.frames import Change, Frame, merge
from contest_server.live.views import View
from contest_server.live.windows import moved, seen_in

Painting = dict[Change, tuple[Change, Frame]]
"""The frames of one board that are painted at one time, by what they are about."""


class ViewLog:
    """Every display of the view shares the last frame; views in which the same happened do, too. Of the frames before it only the names are
    kept: rows are absolute, so whoever comes back needs them as they are now.
    """

    def __init__(self, view: View, frames_kept: int) -> None:
        self.view = view
        self.position = 0
        self.revision = 0
        self.watchers = 0
        self._rows: dict[ContestantId, BoardRow] = {}
        self._total = 0
        self._last: Frame | None = None
        self._changes: deque[Change] = deque(maxlen=frames_kept)
        self._merged: dict[int, Frame] = {}
        self._merged_state = b""

    def start(self, board: OpenBoard, position: int) -> None:
        """Begin with what is there now; nothing before it is known."""
        self._rows = {contestant: board.rows[contestant] for contestant in seen_in(self.view, board)}
        self.position, self._total = position, len(board.rows)

    def advance(self, board: OpenBoard, dirty: Set[ContestantId], position: int, state: bytes, painting: Painting) -> None:
        """Add the frame from the last position to this one; the rows of the `dirty` changed since."""
        changed, gone = moved(self.view, board, dirty, self._rows)
        assert position != self.position or not (changed or gone), f"rows moved at position {position}, without an entry"
        if position != self.position:
            what = Change(self.position, position, tuple(sorted(changed)), frozenset(gone))
            known = painting.get(what)
            if known is None:
                rows = {contestant: board.rows[contestant] for contestant in what.changed}
                known = painting[what] = what, Frame(self.position, position, rows, what.gone, state, len(board.rows))
            change, self._last = known
            self._changes.append(change)
            self._rows.update(self._last.rows)
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
        last = self._last
        if cursor and last is not None and last.after == cursor and last.state is state:
            return last  # which is what all who are in step need
        if state is not self._merged_state:
            self._merged, self._merged_state = {}, state  # the time in it went on
        known = cursor is not None and any(each.after == cursor for each in reversed(self._changes))
        start = cursor if cursor is not None and (known or cursor == self.position) else 0
        frame = self._merged.get(start)
        if frame is None:
            frame = self._merged[start] = self._frame(start, state)
        return frame

    def whole(self, state: bytes) -> Frame:
        """All rows of this view, in order."""
        rows = dict(sorted(self._rows.items(), key=lambda item: (item[1].row.key, item[0])))
        return Frame(0, self.position, rows, frozenset(), state, self._total)

    def _frame(self, start: int, state: bytes) -> Frame:
        if start == 0:
            return self.whole(state)
        if start == self.position:
            return Frame(start, start, {}, frozenset(), state, self._total)
        rows, gone = merge((each for each in self._changes if each.to > start), self._rows)
        return Frame(start, self.position, rows, gone, state, self._total)
