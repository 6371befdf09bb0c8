"""Nothing that happened before the contest began, or after it ended, counts without a question; and none of it is thrown away."""

from __future__ import annotations

from typing import Any

import pytest

from contest_server.core.acts import Remove
from contest_server.core.contest_flags import flags_of
from contest_server.core.facts import Fact, Finalised
from tests.contests import START_US, adopted, clock, document, event, fold, mark, tried
from tests.core.test_rulings import ruling

END_S = 120 * 60


def asked(*facts: Fact, **more: Any) -> list[tuple[str, Any]]:
    """The questions about contest time, with what was seen."""
    found = flags_of(fold([adopted(document(**more)), *facts]))
    return [(flag.code, flag.seen) for flag in found if flag.rule == "contest_clock"]


@pytest.mark.parametrize(
    ("at_s", "expected"),
    [
        (-3600, [("before_start", 3_600_000)]),
        (-0.501, [("before_start", 501)]),
        (-0.5, []),  # no further off than the clock of a device may be
        (0, []),
        (END_S, []),  # exactly at the end is in time
        (END_S + 0.5, []),
        (END_S + 0.501, [("after_end", 7_200_501)]),
    ],
)
def test_what_was_decided_outside_of_the_contest_counts_and_is_a_question(at_s: float, expected: list[tuple[str, int]]) -> None:
    clear = event(1, at_s=at_s)
    assert asked(clear) == expected
    assert mark(fold([adopted(document()), clear])).state == "cleared"
    assert asked(clear, doubts_defaults={"off": ["contest_clock"]}) == []


def test_a_device_that_is_surely_off_is_corrected_first() -> None:
    assert asked(event(1, at_s=-3600, offset_us=-3_700_000_000, error_us=1_000)) == []


def test_an_early_start_gives_no_time_away_unseen() -> None:
    for attempt in ("1", None):
        start = event(1, "start", attempt=attempt, at_s=-300)
        assert asked(start, event(2, at_s=60)) == [("before_start", 300_000)]
        assert asked(start) == [], "nothing is decided yet"
    other = event(1, "start", attempt="0", at_s=-300)
    assert asked(other, event(2, at_s=60)) == []


def test_a_start_with_the_whistle_is_no_question_however_late_the_clock_was_started() -> None:
    start = event(1, "start", attempt=None, at_s=-59)
    assert asked(start, event(2, at_s=60)) == []


def test_who_came_early_and_began_no_stage_is_asked_about_nothing() -> None:
    came = event(1, "start", attempt=None, stage=None, at_s=-1800)
    assert asked(came, event(2, at_s=600), event(3, at_s=900, stage="wiring", attempt="w1")) == []


def test_a_start_that_names_no_attempt_is_one_question_however_many_tries_follow() -> None:
    start = event(1, "start", attempt=None, at_s=-300)
    tries = [tried(n, "rejected", attempt=str(n), at_s=60 * n) for n in (2, 3)]
    assert len(asked(start, *tries, event(4, at_s=300, attempt="4"))) == 1


def test_more_time_that_does_not_reach_leaves_the_question_as_it_is() -> None:
    clear = event(1, at_s=END_S + 600)
    keys = [{flag.key for flag in flags_of(fold([adopted(document()), clear, *more]))} for more in ((), (clock("extend", 100, 60_000),))]
    assert keys[0] == keys[1]


def test_once_the_result_is_final_nobody_is_asked() -> None:
    late = event(1, at_s=END_S + 600)
    assert asked(late, Finalised()) == []


def test_what_does_not_count_is_no_question_of_time() -> None:
    late = {"rule": "time_limit", "run_s": END_S}
    assert asked(event(1, at_s=END_S + 60), rules=[late]) == [], "the limit holds it"
    assert asked(tried(1, "pending", at_s=END_S - 1), tried(2, "accepted", at_s=END_S + 60)) == [], "handed in in time, judged later"


def test_the_end_is_when_it_was_ended_and_moves_with_the_clock() -> None:
    clear = event(1, at_s=END_S + 60)
    assert asked(clear, clock("extend", 100, 120_000)) == []
    assert asked(clear, clock("pause", 100), clock("resume", 200)) == []
    assert asked(event(1, at_s=700), clock("end", 600)) == [("after_end", 700_000)]
    given_back = ruling(Remove(START_US, START_US + 120_000_000), contestant="A1", stage=None, attempt=None)
    assert asked(clear, given_back) == [], "who was given time back has longer"
    assert asked(event(1, at_s=10**6), contest={"minutes": None}) == [], "nobody knows the end"
