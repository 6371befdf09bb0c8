"""Faults of several servers on one ledger, each of which a law has to notice."""

from __future__ import annotations

import pytest

from contest_server.ledger import ear
from contest_server.live import bell, board, desk, desks, recorder
from contest_server.live.frames import Frame
from tests.laws.faults import fault
from tests.ledger import test_ear
from tests.live import test_bell, test_desk, test_moving_displays


@fault(test_moving_displays.test_who_was_in_the_top_for_a_moment_on_one_server_only_does_not_stay)
def a_cursor_of_another_server_counts_as_known(patch: pytest.MonkeyPatch) -> None:
    after = board.ViewLog.after

    def trusting(self: board.ViewLog, cursor: int | None, revision: int | None, state: bytes) -> Frame | None:
        if cursor is not None and self._changes and self._changes[0].after <= cursor < self.position:
            cursor = max(each.after for each in self._changes if each.after <= cursor)
            frame = after(self, cursor, revision, state)
            return None if frame is None else Frame(0 if frame.after == 0 else cursor, frame.to, frame.rows, frame.gone, state, frame.total)
        return after(self, cursor, revision, state)

    patch.setattr(board.ViewLog, "after", trusting)


@fault(test_desk.test_who_is_far_behind_lets_others_go_on_while_it_follows)
def all_that_others_wrote_is_folded_in_one_go(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(recorder, "FOLLOW_MAX_ENTRIES", 10_000)


@fault(test_bell.test_what_others_write_between_two_pictures_is_read_together_just_ahead_of_the_next)
def whatever_others_write_is_read_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bell.Bell, "ask", lambda self: self._ring())


@fault(test_bell.test_what_others_write_between_two_pictures_is_read_together_just_ahead_of_the_next)
def what_others_wrote_is_read_after_the_picture_that_could_have_shown_it(patch: pytest.MonkeyPatch) -> None:
    rest = bell.Bell.rest

    def longer(self: bell.Bell) -> None:
        self._rest_s = 1.2 * 0.05
        rest(self)

    patch.setattr(bell.Bell, "rest", longer)


@fault(test_bell.test_who_waits_for_what_another_server_has_shown_does_not_wait_for_the_next_picture)
def who_waits_for_a_position_waits_for_the_bell(patch: pytest.MonkeyPatch) -> None:
    reach = desk.Desk.reach

    async def patient(self: desk.Desk, position: int, within_s: float = desk.REACH_WITHIN_S) -> None:
        patch.setattr(self._inbox, "ring", self._bell.ask)
        await reach(self, position, within_s)

    patch.setattr(desk.Desk, "reach", patient)


@fault(test_ear.test_what_is_told_while_nobody_needs_more_is_heard_together, 0.02, test_ear.TOLD // 10)
def whatever_the_database_tells_wakes_a_server(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ear.Ear, "_rest", lambda self, for_s: None)  # noqa: ARG005


@fault(test_ear.test_what_is_told_while_nobody_needs_more_is_heard_together, 3_600.0, test_ear.TOLD // 20)
def a_server_is_deaf_for_as_long_as_it_likes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ear, "DEAF_MAX_S", 3_600.0)


@fault(test_bell.test_a_server_needs_to_hear_no_more_while_all_its_contests_rest)
def one_contest_that_rests_makes_a_server_deaf_for_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(desks, "min", max, raising=False)
