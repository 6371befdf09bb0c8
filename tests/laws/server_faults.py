"""Faults of several servers on one ledger, each of which a law has to notice."""

from __future__ import annotations

import pytest

from contest_server.live import board, desk
from contest_server.live.frames import Frame
from tests.laws.faults import fault
from tests.live import test_desk, test_moving_displays


@fault(test_moving_displays.test_who_was_in_the_top_for_a_moment_on_one_server_only_does_not_stay)
def a_cursor_of_another_server_counts_as_known(patch: pytest.MonkeyPatch) -> None:
    after = board.ViewLog.after

    def trusting(self: board.ViewLog, cursor: int | None, revision: int | None, state: bytes) -> Frame | None:
        if cursor is not None and self._frames and self._frames[0].after <= cursor < self.position:
            cursor = max(each.after for each in self._frames if each.after <= cursor)
            frame = after(self, cursor, revision, state)
            return None if frame is None else Frame(0 if frame.after == 0 else cursor, frame.to, frame.rows, frame.gone, state, frame.total)
        return after(self, cursor, revision, state)

    patch.setattr(board.ViewLog, "after", trusting)


@fault(test_desk.test_who_is_far_behind_lets_others_go_on_while_it_follows)
def all_that_others_wrote_is_folded_in_one_go(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(desk, "FOLLOW_MAX_ENTRIES", 10_000)
