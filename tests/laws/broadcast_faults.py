"""Faults of writing one frame to many, each of which a law has to notice."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from contest_server.live import board, broadcasts, slices, stand
from contest_server.web import hub
from tests.laws.faults import fault
from tests.live import test_desk, test_slices, test_stand
from tests.web import test_hub


@fault(test_slices.test_what_comes_to_be_owed_meanwhile_makes_the_next_slice_short)
def slices_are_as_long_while_an_answer_is_owed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(slices, "SHORT_SLICE_S", slices.SLICE_S)


@fault(test_slices.test_a_broadcast_has_its_share_of_a_loop_that_is_always_busy, 0.02)
def a_busy_loop_stops_a_broadcast(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(slices, "SHARE", 0.0)


@fault(test_desk.test_what_is_folded_while_a_frame_is_being_written_is_in_the_next_one_together)
def frames_are_painted_that_nobody_can_write(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(board.Board, "being_written", lambda _: nullcontext())


@fault(test_stand.test_few_are_written_to_in_one_go_while_somebody_waits_for_an_answer, True, broadcasts.SHORT_ROW_DISPLAYS)
def many_are_written_to_while_somebody_waits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(broadcasts, "SHORT_ROW_DISPLAYS", broadcasts.ROW_DISPLAYS)


@fault(test_hub.test_whatever_else_is_written_to_a_display_waits_its_turn)
def a_ping_is_answered_in_the_middle_of_a_frame(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hub.DisplaySocket, "_make_way", lambda _: None)


@fault(test_stand.test_nothing_else_comes_into_the_middle_of_a_frame)
def nobody_makes_way(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stand.Stand, "make_way", lambda *_: None)


@fault(test_stand.test_a_broadcast_that_ends_with_its_stand_leaves_no_frame_half_way)
def a_frame_ends_half_way(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stand.Stand, "_written", lambda *_: None)


@fault(test_stand.test_whom_the_loop_writes_to_does_not_wait_for_the_thread)
def everybody_waits_for_the_thread(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stand, "_goes_by_itself", lambda _: 0)
