"""Small faults in what referees look at and decide on: the queue, leases, hidden marks, previews. Each must turn some law red."""

# ruff: noqa: ARG005 - seeds stand in for functions with arguments

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from contest_server.core import deciding, judgements, marks, reviews
from contest_server.core.acts import Hold, Marked
from contest_server.core.ids import ActId
from contest_server.core.judging import Doubt, Opinion
from contest_server.core.rows import plain_decimal
from contest_server.live import leases, queues
from contest_server.web import case_documents, entries, orders
from contest_server.web import marks as web_marks
from tests.core import test_deciding
from tests.laws.faults import fault
from tests.live import test_leases, test_queues
from tests.web import test_cases, test_entries, test_marks

HIDDEN = test_marks.test_a_mark_is_found_nowhere_by_anybody_else_until_all_are_in


# ---- the queue and who looks -----------------------------------------------------------------------------------------------------


@fault(test_leases.test_a_look_lasts_thirty_seconds_after_it_was_said_last)
def a_look_lasts_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(leases, "LEASE_US", 1 << 60)


@fault(test_queues.test_a_case_says_the_points_that_the_board_says_with_what_is_awarded)
def a_case_leaves_out_what_is_awarded(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reviews, "_points_of", lambda contest, who, stage: plain_decimal(contest.sheets[who].cells[stage].points))


@fault(test_queues.test_what_says_nothing_else_is_not_said_again)
def the_position_alone_is_news(patch: pytest.MonkeyPatch) -> None:
    tell = queues.ReviewQueue._tell

    def again(self: queues.ReviewQueue) -> None:
        self._said = b""
        tell(self)

    patch.setattr(queues.ReviewQueue, "_tell", again)


@fault(test_queues.test_however_many_ask_the_cases_are_made_once)
def the_queue_is_made_for_each_who_asks(patch: pytest.MonkeyPatch) -> None:
    async def own(self: queues.ReviewQueue) -> None:
        self._seen = None
        await self._look()

    patch.setattr(queues.ReviewQueue, "fresh", own)


@fault(test_queues.test_while_events_pour_in_it_is_made_at_most_twice_a_second)
def the_queue_does_not_rest(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(queues, "LOOK_EVERY_S", 0.05)
    patch.setattr(queues, "REST_FOR_WORK", 0)


@fault(test_queues.test_who_waits_is_let_go_when_the_desk_closes)
def whoever_waits_waits_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(queues.ReviewQueue, "close", lambda self: None)


# ---- marks that are not to be seen ----------------------------------------------------------------------------------------------


@fault(HIDDEN)
@fault(test_entries.test_a_mark_among_the_entries_is_its_authors_until_all_are_in)
def raw_entries_show_every_mark(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(entries, "may_be_seen", lambda contest, mark: True)


@fault(HIDDEN)
def the_case_shows_every_mark(patch: pytest.MonkeyPatch) -> None:
    hidden = case_documents._marks

    def shown(contest: Any, person: Any, contestant: Any, stage: Any) -> Any:
        given = [[each.official, each.value] for each in contest.office.marks_of(contestant, stage)]
        return [{**each, "marks": given} for each in hidden(contest, person, contestant, stage)]

    patch.setattr(case_documents, "_marks", shown)


@fault(HIDDEN)
def a_task_shows_the_first_mark(patch: pytest.MonkeyPatch) -> None:
    task = web_marks._task

    def shown(stage: Any, sheaf: marks.Sheaf, person: Any) -> Any:
        return {**task(stage, sheaf, person), "mine": next((each.value for each in sheaf.marks.values()), None)}

    patch.setattr(web_marks, "_task", shown)


@fault(test_marks.test_of_two_entries_that_differ_nobody_learns_the_other_and_a_third_decides)
def the_question_tells_both_entries(patch: pytest.MonkeyPatch) -> None:
    def told(self: marks.Sheaf) -> Opinion | None:
        values = [each.value for each in self.marks.values()]
        return Opinion(Doubt.BAD, f"{values} differ", "double_entry_mismatch", "equal", values) if self.mismatch else None

    patch.setattr(marks.Sheaf, "question", told)


# ---- decisions -------------------------------------------------------------------------------------------------------------------


@fault(test_deciding.test_nobody_answers_questions_about_their_own_people_whatever_else_the_answer_names, "A1")
@fault(test_deciding.test_nobody_answers_a_question_about_their_own_conduct)
@fault(test_deciding.test_a_question_that_is_not_asked_any_more_cannot_be_answered)
def any_question_is_anybodys(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deciding, "_check_flags", lambda *_: None)


@fault(test_deciding.test_a_preview_under_the_id_of_an_act_that_is_entered_leaves_that_act_alone)
def a_preview_takes_the_id_that_was_sent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deciding, "_unused_id", lambda contest: ActId("r1"))


@fault(test_deciding.test_marks_and_their_undoing_belong_to_the_history_of_the_work)
def the_history_forgets_marks(patch: pytest.MonkeyPatch) -> None:
    concerns = judgements.concerns
    patch.setattr(judgements, "concerns", lambda contest, act, who: not isinstance(act, Marked) and concerns(contest, act, who))


@fault(test_cases.test_a_hold_from_now_on_that_is_sent_again_begins_when_it_was_sent_first)
def a_hold_sent_again_begins_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(orders.RulingOrder, "repeated", lambda self, ruling, before: msgspec.structs.replace(ruling, action=Hold(ruling.at_us)))
