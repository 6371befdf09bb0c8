"""Contest time: pauses are taken off once, only a clock that is surely wrong is corrected, and only in whole steps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.clock import OFFSET_STEP_US, ContestClock, clock_is_off, corrected_us
from contest_server.core.contest_flags import flags_of
from contest_server.core.definition import ClockPolicy
from contest_server.core.facts import Clock
from tests.contests import START, START_US, adopted, clock, document, event, fold, mark

S = 1_000_000
ACTIONS = st.lists(st.tuples(st.sampled_from(("pause", "resume")), st.integers(-5, 30)), max_size=8)


def contest_clock(*facts: Clock, minutes: int | None = None) -> ContestClock:
    made = ContestClock()
    made.plan(START, minutes)
    for fact in facts:
        made.apply(fact)
    return made


@given(ACTIONS, st.integers(0, 10), st.integers(-3, 40))
def test_a_second_counts_unless_the_contest_was_paused_in_it(actions: list[tuple[str, int]], start: int, at: int) -> None:
    """Told second by second: paused from the order to pause to the order to resume, however the orders overlap."""
    made = contest_clock(clock("start", start), *(clock(action, second) for action, second in actions))  # type: ignore[arg-type]
    paused: set[int] = set()
    since: int | None = None
    for action, second in actions:
        if action == "pause" and since is None:
            since = second
        elif action == "resume" and since is not None:
            paused |= set(range(since, second))
            since = None
    if since is not None:
        paused |= set(range(since, 100))
    counted = [second for second in range(start, at) if second not in paused]
    expected = len(counted) if at >= start else at - start
    assert made.contest_ms(START_US + at * S) == expected * 1000


def test_removed_time_is_that_of_the_rule_book() -> None:
    """E2: start 9:00, removed 10:00 to 10:10: at 9:30 30 min, at 10:05 60, at 10:30 80."""
    made = contest_clock(clock("start", 0), clock("pause", 3600), clock("resume", 4200))
    assert [made.contest_ms(START_US + minutes * 60 * S) // 60_000 for minutes in (30, 65, 90)] == [30, 60, 80]


def test_a_clear_during_a_pause_is_at_the_time_of_the_pause() -> None:
    contest = fold([clock("start", 0), clock("pause", 10), clock("resume", 25), event(1, at_s=20), event(2, contestant="B1", at_s=30)])
    assert [mark(contest, who).ms for who in ("A1", "B1")] == [10_000, 15_000]


def test_the_clock_never_shows_more_than_the_contest_lasts_nor_less_than_nothing() -> None:
    made = contest_clock(clock("start", 60), minutes=2)
    shown = [(made.phase(START_US + at * S), made.elapsed_ms(START_US + at * S)) for at in (0, 60, 179, 180, 999)]
    assert shown == [("before", 0), ("running", 0), ("running", 119_000), ("ended", 120_000), ("ended", 120_000)]
    made.apply(clock("extend", 200, 60_000))
    assert made.phase(START_US + 200 * S) == "running"
    made.apply(clock("end", 210))
    assert (made.phase(START_US + 220 * S), made.elapsed_ms(START_US + 220 * S)) == ("ended", 150_000)


def test_an_official_start_outweighs_the_definition_and_a_new_definition_the_old_one() -> None:
    later = document(version=2, contest={"starts": "2026-11-22T01:00:10+00:00"})
    assert mark(fold([adopted(), event(1, at_s=30), adopted(later)])).ms == 20_000
    assert mark(fold([adopted(), clock("start", 25), event(1, at_s=30), adopted(later)])).ms == 5_000


@given(st.integers(-3_000_000, 3_000_000), st.none() | st.integers(0, 400_000), st.sampled_from((0, 1, 500)), st.booleans())
def test_only_a_clock_that_is_surely_outside_the_policy_is_corrected_in_whole_steps(
    offset_us: int, error_us: int | None, max_offset_ms: int, correct: bool
) -> None:
    policy = ClockPolicy(max_offset_ms=max_offset_ms, correct=correct)
    told = event(1, offset_us=offset_us, error_us=error_us)
    moved_us = told.at_us - corrected_us(told, policy)
    surely_off = abs(offset_us) - (error_us or 0) > max_offset_ms * 1000
    assert clock_is_off(told, policy) == surely_off
    if not (surely_off and correct):
        assert moved_us == 0
    else:
        assert moved_us % OFFSET_STEP_US == 0
        assert abs(moved_us - offset_us) <= OFFSET_STEP_US // 2


def test_an_unmeasured_clock_is_never_corrected() -> None:
    assert corrected_us(event(1), ClockPolicy(max_offset_ms=0)) == event(1).at_us


@pytest.mark.parametrize("correct", [True, False])
def test_a_wrong_clock_is_a_question_and_is_corrected_where_the_policy_says_so(correct: bool) -> None:
    changed = document(clock={"max_offset_ms": 500, "correct": correct})
    contest = fold([adopted(changed), event(1, at_s=12.04, offset_us=2_040_000, error_us=1000)])
    assert mark(contest).ms == (10_040 if correct else 12_040)
    assert [flag.code for flag in flags_of(contest)] == ["clock_offset"]
