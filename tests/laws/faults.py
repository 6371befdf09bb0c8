"""Small faults, each of which some law must notice. A law that stays green under its fault states nothing."""

# ruff: noqa: ARG005 - seeds stand in for functions with arguments

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Context
from typing import Any
from unittest.mock import ANY

import msgspec
import pytest

from contest_server.core import (
    answers,
    asking,
    attempts,
    audience,
    clock,
    contest,
    counting,
    definition,
    definition_reading,
    dossier,
    explanation,
    fields,
    gates,
    judging,
    ranking,
    rows,
    rulebook,
    scoring,
    sheet,
    tally,
    tie_chain,
)
from contest_server.core.facts import Entry, Event, Frozen
from contest_server.core.roles import ACTIONS, ROLES
from contest_server.intake import contestants_file
from contest_server.ledger import memory
from contest_server.live import audience_boards, board, desk, frames, recorder, totals, view_log
from contest_server.web import access, contests, venues
from contest_server.web.closing import Closing, close_when
from contest_server.wire import clock as venue_clock
from contest_server.wire import display, reading, venue
from contest_server.wire.messages import NOT_ALLOWED, REPLACED, RESTARTING, Close, VenueEvents
from tests.core import (
    test_answers,
    test_by_difference,
    test_clock,
    test_fold_laws,
    test_gate,
    test_judging,
    test_own_order,
    test_ranking,
    test_rows,
    test_short_ways,
    test_verdicts,
)
from tests.intake import test_contestants_file, test_toml_file
from tests.live import test_board_laws, test_desk, test_moving_displays
from tests.web import test_displays, test_rest, test_venue_sockets
from tests.wire import test_clock_pace_display, test_venue_session

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Fault:
    """What is broken, how, and the test that has to go red (with its arguments, where it is parametrised)."""

    name: str
    law: Callable[..., Any]
    seed: Patch
    arguments: tuple[Any, ...] = ()


FAULTS: list[Fault] = []


def fault(law: Callable[..., Any], *arguments: Any) -> Callable[[Patch], Patch]:
    """Seed this where that law is held against it."""

    def add(seed: Patch) -> Patch:
        FAULTS.append(Fault(seed.__name__.replace("_", " "), law, seed, arguments))
        return seed

    return add


# ---- the fold -------------------------------------------------------------------------------------------------------------------


@fault(test_fold_laws.test_how_events_arrive_does_not_matter)
@fault(test_desk.test_whatever_fails_every_acknowledged_event_is_there_exactly_once)
def drop_the_dedupe(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(memory, "without_known", lambda drafts, known: list(drafts))


@fault(test_fold_laws.test_how_events_arrive_does_not_matter)
def fold_by_the_order_of_arrival(patch: pytest.MonkeyPatch) -> None:
    def by_arrival(entries: Iterable[Entry], policy: Any) -> list[tuple[int, Entry]]:
        return [(0, entry) for entry in sorted(entries, key=lambda entry: entry.position)]

    patch.setattr(attempts, "in_own_order", by_arrival)


@fault(test_fold_laws.test_where_judging_is_settled_does_not_matter)
def forget_to_judge_a_cell_again(patch: pytest.MonkeyPatch) -> None:
    file = sheet.Sheet.file

    def forgetful(self: sheet.Sheet, entry: Entry, event: Event) -> None:
        dirty = dict(self.dirty)
        file(self, entry, event)
        if event.stage in self.base:
            self.dirty = dirty

    patch.setattr(sheet.Sheet, "file", forgetful)


@fault(test_fold_laws.test_where_judging_is_settled_does_not_matter)
def forget_that_the_clock_moved_under_all_times(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(contest.Contest, "_move_clock", lambda self, fact: self.clock.apply(fact))


@fault(test_own_order.test_what_attempts_are_called_decides_nothing)
def what_an_attempt_is_called_decides_its_place(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(attempts, "_by_moment", lambda told: (told[1].time_ms, told[1].id))


@fault(test_own_order.test_a_re_run_while_contest_time_stands_still_waits_for_a_ruling)
def whatever_was_handed_in_was_there_before_any_ruling(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dossier, "decided_us", lambda entries, clock, policy: dict.fromkeys((entry.fact.attempt for entry in entries), 0))


@fault(test_fold_laws.test_where_judging_is_settled_does_not_matter)
def a_violation_without_a_stage_reaches_only_later_events(patch: pytest.MonkeyPatch) -> None:
    file = sheet.Sheet.file

    def late(self: sheet.Sheet, entry: Entry, event: Event) -> None:
        before = dict(self.dirty)
        file(self, entry, event)
        if event.stage is None:
            self.dirty = before

    patch.setattr(sheet.Sheet, "file", late)


@fault(test_fold_laws.test_when_the_definition_came_does_not_matter)
def a_new_definition_judges_only_what_comes_after_it(patch: pytest.MonkeyPatch) -> None:
    adopt = contest.Contest._adopt

    def forgetful(self: contest.Contest, fact: Any) -> None:
        self._events = []
        adopt(self, fact)

    patch.setattr(contest.Contest, "_adopt", forgetful)


@fault(test_fold_laws.test_a_clear_counts_for_the_first_only_when_nobody_earlier_is_unjudged)
def a_first_clear_ignores_an_earlier_unjudged_attempt(patch: pytest.MonkeyPatch) -> None:
    def first(self: fields.StageField) -> frozenset[Any]:
        best = self.clears.earliest
        return frozenset(who for at, who in self.clears.order if at == best)

    patch.setattr(fields.StageField, "_first", first)


@fault(test_fold_laws.test_a_clear_counts_for_the_first_only_when_nobody_earlier_is_unjudged)
def only_one_of_several_at_the_same_time_is_first(patch: pytest.MonkeyPatch) -> None:
    first = fields.StageField._first
    patch.setattr(fields.StageField, "_first", lambda self: frozenset(sorted(first(self))[:1]))


@fault(test_by_difference.test_what_is_kept_by_difference_is_what_is_reckoned_anew)
def a_row_goes_on_showing_who_was_first(patch: pytest.MonkeyPatch) -> None:
    def lead(self: sheet.Sheet, stage: Any, first: bool) -> None:
        self.first = self.first | {stage} if first else self.first - {stage}

    patch.setattr(sheet.Sheet, "lead", lead)


@fault(test_by_difference.test_what_is_kept_by_difference_is_what_is_reckoned_anew)
def cells_stay_in_the_order_in_which_they_were_begun(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sheet.Sheet, "_order", lambda self, bench: None)


@fault(test_by_difference.test_a_tally_moves_as_its_cells_do)
def digits_that_a_sum_lost_stay_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tally, "_add", Context().add)
    patch.setattr(tally, "_subtract", Context().subtract)


@fault(test_short_ways.test_sums_that_lose_digits_are_added_in_the_order_of_the_stages, (3, 2, 1, 0))
def a_sum_that_lost_digits_goes_on_as_if_it_had_not(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sheet, "moved", lambda *inputs: msgspec.structs.replace(tally.moved(*inputs), exact=True))


@fault(test_short_ways.test_what_is_won_beside_the_stages_is_in_the_row, [], "10")
def the_short_way_of_a_total_forgets_penalties_of_the_whole_contest(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sheet.Sheet, "charges", lambda self, bench: [])


@fault(test_short_ways.test_what_is_won_beside_the_stages_is_in_the_row, [{"rule": "clean_bonus", "marks": 3}], "13")
def the_short_way_of_a_total_forgets_bonuses(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sheet.Sheet, "_short_total", lambda self, _, bench: bench.book.total.judge.total(self._plain_record(bench)))


@fault(test_by_difference.test_what_is_kept_by_difference_is_what_is_reckoned_anew)
def marks_stay_where_they_were_when_cells_are_put_in_order(patch: pytest.MonkeyPatch) -> None:
    order = sheet.Sheet._order

    def cells_alone(self: sheet.Sheet, bench: Any) -> None:
        order(self, bench)
        self._shuffled = False

    patch.setattr(sheet.Sheet, "_order", cells_alone)


@fault(test_verdicts.test_who_is_disqualified_gives_first_clears_and_pending_attempts_up)
def a_status_is_never_looked_at_again(patch: pytest.MonkeyPatch) -> None:
    state = sheet.Sheet._state_status
    patch.setattr(sheet.Sheet, "_state_status", lambda self: None if hasattr(self, "status") else state(self))


@fault(test_short_ways.test_a_stage_is_reckoned_anew_whenever_its_standing_may_have_changed)
def who_is_as_early_as_the_first_changes_nothing(patch: pytest.MonkeyPatch) -> None:
    move = fields.Times.move

    def earlier(self: fields.Times, who: Any, before_ms: int | None, time_ms: int | None) -> bool:
        earliest_ms = self.earliest
        return move(self, who, before_ms, time_ms) and (time_ms is None or time_ms != earliest_ms)

    patch.setattr(fields.Times, "move", earlier)


@fault(test_short_ways.test_the_board_gets_the_result_that_is_explained)
def whoever_needed_one_attempt_took_no_time(patch: pytest.MonkeyPatch) -> None:
    cleared = scoring._cleared_at_once
    patch.setattr(scoring, "_cleared_at_once", lambda *inputs: msgspec.structs.replace(cleared(*inputs), elapsed_ms=None))


@fault(test_short_ways.test_an_attempt_of_one_event_is_what_the_event_says)
def an_attempt_of_one_event_is_timed_by_a_clock_that_is_off(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(attempts, "corrected_us", lambda event, policy: event.at_us)


# ---- attempts and judging ---------------------------------------------------------------------------------------------------------


@fault(test_judging.test_an_attempt_that_is_settled_later_changes_the_whole_cell)
def the_verdict_decides_the_time_of_an_attempt(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(attempts, "_deciding", lambda decisive: decisive[-1] if decisive else None)


@fault(test_judging.test_an_attempt_that_is_settled_later_changes_the_whole_cell)
def the_attempt_that_was_decided_last_decides_the_cell(patch: pytest.MonkeyPatch) -> None:
    count = counting.count_up

    def last(attempts: Iterable[judging.Attempt], counted: Iterable[judging.Attempt]) -> Any:
        accepted = [each for each in counted if each.outcome == "accepted"]
        made = count(attempts, counted)
        return msgspec.structs.replace(made, deciding=accepted[-1]) if accepted else made

    patch.setattr(scoring, "count_up", last)


@fault(test_judging.test_a_judge_that_fails_asks_a_referee_and_ends_nothing, "admit", "raises")
@fault(test_judging.test_a_judge_that_fails_asks_a_referee_and_ends_nothing, "gate", "missing")
def a_judge_that_fails_accepts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(scoring, "FAILED", ())
    patch.setattr(gates, "FAILED", ())


@fault(test_judging.test_a_judge_that_fails_asks_a_referee_and_ends_nothing, "score", "raises")
def a_judge_that_fails_scores_zero(patch: pytest.MonkeyPatch) -> None:
    score = scoring._score

    def zero(*inputs: Any) -> asking.Line:
        line = score(*inputs)
        return line if line.marks is not None else msgspec.structs.replace(line, marks=judging.ZERO, opinions=())

    patch.setattr(scoring, "_score", zero)


@fault(test_judging.test_a_judge_that_fails_asks_a_referee_and_ends_nothing, "score", "negative")
@fault(test_judging.test_a_judge_that_fails_asks_a_referee_and_ends_nothing, "charge", "negative")
@fault(test_judging.test_a_judge_that_fails_asks_a_referee_and_ends_nothing, "award", "nan")
@fault(test_judging.test_a_judge_that_fails_asks_a_referee_and_ends_nothing, "total", "nan")
def any_answer_of_a_judge_is_taken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(asking, "fault_of", lambda station, answer: None)


@fault(test_judging.test_the_lines_of_an_explanation_add_up_to_the_points)
def an_explanation_forgets_what_was_held(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(explanation, "_held_lines", lambda judged, cell: [])


@fault(test_judging.test_charges_never_take_a_stage_below_zero_and_say_so)
def an_explanation_forgets_the_floor(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(scoring, "_floored", lambda marks, lines: max(judging.ZERO, marks))


# ---- the clock --------------------------------------------------------------------------------------------------------------------


@fault(test_clock.test_a_second_counts_unless_the_contest_was_paused_in_it)
def a_pause_that_overlaps_counts_twice(patch: pytest.MonkeyPatch) -> None:
    def twice(self: clock.ContestClock, start_us: int, at_us: int, removed: object) -> int:
        return sum(max(0, min(at_us, at_us if end is None else end) - max(begin, start_us)) for begin, end in self.pauses)

    patch.setattr(clock.ContestClock, "_removed_us", twice)


@fault(test_clock.test_only_a_clock_that_is_surely_outside_the_policy_is_corrected_in_whole_steps)
def a_clock_is_corrected_to_the_microsecond(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clock, "OFFSET_STEP_US", 1)


@fault(test_clock.test_only_a_clock_that_is_surely_outside_the_policy_is_corrected_in_whole_steps)
def the_error_of_a_measurement_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    def off(event: Event, policy: definition.ClockPolicy) -> bool:
        return event.offset_us is not None and abs(event.offset_us) > policy.max_offset_ms * 1000

    patch.setattr(clock, "clock_is_off", off)


@fault(test_clock_pace_display.test_the_true_offset_lies_within_the_error_however_unequal_the_ways_are)
def the_error_of_an_exchange_is_a_quarter_of_the_round_trip(patch: pytest.MonkeyPatch) -> None:
    offset = venue_clock.Offset
    patch.setattr(venue_clock, "Offset", lambda offset_us, error_us: offset(offset_us, error_us // 2))


# ---- ranking ----------------------------------------------------------------------------------------------------------------------


@fault(test_ranking.test_the_tie_chain_of_the_definition_orders_the_board)
def swap_two_links_of_the_tie_chain(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rulebook, "keys_by", lambda links: tie_chain.keys_by([*links[1:2], *links[:1], *links[2:]]))


@fault(test_ranking.test_the_tie_chain_of_the_definition_orders_the_board)
def points_come_before_the_status(patch: pytest.MonkeyPatch) -> None:
    def keys_by(links: Sequence[Any]) -> tie_chain.Keys:
        keys = tie_chain.keys_by(links)
        return lambda *inputs: (*keys(*inputs)[1:], keys(*inputs)[0])

    patch.setattr(rulebook, "keys_by", keys_by)


@fault(test_ranking.test_ranks_are_those_of_a_naive_sort)
def ranks_are_not_skipped_after_a_tie(patch: pytest.MonkeyPatch) -> None:
    def dense(self: ranking.Ranking, contestant: Any) -> int | None:
        keys = {each: self._layout.key(self._places[each]) for each in self if each not in self._unranked}
        return len({key for key in keys.values() if key < keys[contestant]}) + 1 if contestant in keys else None

    patch.setattr(ranking.Ranking, "rank_of", dense)


@fault(test_ranking.test_ranks_are_those_of_a_naive_sort)
@fault(test_ranking.test_a_guest_stands_where_the_points_put_it_without_a_number)
def a_guest_takes_a_number(patch: pytest.MonkeyPatch) -> None:
    place = ranking.Ranking.place
    patch.setattr(ranking.Ranking, "place", lambda self, who, key, ranked=True: place(self, who, key))


@fault(test_answers.test_whatever_a_judge_does_the_contest_goes_on, "award", "marks for nobody")
def marks_for_anybody_are_taken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fields, "_of_these", lambda rule, answer, field: answer)


@fault(test_answers.test_whatever_a_judge_does_the_contest_goes_on, "gate", "a doubt that is none")
def a_question_may_be_anything(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(answers._STATIONS, "gate", ((judging.Opinion,), lambda opinion: None))


@fault(test_ranking.test_a_guest_who_withdraws_stays_a_guest)
def a_guest_competes_by_withdrawing(patch: pytest.MonkeyPatch) -> None:
    state = dossier.Dossier._state_status

    def withdrawn_first(self: dossier.Dossier) -> None:
        state(self)
        if self.withdrawn and self.standing is None:
            self.status, self.competes = "withdrawn", True

    patch.setattr(dossier.Dossier, "_state_status", withdrawn_first)


# ---- the gate ---------------------------------------------------------------------------------------------------------------------


@fault(test_gate.test_the_frozen_board_is_the_fold_at_the_freeze_and_pending)
def forget_what_is_pending_after_the_freeze(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(audience, "with_pending", lambda mark, later: mark or rows.StageMark("open"))


@fault(test_gate.test_the_frozen_board_is_the_fold_at_the_freeze_and_pending)
@fault(test_gate.test_a_verdict_after_the_freeze_is_not_shown)
def reveal_a_row_through_the_gate(patch: pytest.MonkeyPatch) -> None:
    row_for = audience.row_for

    def leaky(contest: contest.Contest, who: Any, to: Any) -> Any:
        return row_for(contest, who, "staff" if who == "A1" else to)

    patch.setattr(test_gate, "row_for", leaky)


@fault(test_gate.test_the_frozen_board_is_the_fold_at_the_freeze_and_pending)
def reveal_first_clears_through_the_gate(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(test_gate, "first_clears_for", lambda contest, to: contest.first_clears())


@fault(test_gate.test_the_frozen_board_is_the_fold_at_the_freeze_and_pending)
def a_later_freeze_moves_the_frozen_board(patch: pytest.MonkeyPatch) -> None:
    advance = contest.Contest.advance

    def moving(self: contest.Contest, entry: Entry) -> None:
        if isinstance(entry.fact, Frozen):
            self.frozen = None
        advance(self, entry)

    patch.setattr(contest.Contest, "advance", moving)


# ---- frames -----------------------------------------------------------------------------------------------------------------------


@fault(test_board_laws.test_merging_what_was_sent_is_the_board_at_that_position)
def skip_a_frame_in_a_merge(patch: pytest.MonkeyPatch) -> None:
    def skipping(each: Iterable[frames.Change], rows: Any) -> Any:
        all_of_them = list(each)
        return frames.merge(all_of_them[1:] or all_of_them, rows)

    patch.setattr(view_log, "merge", skipping)


@fault(test_board_laws.test_merging_what_was_sent_is_the_board_at_that_position)
@fault(test_board_laws.test_who_is_pushed_out_of_the_top_is_gone_and_nobody_else_moves)
def forget_who_is_gone(patch: pytest.MonkeyPatch) -> None:
    def staying(after: int, to: int, rows: Any, gone: Any, state: bytes, total: int) -> frames.Frame:
        return frames.Frame(after, to, rows, frozenset(), state, total)

    patch.setattr(view_log, "Frame", staying)


@fault(test_moving_displays.test_who_left_the_top_and_came_back_within_one_frame_is_there)
def who_came_back_stays_gone(patch: pytest.MonkeyPatch) -> None:
    def sticky(each: Iterable[frames.Change], rows: Any) -> Any:
        all_of_them = list(each)
        changed, _ = frames.merge(all_of_them, rows)
        return changed, frozenset().union(*(change.gone for change in all_of_them))

    patch.setattr(view_log, "merge", sticky)


@fault(test_board_laws.test_merging_what_was_sent_is_the_board_at_that_position)
def a_move_to_another_venue_is_no_change(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rows.BoardRow, "__eq__", lambda self, other: isinstance(other, rows.BoardRow) and self.row == other.row)


@fault(test_board_laws.test_merging_what_was_sent_is_the_board_at_that_position)
@fault(test_board_laws.test_a_state_that_changes_by_time_alone_reaches_every_display)
def who_asks_takes_the_news_away_from_the_displays(patch: pytest.MonkeyPatch) -> None:
    whole = board.Board.whole

    def stealing(self: board.Board, to: Any, view: Any, now_us: int) -> Any:
        self._states[to] = self._state(self._board(to), now_us)
        return whole(self, to, view, now_us)

    patch.setattr(board.Board, "whole", stealing)


@fault(test_board_laws.test_merging_what_was_sent_is_the_board_at_that_position)
def a_cursor_of_another_ledger_is_taken_for_our_own(patch: pytest.MonkeyPatch) -> None:
    parse = display.parse_cursor
    patch.setattr(test_board_laws, "parse_cursor", lambda text, epoch: parse(text.replace("other:", f"{epoch}:"), epoch))


@fault(test_board_laws.test_merging_what_was_sent_is_the_board_at_that_position)
def the_gate_closes_for_rows_that_change_only(patch: pytest.MonkeyPatch) -> None:
    """After a thaw, or a new definition, rows that nobody touched stay as they were."""

    pass_gate = board.Board._pass_gate

    def late(self: board.Board) -> None:
        before = {each: set(dirty) for each, dirty in self._dirty.items()}
        pass_gate(self)
        self._dirty = before

    patch.setattr(board.Board, "_pass_gate", late)


@fault(test_by_difference.test_what_is_kept_by_difference_is_what_is_reckoned_anew)
def what_the_field_adds_is_not_seen_on_the_row(patch: pytest.MonkeyPatch) -> None:
    lead = sheet.Sheet.lead

    def unseen(self: sheet.Sheet, stage: Any, first: bool) -> None:
        before = dict(self._stale)
        lead(self, stage, first)
        self._stale = before

    patch.setattr(sheet.Sheet, "lead", unseen)


@fault(test_by_difference.test_what_is_kept_by_difference_is_what_is_reckoned_anew)
def rows_that_were_made_before_change_with_their_contestant(patch: pytest.MonkeyPatch) -> None:
    marks_of = sheet.Sheet._marks_of

    def in_place(self: sheet.Sheet, cells: Any) -> Any:
        before = self._marks
        made = dict(marks_of(self, cells))
        before.clear()
        before.update(made)
        self._marks = before
        return before

    patch.setattr(sheet.Sheet, "_marks_of", in_place)


@fault(test_rows.test_no_points_are_left_out_of_a_mark_however_they_were_reckoned, "0.0")
def zeros_at_the_end_are_shown(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rows, "plain_decimal", lambda marks: format(marks, "f"))


@fault(test_board_laws.test_an_audience_sees_what_the_gate_lets_through)
def the_public_sees_the_order_of_now_during_a_freeze(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(audience_boards.HeldBoard, "ranking", audience_boards.OpenBoard.ranking)


@fault(test_board_laws.test_an_audience_sees_what_the_gate_lets_through)
@fault(test_board_laws.test_a_freeze_in_the_middle_of_what_comes_together_shows_nothing_after_it)
def the_public_goes_on_seeing_the_rows_of_now(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(audience_boards.HeldBoard, "_row", audience_boards.OpenBoard._row)


@fault(test_board_laws.test_an_audience_sees_what_the_gate_lets_through)
def the_freeze_outlives_the_thaw(patch: pytest.MonkeyPatch) -> None:
    pass_gate = board.Board._pass_gate

    def lasting(self: board.Board) -> None:
        held = self._held
        pass_gate(self)
        self._held = self._held or held

    patch.setattr(board.Board, "_pass_gate", lasting)


@fault(test_board_laws.test_an_audience_sees_what_the_gate_lets_through)
def a_row_is_counted_again_when_it_changes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(totals.Totals, "move", lambda self, before, after: self.add(after))


@fault(test_board_laws.test_an_audience_sees_what_the_gate_lets_through)
def who_counts_no_more_stays_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(totals.Totals, "remove", lambda self, row: None)


@fault(test_board_laws.test_an_unknown_or_too_old_cursor_gets_everything)
def a_cursor_that_is_too_old_gets_what_is_left(patch: pytest.MonkeyPatch) -> None:
    frame = board.ViewLog._frame

    def partial(self: board.ViewLog, start: int, state: bytes) -> frames.Frame:
        made = frame(self, start, state)
        return replace(made, after=self._changes[0].after) if start == 0 and self._changes else made

    patch.setattr(board.ViewLog, "_frame", partial)


@fault(test_board_laws.test_a_leap_from_last_to_first_of_a_thousand_is_a_frame_with_one_row)
def a_row_knows_its_rank(patch: pytest.MonkeyPatch) -> None:
    """So that everybody's row changes when one leaps ahead."""

    def take(self: audience_boards.OpenBoard, contestants: Iterable[Any]) -> set[Any]:
        self.rows = dict(self._contest.rows)
        return set(self.rows)

    patch.setattr(audience_boards.OpenBoard, "take", take)


# ---- the desk ---------------------------------------------------------------------------------------------------------------------


@fault(test_desk.test_whatever_fails_every_acknowledged_event_is_there_exactly_once)
@fault(test_desk.test_an_acknowledgement_comes_after_the_commit)
def acknowledge_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    commit = recorder.Recorder._commit

    async def hasty(self: recorder.Recorder, batch: Any) -> None:
        for wish in batch:
            wish.tell(self._contest.position + len(wish.drafts))
        await asyncio.sleep(0)
        await commit(self, batch)

    patch.setattr(recorder.Recorder, "_commit", hasty)


@fault(test_desk.test_whatever_fails_every_acknowledged_event_is_there_exactly_once)
def what_is_stored_is_not_folded(patch: pytest.MonkeyPatch) -> None:
    fold = recorder.Recorder._fold

    async def lazy(self: recorder.Recorder, entries: Sequence[Entry], wishes: Sequence[Any] = ()) -> None:
        await fold(self, entries, wishes)
        for entry in entries:
            if isinstance(entry.fact, Event) and entry.fact.seq % 3 == 0:
                self._contest.sources[entry.fact.source].last_seq = entry.fact.seq - 1
                own = self._contest.sheets.get(entry.fact.contestant) if entry.fact.contestant else None
                if own is not None:
                    own.entries.pop(entry.fact.stage, None) if entry.fact.stage else None

    patch.setattr(recorder.Recorder, "_fold", lazy)


@fault(test_desk.test_a_busy_desk_still_follows_others_and_freezes_in_time)
def a_desk_looks_around_only_when_nothing_comes_in(patch: pytest.MonkeyPatch) -> None:
    async def write(self: desk.Desk) -> None:
        while True:
            try:
                async with asyncio.timeout(0.5):
                    first = await self._inbox.next()
            except TimeoutError:
                await self._recorder.follow()
                await self._keep_time()
                continue
            if first is not None:
                await self._recorder.enter(first)

    patch.setattr(desk.Desk, "_write", write)


# ---- the wire ---------------------------------------------------------------------------------------------------------------------


@fault(test_venue_session.test_whatever_is_sent_again_or_too_early_every_number_becomes_one_fact)
def a_gap_is_stepped_over(patch: pytest.MonkeyPatch) -> None:
    take = venue.VenueSession.take

    def stepping(self: venue.VenueSession, events: Sequence[Any], received_us: int) -> venue.Batch:
        if events and events[0].seq is not None:
            self.last_seq = max(self.last_seq, events[0].seq - 1)
        return take(self, events, received_us)

    patch.setattr(venue.VenueSession, "take", stepping)


@fault(test_venue_session.test_one_bad_event_is_refused_by_its_number_and_the_rest_goes_on, *test_venue_session.BAD_EVENTS["no zone"])
def a_refused_number_is_accepted_when_it_is_sent_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(venue.VenueSession, "_refused_before", lambda self, seq: [])


@fault(test_venue_session.test_one_bad_event_is_refused_by_its_number_and_the_rest_goes_on, *test_venue_session.BAD_EVENTS["unknown kind"])
def one_bad_event_costs_its_whole_message(patch: pytest.MonkeyPatch) -> None:
    def strict(text: str | bytes) -> Any:
        try:
            return list(msgspec.json.decode(text, type=VenueEvents).events)
        except msgspec.ValidationError as error:
            raise reading.BadMessage("bad_message", str(error)) from None

    patch.setattr(venue, "read_message", strict)


@fault(test_venue_session.test_any_text_is_facts_or_refusals_or_a_bad_message)
def half_a_surrogate_pair_is_text(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reading, "_is_text", lambda value: True)


@fault(test_clock_pace_display.test_who_says_what_it_painted_gets_no_more_than_its_credit)
def a_display_has_credit_without_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(display.DisplaySession, "has_credit", True)


# ---- documents --------------------------------------------------------------------------------------------------------------------


@fault(test_contestants_file.test_a_name_with_an_english_one_beside_it_keeps_both, ["id", "name", "name_en"])
def the_last_column_of_a_name_wins(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(contestants_file, "IN_BOTH_LANGUAGES", ())


@fault(test_toml_file.test_the_ledger_holds_no_name_of_a_person)
def names_go_into_the_ledger(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(definition_reading, "PERSONAL_FIELDS", ("photo",))


# ---- the server -------------------------------------------------------------------------------------------------------------------


@fault(test_venue_sockets.test_only_a_token_of_this_venue_of_this_contest_may_speak, "yueqing")
def a_token_is_good_for_any_venue(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access, "venue_of", lambda _: ANY)


@fault(test_venue_sockets.test_only_a_token_of_this_venue_of_this_contest_may_speak, "staff")
def any_token_is_good_for_a_venue(patch: pytest.MonkeyPatch) -> None:
    rule = replace(ACTIONS["events.send"], roles=frozenset(ROLES))
    patch.setattr(access, "ACTIONS", {**ACTIONS, "events.send": rule})


@fault(test_displays.test_what_happens_after_the_freeze_appears_nowhere_in_public)
def scores_are_told_to_everybody(patch: pytest.MonkeyPatch) -> None:
    async def open_door(*_: Any) -> None:
        return

    patch.setattr(contests, "_only_staff_while_frozen", open_door)


@fault(test_displays.test_what_happens_after_the_freeze_appears_nowhere_in_public)
def the_board_forgets_to_ask_the_gate(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(audience_boards, "row_for", lambda contest, who, to: contest.rows.get(who))


@fault(test_displays.test_a_display_that_comes_back_gets_only_what_changed)
def nobody_who_comes_back_is_believed(patch: pytest.MonkeyPatch) -> None:
    after = board.ViewLog.after

    def distrusting(self: board.ViewLog, cursor: int | None, revision: int | None, state: bytes) -> Any:
        return after(self, None if revision is None else cursor, revision, state)

    patch.setattr(board.ViewLog, "after", distrusting)


@fault(test_venue_sockets.test_the_newer_socket_of_a_source_replaces_the_older)
def an_old_socket_is_not_replaced(patch: pytest.MonkeyPatch) -> None:
    async def deaf(event: asyncio.Event, close: Close) -> None:
        if close is REPLACED:
            await asyncio.sleep(0.2)
            raise Closing(RESTARTING)
        await close_when(event, close)

    patch.setattr(venues, "close_when", deaf)


@fault(test_venue_sockets.test_a_revoked_token_is_no_token_and_loses_its_open_sockets)
def a_revoked_token_keeps_its_socket(patch: pytest.MonkeyPatch) -> None:
    async def deaf(event: asyncio.Event, close: Close) -> None:
        if close is NOT_ALLOWED:
            await asyncio.sleep(0.2)
            raise Closing(RESTARTING)
        await close_when(event, close)

    patch.setattr(venues, "close_when", deaf)


# ---- verdicts, the freeze and the end ---------------------------------------------------------------------------------------------


@fault(test_verdicts.test_who_is_disqualified_gives_first_clears_and_pending_attempts_up)
def the_disqualified_still_compete(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dossier, "NOT_COMPETING", ("guest",))


@fault(test_verdicts.test_a_jury_whose_clock_is_behind_settles_the_attempt_all_the_same, 5.0)
def whoever_is_last_by_the_clock_decides(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(attempts, "_outcome", lambda decisive: attempts.outcome_of(decisive[-1]) if decisive else None)


@fault(test_verdicts.test_who_gave_the_verdict_can_open_it_again)
def a_verdict_is_never_opened_again(patch: pytest.MonkeyPatch) -> None:
    def settled(decisive: Sequence[Event]) -> Any:
        verdicts = [said for event in decisive if (said := attempts.outcome_of(event)) != "pending"]
        return verdicts[-1] if verdicts else "pending" if decisive else None

    patch.setattr(attempts, "_outcome", settled)


@fault(test_verdicts.test_what_arrives_after_the_result_is_final_is_kept_and_flagged_and_does_not_count)
def a_final_result_still_moves(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(contest.Contest, "final_at", property(lambda _: 10**9, lambda _, __: None), raising=False)


@fault(test_desk.test_a_freeze_that_no_server_was_there_for_is_made_up_for_until_somebody_thaws)
def only_a_running_contest_freezes(patch: pytest.MonkeyPatch) -> None:
    keep_time = desk.Desk._keep_time

    async def while_running(self: desk.Desk) -> None:
        if self.contest.clock.phase(self._now_us()) == "running":
            await keep_time(self)

    patch.setattr(desk.Desk, "_keep_time", while_running)


@fault(test_desk.test_a_freeze_and_thaw_by_hand_in_the_last_minutes_is_not_overruled)
def a_thaw_by_hand_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(contest.Contest, "thawed_us", property(lambda _: None, lambda _, __: None), raising=False)


@fault(test_rest.test_what_is_final_takes_no_more_orders)
def orders_are_taken_after_the_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(contest.Contest, "final", property(lambda _: False, lambda _, __: None), raising=False)
