"""Faults between a venue's socket and its desk, each of which a law has to notice."""

from __future__ import annotations

import pytest

from contest_server.live.desk import Desk
from contest_server.live.inbox import Wish
from contest_server.web import lines, listening
from contest_server.wire.pace import Pace
from contest_server.wire.venue import VenueSession
from tests.laws.faults import fault
from tests.web import test_lines


@fault(test_lines.test_every_message_is_answered_in_its_turn_however_they_come)
def what_is_under_way_is_not_refused_again(patch: pytest.MonkeyPatch) -> None:
    take = VenueSession.take

    def forgetful(self: VenueSession, events: object, received_us: int) -> object:
        self._refused = {}
        return take(self, events, received_us)  # type: ignore[arg-type]

    patch.setattr(VenueSession, "take", forgetful)


@fault(test_lines.test_what_the_ledger_refuses_leaves_no_gap_behind_it, True)
@fault(test_lines.test_what_the_ledger_refuses_leaves_no_gap_behind_it, False)
def what_was_under_way_behind_it_is_stored_all_the_same(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lines, "Wish", type("Wanted", (Wish,), {"is_withdrawn": property(lambda _: False, lambda *_: None)}))


@fault(test_lines.test_beyond_a_message_s_worth_under_way_nothing_more_is_heard)
def a_line_hears_on_while_much_is_under_way(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lines.Line, "_is_full", property(lambda self: self.over.done()))


@fault(test_lines.test_whoever_is_faster_than_its_rate_is_heard_at_its_rate)
def a_rate_is_no_limit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Pace, "delay_s", lambda *_: 0.0)


@fault(test_lines.test_a_full_inbox_lets_nothing_in_and_loses_nothing)
def nobody_is_told_that_there_is_room(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Desk, "when_room", lambda *_: None)


@fault(test_lines.test_text_that_is_none_ends_its_socket_as_the_protocol_says)
def bytes_are_text(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(listening, "is_utf8", lambda _: True)
