"""Faults of the door at which displays come in, each of which a law has to notice."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from contest_server.live.audience_boards import HeldBoard, OpenBoard
from contest_server.live.shares import Shares
from contest_server.web import aside, bodies, crowd_door, entries, hub, limits, lingering
from contest_server.wire import handshake
from tests.laws.faults import fault
from tests.web import test_abuse, test_aside, test_bounds, test_crowd_door, test_displays, test_lingering, test_told_alike
from tests.wire import test_handshake


@fault(test_handshake.test_the_answer_is_the_library_s_or_left_to_it)
def whatever_stands_in_the_place_of_a_key_is_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(handshake, "_is_key", lambda key: key.isascii())


@fault(test_handshake.test_every_socket_has_extensions_of_its_own)
def what_was_agreed_once_is_shared(patch: pytest.MonkeyPatch) -> None:
    agreed = handshake._agreed
    kept: dict[bytes | None, object] = {}

    def remembered(offer: bytes | None) -> object:
        return kept.setdefault(offer, agreed(offer))

    patch.setattr(handshake, "_agreed", remembered)


@fault(test_crowd_door.test_no_task_waits_for_a_display)
def the_door_lets_nobody_in(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(crowd_door.CrowdDoor, "visit", lambda *_: None)


@fault(test_crowd_door.test_for_whom_a_proxy_asks_is_what_uvicorn_tells_the_application)
def all_who_come_through_a_proxy_are_the_proxy(patch: pytest.MonkeyPatch) -> None:
    def blind(_: crowd_door.CrowdDoor, host: str, headers: Mapping[bytes, bytes]) -> str:
        return host

    patch.setattr(crowd_door.CrowdDoor, "client", blind)


@fault(test_crowd_door.test_an_answer_that_does_not_go_at_once_goes_before_the_first_frame, 3)
def a_frame_behind_an_answer_counts_as_written_with_it(patch: pytest.MonkeyPatch) -> None:
    first = hub.DisplaySocket._put_first

    def hasty(socket: hub.DisplaySocket, data: bytes) -> int:
        first(socket, data)
        return len(data)

    patch.setattr(hub.DisplaySocket, "_put_first", hasty)


@fault(test_abuse.test_an_address_has_so_many_sockets_open_and_gets_the_next_when_one_is_closed)
def an_address_whose_display_has_left_is_counted_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(limits.Limits, "left", lambda *_: None)
    patch.setattr(test_abuse, "PATIENCE_S", 0.5)


@fault(test_lingering.test_who_floods_with_long_pings_and_reads_only_afterwards_hears_why, "display")
def nobody_lingers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lingering.Porch, "enter", lambda *_: False)


@fault(test_displays.test_one_address_keeps_no_more_different_views_than_it_leaves_to_all_others)
def who_comes_first_takes_all_views(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Shares, "may_open", lambda _, __, free: free > 0)


@fault(test_told_alike.test_what_happens_behind_the_freeze_changes_no_byte_of_what_the_public_is_told)
def the_frozen_board_tells_first_clears_of_now(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(HeldBoard, "first_clears", OpenBoard.first_clears)


@fault(test_told_alike.test_marks_change_no_byte_of_what_others_are_told_before_all_are_in)
def a_mark_stands_open_in_the_ledger(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(entries, "may_be_seen", lambda *_: True)


@fault(test_aside.test_a_long_body_is_parsed_elsewhere_and_venues_go_on, *test_aside.BOMBS["a draft"])
def every_body_is_read_where_venues_wait_for_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(aside, "SHORT_MAX_BYTES", 1 << 30)


@fault(test_bounds.test_a_body_with_very_many_values_is_refused_before_each_of_them_is_looked_at_but_for_long_ones)
def values_are_not_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bodies, "VALUES_MAX", 1 << 30)
