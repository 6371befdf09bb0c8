"""Faults of the door at which displays come in, each of which a law has to notice."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from contest_server.web import crowd_door, hub, limits, lingering
from contest_server.wire import handshake
from tests.laws.faults import fault
from tests.web import test_abuse, test_crowd_door, test_lingering
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
