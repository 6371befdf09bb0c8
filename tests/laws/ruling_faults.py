"""Small faults in what officials rely on: rulings, two people, previews, audits, appeals. Each must turn some law red."""

# ruff: noqa: ARG005 - seeds stand in for functions with arguments

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import msgspec
import pytest

from contest_server.core import (
    auditing,
    bench,
    contest,
    deciding,
    effects,
    gates,
    judgements,
    lives,
    office,
    overruling,
    rejudging,
    rulings,
    scoring,
    sheet,
)
from contest_server.core.acts import Marked, Ruled, Seconded
from contest_server.ledger import memory
from contest_server.live import rehearsals
from tests.core import test_auditing, test_lives, test_own_clock, test_rejudging, test_ruling_laws, test_rulings, test_statuses
from tests.judges import test_compared
from tests.laws.faults import fault
from tests.live import test_deciding
from tests.web import test_rejudging as web_rejudging

ARRIVAL = test_ruling_laws.test_how_events_and_acts_arrive_does_not_matter


# ---- rulings in the fold ---------------------------------------------------------------------------------------------------------


@fault(ARRIVAL)
def the_ruling_that_arrives_last_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rulings.Rulings, "on", lambda self, who, where: list(self._by_cell.get((who, where), ())))


@fault(test_compared.test_a_ruling_outweighs_a_rule_that_compares, *test_compared.RULED[0])
@fault(test_compared.test_a_ruling_sets_the_marks_of_a_rule_that_fails_for_somebody)
def rules_that_compare_outweigh_rulings(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(scoring, "_ruled", lambda view, rules, orders: ())


@fault(test_rulings.test_a_ruling_that_needs_a_second_person_waits_for_somebody_else)
def the_first_answer_to_arrive_counts(patch: pytest.MonkeyPatch) -> None:
    def first(self: rulings.Rulings, ruling: Ruled) -> Seconded | None:
        answers = [each for each in self._answers.get(ruling.id, ()) if each.official != ruling.official]
        return answers[0] if answers else None

    patch.setattr(rulings.Rulings, "answer_to", first)


@fault(ARRIVAL)
def an_undo_judges_nothing_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rulings.Rulings, "touched_by", lambda self, act: rulings.own(found) if (found := self.ruling(act)) else rulings.Touched())


@fault(ARRIVAL)
def a_mark_judges_nothing_again(patch: pytest.MonkeyPatch) -> None:
    take = office.Office.take

    def quiet(self: office.Office, position: int, act: Any) -> rulings.Touched:
        touched = take(self, position, act)
        return office.NOTHING if isinstance(act, Marked) else touched

    patch.setattr(office.Office, "take", quiet)


@fault(ARRIVAL)
def a_removed_interval_counts_from_its_entry_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(contest.Contest, "_judge_everything", lambda self: None)


@fault(test_rulings.test_a_ruling_that_needs_a_second_person_waits_for_somebody_else)
def people_approve_their_own_decisions(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rulings.Rulings, "answer_to", lambda self, ruling: next(iter(self._answers.get(ruling.id, ())), None))


@fault(test_rulings.test_a_ruling_that_needs_a_second_person_waits_for_somebody_else)
@fault(test_rulings.test_a_reopened_result_takes_in_what_arrived_after_the_end)
def nothing_waits_for_a_second_person(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rulings.Rulings, "state", lambda self, act: "in_force" if self.undone_by(act) is None else "undone")


@fault(test_rulings.test_acts_cannot_undo_each_other_in_a_circle)
def an_undo_may_be_older_than_what_it_undoes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rulings.Rulings, "undone_by", lambda self, act: next(iter(self._undos.get(act, ())), None))


@fault(test_rulings.test_what_is_supposed_leaves_no_trace)
@fault(test_ruling_laws.test_what_a_ruling_is_said_to_change_is_what_it_changes)
def what_was_supposed_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(office.Office, "forget", lambda self, act: office.NOTHING)


@fault(test_rulings.test_a_held_attempt_counts_once_it_is_reinstated)
def a_gate_outweighs_a_ruling(patch: pytest.MonkeyPatch) -> None:
    ask = gates.ask_gates
    patch.setattr(sheet, "ask_gates", lambda who, venue, cells, book, released=(): ask(who, venue, cells, book))


@fault(test_rulings.test_a_re_run_is_held_until_it_is_reinstated_and_then_takes_the_place_of_what_it_repeats)
def a_re_run_counts_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(overruling, "_extra", lambda attempts, rulings_, counts, contest_ms: {})


@fault(test_rulings.test_what_was_sent_back_is_judged_again_when_later_evidence_arrives)
def what_was_sent_back_stays_there(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sheet.Sheet, "_latest_us", lambda self, stage, policy: {})


@fault(test_rulings.test_a_status_by_ruling_outweighs_one_by_standing_and_can_be_undone)
def a_director_outweighs_a_ruling(patch: pytest.MonkeyPatch) -> None:
    status_of = office.Office.status_of
    patch.setattr(office.Office, "status_of", lambda self, who: self._standings.get(who) or status_of(self, who))


@fault(test_rulings.test_a_reopened_result_takes_in_what_arrived_after_the_end)
def what_opened_the_result_once_opens_it_for_ever(patch: pytest.MonkeyPatch) -> None:
    reopens = office.Office.reopens
    patch.setattr(office.Office, "reopens", lambda self, _: reopens(self, 0))


@fault(test_rulings.test_removed_time_does_not_count_for_whom_it_was_removed)
def a_venue_that_stood_still_gets_no_time_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(office.Office, "removed_for", lambda self, contestant, venue: ())


@fault(test_rulings.test_the_scope_of_an_adoption_leaves_the_rest_as_it_was_judged)
@fault(test_rejudging.test_what_is_left_out_is_said_with_the_reason)
def a_filter_filters_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bench, "selects", lambda *_: True)


@fault(test_ruling_laws.test_at_most_one_judgement_of_an_attempt_is_current)
def an_old_judgement_stays_current(patch: pytest.MonkeyPatch) -> None:
    thought = judgements._thought
    patch.setattr(judgements, "_thought", lambda judgement: (*thought(judgement)[:1], None, ""))


@fault(ARRIVAL)
def the_last_entered_mark_of_a_referee_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        office.Office, "marks_of", lambda self, who, stage: [each for each in self._marked.get(stage, ()) if each.contestant == who]
    )


# ---- decisions -------------------------------------------------------------------------------------------------------------------


@fault(test_deciding.test_of_two_referees_at_two_servers_who_decide_on_the_same_thing_one_is_told_that_it_changed)
def the_head_may_have_moved(patch: pytest.MonkeyPatch) -> None:
    append = memory.MemoryLedger.append
    patch.setattr(memory.MemoryLedger, "append", lambda self, name, drafts, expected=None: append(self, name, drafts))


@fault(test_deciding.test_of_two_referees_at_two_servers_who_decide_on_the_same_thing_one_is_told_that_it_changed)
def nobody_asks_what_a_decision_was_based_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deciding, "basis_of", lambda *_: "same")


@fault(test_auditing.test_what_the_server_entered_has_no_findings)
def no_decision_needs_a_second_person(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deciding, "needs_of", lambda *_: ())


@fault(test_auditing.test_each_act_that_should_not_have_been_possible_is_found_and_nothing_else)
def recusal_is_not_checked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deciding, "_check_recusal", lambda *_: None)


@fault(test_ruling_laws.test_what_a_ruling_is_said_to_change_is_what_it_changes)
def an_effect_leaves_out_ranks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(effects, "_standing", lambda picture, who: effects.Standing(0, "0", 0, 0, "ok"))


# ---- rejudging, audit ------------------------------------------------------------------------------------------------------------


@fault(test_rejudging.test_the_preview_is_what_applying_leads_to)
def a_preview_does_not_follow_the_contest(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rejudging.Rejudging, "follow", lambda self, contest: None)


@fault(test_rejudging.test_the_preview_is_what_applying_leads_to)
def a_preview_forgets_the_rulings(patch: pytest.MonkeyPatch) -> None:
    lived = contest.Contest.lived
    patch.setattr(
        contest.Contest,
        "lived",
        lambda self, after=0: [each for each in lived(self, after) if not isinstance(each.fact, (Ruled, Seconded))],
    )


@fault(test_rejudging.test_what_was_agreed_to_is_the_changes_not_what_others_do_meanwhile)
@fault(web_rejudging.test_what_would_change_something_else_by_now_is_refused_with_the_change)
def anything_is_agreed_to(patch: pytest.MonkeyPatch) -> None:
    def same(_: Any) -> Generator[None, None, str]:
        yield
        return "same"

    patch.setattr(rehearsals, "same_in_pieces", same)
    patch.setattr(rehearsals, "same_effect", lambda effect: "same")
    patch.setattr(test_rejudging, "same_effect", lambda effect: "same")


@fault(test_auditing.test_an_audit_comes_to_the_same_board)
def an_audit_leaves_out_second_answers(patch: pytest.MonkeyPatch) -> None:
    take = auditing.Auditor.take

    def skip(self: auditing.Auditor, entry: Any) -> None:
        if isinstance(entry.fact, Seconded):
            entry = msgspec.structs.replace(entry, fact=msgspec.structs.replace(entry.fact, approve=False))
        take(self, entry)

    patch.setattr(auditing.Auditor, "take", skip)


@fault(test_lives.test_a_result_goes_from_provisional_to_final)
def an_open_appeal_stops_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lives, "appeals_of", lambda contest_: [])


@fault(test_lives.test_a_doubtful_result_is_provisional_until_its_questions_are_answered)
def every_answer_answers_everything(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lives, "_is_open", lambda contest_, who, stage, flags: bool(flags) and not contest_.office.rulings.answers())


@fault(test_own_clock.test_an_open_stop_counts_until_now)
def a_clock_that_nobody_started_was_never_stopped(patch: pytest.MonkeyPatch) -> None:
    stops_of = office.Office.stops_of
    patch.setattr(office.Office, "stops_of", lambda self, who: [each for each in stops_of(self, who) if each[1] is not None])


@fault(test_own_clock.test_what_is_undone_was_never_stopped_or_started)
@fault(test_own_clock.test_the_contestants_limit_waits_with_the_clock)
def a_contestants_clock_never_stops(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(office.Office, "stops_of", lambda self, who: [])


@fault(test_own_clock.test_a_preview_stops_nothing)
def a_clock_that_was_only_supposed_to_stop_stands(patch: pytest.MonkeyPatch) -> None:
    forget = office.Office.forget

    def forgetful(self: office.Office, act: Ruled | Seconded) -> rulings.Touched:
        kept = {who: list(acts) for who, acts in self._clocks.items()}
        touched = forget(self, act)
        self._clocks = kept
        return touched

    patch.setattr(office.Office, "forget", forgetful)


@fault(test_statuses.test_officials_outweigh_rules)
def a_rule_outweighs_whoever_reinstates_the_work(patch: pytest.MonkeyPatch) -> None:
    with_statuses = gates._with_statuses
    patch.setattr(gates, "_with_statuses", lambda results, lines, released: with_statuses(results, lines, ()))


@fault(test_statuses.test_an_attempt_in_time_takes_the_place_of_a_late_one)
def whoever_was_late_once_stays_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(scoring, "_status", lambda view, statuses: next(iter(statuses.values()), None))


@fault(test_statuses.test_a_status_goes_with_its_reason)
def a_status_stays_when_its_reason_is_gone(patch: pytest.MonkeyPatch) -> None:
    classify = sheet.Sheet._classify

    def once(self: sheet.Sheet, moved: Any) -> None:
        if self.classed is None:
            classify(self, moved)

    patch.setattr(sheet.Sheet, "_classify", once)
