"""Faults in who gets in: passwords, sessions, roles, and contestants on whom an official never rules."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Hashable
from dataclasses import replace
from typing import Any
from unittest.mock import ANY

import pytest
from fastapi import Request

from contest_server.core import definition_reading
from contest_server.core.definition import OfficialDef
from contest_server.core.roles import ACTIONS
from contest_server.ledger import account_rows, officials, pairings, passwords, tokens
from contest_server.ledger.officials import MemoryOfficials
from contest_server.live.seats import Seat
from contest_server.web import access, appeals, browsers, callers, displays, login, oidc_provider, origins, rights, tries
from contest_server.wire.messages import RESTARTING, Close
from tests.contests import CUP
from tests.core import test_officials_in_definitions
from tests.laws.faults import fault
from tests.ledger import test_officials
from tests.web import test_accounts, test_login, test_oidc, test_pairing, test_roles, test_tries


@fault(test_officials_in_definitions.test_a_document_that_asks_for_nothing_new_keeps_the_digest_that_it_had_before)
def defaults_change_the_digest(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(definition_reading, "_leave_out_defaults", lambda *_: None)


@fault(test_officials_in_definitions.test_what_is_asked_for_is_kept_and_read_again_as_it_was_meant, {"referees": {"second_points": None}})
def never_is_read_again_as_the_default(patch: pytest.MonkeyPatch) -> None:
    leave_out = definition_reading._leave_out_defaults

    def without_none(document: Any, definition: Any) -> None:
        document["referees"] = definition.referees.model_dump(mode="json", exclude_none=True)
        leave_out(document, definition)

    patch.setattr(definition_reading, "_leave_out_defaults", without_none)


@fault(
    test_officials_in_definitions.test_who_works_for_the_same_employer_in_either_language_is_never_ruled_on,
    *test_officials_in_definitions.SAME[1],
)
def only_who_is_named_is_never_ruled_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(definition_reading, "recused_of", lambda official, _: sorted(official.recused))


@fault(
    test_officials_in_definitions.test_who_works_for_the_same_employer_in_either_language_is_never_ruled_on,
    *test_officials_in_definitions.SAME[7],
)
def who_has_no_employer_works_for_the_same(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(definition_reading, "_employers", lambda text: set() if text is None else {("en", text.en.strip())})


@fault(test_officials.test_a_new_password_ends_the_sessions_of_this_official_and_the_old_one_is_no_password, MemoryOfficials())
def sessions_outlive_their_password(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MemoryOfficials, "_forget", lambda *_: None)


@fault(test_officials.test_a_session_ends_by_itself, MemoryOfficials())
def sessions_last_a_day(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(officials, "SESSION_US", 2 * officials.SESSION_US)


@fault(test_officials.test_it_takes_as_much_reckoning_to_find_that_there_is_no_such_official)
def nobody_is_found_out_at_once(patch: pytest.MonkeyPatch) -> None:
    verify = passwords.Hashing._verify
    patch.setattr(passwords.Hashing, "_verify", lambda self, hashed, given: hashed is not None and verify(self, hashed, given))


@fault(test_login.test_a_page_of_another_site_is_not_logged_in_by_the_cookie_that_came_with_it, "http://evil.example", 401)
def every_page_is_ours(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(origins, "is_foreign", lambda _: False)


@fault(test_login.test_after_ten_wrong_tries_not_even_the_right_password_is_taken_for_a_while)
def nobody_waits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tries.Tries, "wait_us", lambda *_: 0)


@fault(test_login.test_strangers_lock_nobody_out_of_a_browser_in_which_they_have_logged_in)
def every_browser_is_a_stranger_s(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(browsers.Browsers, "known_as", lambda *_: None)


@fault(test_login.test_strangers_lock_nobody_out_of_a_browser_in_which_they_have_logged_in)
def a_browser_is_known_whoever_logs_in(patch: pytest.MonkeyPatch) -> None:
    known_as = browsers.Browsers.known_as

    def known_as_anybody(self: browsers.Browsers, request: Request, _: Hashable) -> str | None:
        return known_as(self, request, (CUP, "official", "R1"))

    patch.setattr(browsers.Browsers, "known_as", known_as_anybody)


@fault(test_login.test_many_tries_at_once_are_no_way_around)
def a_try_counts_only_once_it_was_wrong(patch: pytest.MonkeyPatch) -> None:
    counted: list[tuple[Any, ...]] = []
    count, turn_away = tries.Tries.count, login._turn_away
    patch.setattr(tries.Tries, "count", lambda *try_: counted.append(try_))

    async def count_late(*request: Any) -> None:
        count(*counted.pop())
        await turn_away(*request)

    patch.setattr(login, "_turn_away", count_late)


@fault(test_tries.test_who_was_right_is_forgiven)
def nothing_is_forgiven(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tries.Tries, "forgive", lambda *_: None)


@fault(test_login.test_an_official_whom_the_definition_no_longer_has_is_out_and_the_role_is_the_one_it_gives_now)
def once_an_official_always_an_official(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(callers, "official_in", lambda _, official: OfficialDef(id=official))


@fault(test_login.test_the_chief_orders_as_staff_does_under_the_own_name_and_a_referee_does_not, *test_login.CHIEFS[2])
def every_official_counts_as_staff(patch: pytest.MonkeyPatch) -> None:
    rule = replace(ACTIONS["board.freeze"], roles=ACTIONS["board.freeze"].roles | {"referee"})
    patch.setattr(access, "ACTIONS", {**ACTIONS, "board.freeze": rule})


@fault(test_login.test_logging_out_closes_the_sockets_of_the_session_and_of_no_other)
def a_session_that_is_over_keeps_its_sockets(patch: pytest.MonkeyPatch) -> None:
    async def deaf(seat: Seat, revoked: asyncio.Event) -> Close:
        await asyncio.sleep(0.2)
        return RESTARTING

    patch.setattr(displays, "_over_or_revoked", deaf)


@fault(test_roles.test_a_route_that_names_none_is_closed_to_everybody)
def what_says_nothing_is_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rights, "needed_by", lambda _: rights.Needs("pages.read"))


@fault(test_roles.test_every_route_and_every_socket_names_its_action)
def an_action_that_no_route_names_stays_in_the_table(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(test_roles, "ACTIONS", {**ACTIONS, "nothing.at_all": ACTIONS["pages.read"]})


@fault(test_pairing.test_the_token_is_answered_once)
def whoever_asks_again_gets_another_token(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pairings, "_TAKE", "UPDATE pairings SET name = name WHERE secret = :secret")


@fault(test_oidc.test_an_answer_counts_only_in_the_browser_that_asked)
def the_state_of_a_login_is_not_compared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hmac, "compare_digest", lambda *_: True)


@fault(test_oidc.test_an_email_counts_only_where_the_provider_has_verified_it, *test_oidc.EMAILS[1])
def any_email_is_believed(patch: pytest.MonkeyPatch) -> None:
    checked = oidc_provider.Provider._checked
    patch.setattr(oidc_provider.Provider, "_checked", lambda *asked: {**checked(*asked), "email_verified": True})


@fault(test_accounts.test_a_changed_password_ends_the_other_sessions_and_needs_the_old_one)
def other_sessions_outlive_their_password(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(account_rows, "_END_OTHERS", "DELETE FROM sessions WHERE account = :account AND hash = :keep")


@fault(test_accounts.test_a_contestant_reads_and_appeals_for_themself_only)
def a_contestant_appeals_for_anybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(appeals, "contestant_of", lambda _: ANY)


@fault(test_accounts.test_a_rotated_token_goes_on_for_its_grace_and_then_ends_with_its_sockets)
def a_rotated_token_is_rotated_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tokens, "_FOLLOWING", "SELECT count(*) FROM tokens WHERE follows = :id AND 1 = 0")
