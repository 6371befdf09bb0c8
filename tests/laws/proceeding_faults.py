"""Faults in appeals, samples, corrections, sign-offs, blind codes and the way to the final result."""

# ruff: noqa: ARG005 - seeds stand in for functions with arguments

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from contest_server.core import appeals, blind, blind_layers, causes, finalising, lives, office, sampling
from contest_server.core.appeals import NEXT
from contest_server.core.contest import Contest
from contest_server.core.facts import Clock
from contest_server.core.flags import Flag
from contest_server.core.ids import ContestantId, StageId
from contest_server.core.judgements import states_now
from contest_server.core.rulings import Touched
from contest_server.live import coding, desk
from contest_server.live.inbox import Decide
from contest_server.web import blind as blind_routes
from contest_server.web import publication
from tests.core import test_appeals, test_blind, test_corrections, test_finalising, test_lives, test_sampling
from tests.laws.faults import fault
from tests.web import test_blind as test_blind_routes
from tests.web import test_chief, test_publication


@fault(test_blind.test_what_was_not_drawn_opens_nothing_and_keeps_the_truth_from_nobody, test_blind.FORGED[0])
def whatever_is_revealed_is_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(blind.Codes, "_is_true", lambda self, revealed: True)


@fault(test_blind.test_marks_under_codes_count_once_every_layer_is_revealed)
def marks_count_when_the_top_layer_is_revealed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(blind.Codes, "next_to_reveal", property(lambda self: 0 if self.opened else self.top))
    resolved = blind.Codes._resolved

    def as_far_as_known(self: blind.Codes) -> Any:
        for layer in range(1, self.top + 1):
            self.opened.setdefault(layer, test_blind.REVEALS[2 - layer])
        return resolved(self)

    patch.setattr(blind.Codes, "_resolved", as_far_as_known)


@fault(test_blind.test_the_order_in_which_events_marks_and_reveals_arrive_does_not_matter)
def marks_stay_where_they_were_first_laid(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(office.Office, "_lay_again", lambda self: Touched())


@fault(test_blind.test_the_order_in_which_events_marks_and_reveals_arrive_does_not_matter)
def an_undone_mark_is_not_judged_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(office.Office, "_again", lambda self, act_id, touched: touched)


@fault(test_blind_routes.test_until_the_reveal_no_export_and_no_answer_says_what_a_code_stands_for)
def the_ledger_holds_the_codes_from_the_start(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(blind_layers, "commitment_of", lambda salt, codes: " ".join(codes))
    patch.setattr(blind_routes, "commitment_of", lambda salt, codes: " ".join(codes))
    patch.setattr(blind, "commitment_of", lambda salt, codes: " ".join(codes))


@fault(test_blind_routes.test_a_layer_gives_everybody_but_guests_a_code_of_their_own)
def guests_get_codes(patch: pytest.MonkeyPatch) -> None:
    for room in (blind_layers, blind_routes):
        patch.setattr(room, "coded", lambda contest: sorted(contest.sheets))


@fault(test_blind_routes.test_the_codes_are_told_again_only_while_the_first_answer_may_be_lost)
def the_codes_are_told_whenever_somebody_asks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(blind_routes, "TOLD_FOR_US", 10**18)


@fault(test_blind_routes.test_a_reveal_has_a_witness_who_gives_their_own_password)
def any_password_is_the_witness_s(patch: pytest.MonkeyPatch) -> None:
    async def always(*_: Any) -> bool:
        return True

    patch.setattr(blind_routes, "is_witness", always)


@fault(test_blind_routes.test_a_layer_gives_everybody_but_guests_a_code_of_their_own)
def a_lower_layer_is_given_again(patch: pytest.MonkeyPatch) -> None:
    new_seal = coding.new_seal
    patch.setattr(blind_routes, "new_seal", lambda names, prefix, taken: new_seal(["A1", "A2", "B1", "B2"], prefix))


@fault(test_appeals.test_an_appeal_is_late_after_its_deadline_and_not_at_it, 1_800, "filed")
def the_deadline_itself_is_late(patch: pytest.MonkeyPatch) -> None:
    deadline_us = appeals.deadline_us

    def a_little_earlier(contest: Any) -> int | None:
        until_us = deadline_us(contest)
        return None if until_us is None else until_us - 1

    patch.setattr(appeals, "deadline_us", a_little_earlier)


@fault(test_appeals.test_there_is_one_second_level)
def there_is_always_another_level(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(appeals, "_next", lambda state, moves: NEXT[state])


@fault(test_appeals.test_who_ruled_on_the_matter_or_approved_that_is_a_party)
def only_who_ruled_is_a_party(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("contest_server.core.rulings.Rulings.answer_to", lambda self, ruling: None)


@fault(test_sampling.test_drawing_another_sample_does_not_take_the_errors_of_the_first_away)
def only_the_last_sample_counts(patch: pytest.MonkeyPatch) -> None:
    of_all = sampling.too_many_errors
    patch.setattr(sampling, "too_many_errors", lambda samples, everybody: of_all(samples[-1:], everybody))


@fault(test_sampling.test_the_first_places_and_at_least_so_many_per_cent_of_the_others_are_drawn)
def the_share_is_rounded_down(patch: pytest.MonkeyPatch) -> None:
    drawn = sampling.draw
    patch.setattr(test_sampling, "draw", lambda contest, seed, top, percent: drawn(contest, seed, top, max(0, percent - 1)))


@fault(test_sampling.test_the_order_of_arrival_draws_nobody_else)
def the_sample_is_drawn_from_who_came_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(test_sampling, "draw", lambda contest, *_: list(contest.sources)[:1])


@fault(test_corrections.test_exactly_what_differs_from_the_publication_is_told_and_always_why)
def only_what_is_about_the_contestant_is_a_reason(patch: pytest.MonkeyPatch) -> None:
    def own(self: Any, contestant: Any, _: Any, after: int, until: int) -> Any:
        return [each for each in self._of.get(contestant, ()) if after < each.position <= until]

    patch.setattr(causes.Causes, "of", own)


@fault(test_corrections.test_what_waits_for_a_second_person_is_told_when_it_is_approved)
def what_waits_is_a_reason(patch: pytest.MonkeyPatch) -> None:
    def touched(contest: Any, _: Any, ruling: Any) -> Any:
        return contest.office.touched_by(ruling).cells

    patch.setattr(causes, "_ruled_work", touched)


@fault(test_finalising.test_two_signatures_under_one_result_are_none_under_another)
def signatures_are_only_counted(patch: pytest.MonkeyPatch) -> None:
    begun = sampling.begun
    patch.setattr(finalising, "begun", lambda contest: [who for who in begun(contest) if who != "B1"])


@fault(test_chief.test_what_another_server_enters_at_the_same_moment_is_not_overlooked)
def what_comes_in_between_is_overlooked(patch: pytest.MonkeyPatch) -> None:
    async def decide(self: desk.Desk, decide: Decide) -> int:
        return await self.submit(decide(self.contest))

    patch.setattr(desk.Desk, "decide", decide)


@fault(test_publication.test_while_the_board_is_frozen_corrections_are_for_officials_and_nothing_is_published)
def corrections_pass_the_gate(patch: pytest.MonkeyPatch) -> None:
    async def anybody(*_: Any) -> None:
        return None

    patch.setattr(publication, "_check_insider", anybody)


@fault(test_corrections.test_that_the_contest_ended_or_lasts_longer_corrects_nobodys_result)
def the_end_of_the_contest_is_given_as_the_reason(patch: pytest.MonkeyPatch) -> None:
    own = causes._work_of
    patch.setattr(causes, "_work_of", lambda contest, fact: [(None, None)] if isinstance(fact, Clock) else own(contest, fact))


@fault(test_lives.test_an_attempt_that_was_annulled_is_decided_and_nothing_is_open_about_what_counts)
def what_a_referee_annulled_stays_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        lives, "_is_open", lambda contest, who, stage, flags: any(each != "clean" for each in states_now(contest, who, stage).values())
    )


@fault(test_lives.test_a_question_of_a_survey_keeps_the_result_provisional_too)
def questions_of_surveys_hold_nothing_up(patch: pytest.MonkeyPatch) -> None:
    own = lives._is_open

    def of_judges(contest: Contest, who: ContestantId, stage: StageId, flags: Sequence[Flag]) -> bool:
        return own(contest, who, stage, [each for each in flags if each.rule != "same_evidence"])

    patch.setattr(lives, "_is_open", of_judges)
