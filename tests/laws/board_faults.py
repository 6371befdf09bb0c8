"""Faults of what is kept by difference between two pictures of a board, each of which a law has to notice."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any

import pytest

from contest_server.core import staging
from contest_server.core.rows import BoardRow
from contest_server.live import audience_boards, view_log, windows
from contest_server.live.board import Board
from contest_server.live.leaders import Leaders
from contest_server.live.painter import Painter
from contest_server.live.pieces import Pieces
from tests.core import test_reveal, test_staging
from tests.laws.faults import fault
from tests.live import test_board_laws, test_painter, test_windows
from tests.web import test_history


@fault(test_board_laws.test_merging_what_was_sent_is_the_board_at_that_position)
@fault(test_windows.test_many_leave_and_many_come_in_one_round)
def who_moves_up_because_another_fell_is_not_seen(patch: pytest.MonkeyPatch) -> None:
    def blind(view: Any, board: Any, dirty: Set[Any], seen: Any) -> Any:
        shown, gone = moved(view, board, dirty, seen)
        return shown & dirty, gone

    moved = windows.moved
    patch.setattr(view_log, "moved", blind)
    patch.setattr(test_windows, "moved", blind)


@fault(test_board_laws.test_views_in_which_the_same_happened_share_a_frame_and_its_text)
@fault(test_board_laws.test_merging_what_was_sent_is_the_board_at_that_position)
def all_views_share_the_frame_of_the_first(patch: pytest.MonkeyPatch) -> None:
    class Careless(dict[Any, Any]):
        def get(self, _what: Any, default: Any = None) -> Any:
            return next(iter(self.values()), default)

    advance, kept = view_log.ViewLog.advance, dict[int, Careless]()

    def sharing(self: Any, board: Any, dirty: Any, position: int, state: bytes, painting: Any) -> None:
        advance(self, board, dirty, position, state, kept.setdefault(id(state), Careless(painting)))

    patch.setattr(view_log.ViewLog, "advance", sharing)


@fault(test_windows.test_the_venues_are_told_as_if_they_were_reckoned_anew)
@fault(test_board_laws.test_an_audience_sees_what_the_gate_lets_through)
def the_first_of_a_venue_stays_first_however_far_they_fall(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Leaders, "_search", lambda *_: None)


@fault(test_board_laws.test_an_audience_sees_what_the_gate_lets_through)
def what_was_encoded_once_stays_as_it_was(patch: pytest.MonkeyPatch) -> None:
    encoded = Pieces._encoded

    def once(self: Any, name: str, value: Any) -> bytes:
        return self._known.get(name, (value, encoded(self, name, value)))[1]  # type: ignore[no-any-return]

    patch.setattr(Pieces, "_encoded", once)


@fault(test_windows.test_the_venues_are_told_as_if_they_were_reckoned_anew)
def a_venue_for_which_nobody_competes_any_more_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Pieces, "_drop", lambda *_: None)


@fault(test_board_laws.test_an_audience_sees_what_the_gate_lets_through)
def who_was_first_is_told_once_and_never_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(audience_boards, "is_", lambda *_: True)


@fault(test_board_laws.test_a_board_that_nobody_watches_looks_at_no_row_and_who_comes_then_sees_them_all)
def whatever_changes_is_looked_at_at_once(patch: pytest.MonkeyPatch) -> None:
    take = Board.take

    def eager(self: Board, changed: Iterable[Any]) -> None:
        take(self, changed)
        self.look()

    patch.setattr(Board, "take", eager)


@fault(test_board_laws.test_a_board_that_nobody_watches_looks_at_no_row_and_who_comes_then_sees_them_all)
@fault(test_board_laws.test_merging_what_was_sent_is_the_board_at_that_position)
def what_nobody_watched_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    paint = Board.paint

    def forgetful(self: Board, now_us: int) -> None:
        if not self._views:
            self._changed.clear()
        paint(self, now_us)

    patch.setattr(Board, "paint", forgetful)


@fault(test_painter.test_a_touch_after_a_pause_is_painted_in_the_same_turn)
def a_touch_is_painted_a_turn_later(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Painter, "_touch", Painter._look)


@fault(test_painter.test_every_touch_is_in_a_picture_within_an_interval_and_no_two_come_within_one)
def a_board_is_painted_whenever_it_is_touched(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Painter, "_look", Painter._paint_now)


@fault(test_painter.test_every_touch_is_in_a_picture_within_an_interval_and_no_two_come_within_one)
def a_touch_within_the_interval_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    look = Painter._look

    def hasty(self: Painter) -> None:
        if self._loop.time() >= self._again_s:
            look(self)

    patch.setattr(Painter, "_look", hasty)


@fault(test_reveal.test_who_came_back_to_what_the_public_sees_hides_nothing)
@fault(test_history.test_a_row_that_is_again_what_it_was_did_not_change)
def a_row_that_was_made_anew_is_another(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(BoardRow, "__eq__", lambda self, other: self is other)


@fault(test_staging.test_of_two_switches_for_one_moment_the_one_that_was_ordered_last_is_meant)
def the_first_of_two_switches_is_meant(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(staging, "reversed", lambda due: due, raising=False)
