"""Which attempts count, and which stages are open. The order of arrival decides nothing."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.facts import Fact, StageId
from contest_server.core.judging import Attempt, CellView, Doubt
from judges.opens_after import OpensAfter
from judges.retry import Retry
from judges.time_limit import TimeLimit
from tests.contests import adopted, document, event, fold, mark, tried
from tests.judges.cases import attempt, cell, made, record, refusal, result, stage

A, B, C, D = (stage(name, index) for index, name in enumerate("abcd"))


def admitted(judge: Retry | TimeLimit, attempts: list[Attempt]) -> list[str]:
    """Ask like the fold: in order of time, each attempt with the view of those that counted before it."""
    ordered = sorted(attempts, key=lambda each: (each.time_ms, each.id))
    counted: list[Attempt] = []
    for each in ordered:
        held = [other.id for other in ordered if other not in counted]
        opinion = judge.admit(each, cell(*ordered, held=held, asked=each))
        if opinion is None or opinion.doubt is not Doubt.BAD:
            counted.append(each)
    return [each.id for each in counted]


def tries(*outcomes: Any) -> list[Attempt]:
    return [attempt(f"a{number}", outcome, 1_000 * number) for number, outcome in enumerate(outcomes)]


def test_an_attempt_beyond_the_limit_of_the_stage_is_held_b2() -> None:
    judge = made(Retry, stage_limit=1)
    assert admitted(judge, tries("rejected", "accepted")) == ["a0", "a1"]
    assert admitted(judge, tries("rejected", "rejected", "accepted")) == ["a0", "a1"]
    assert admitted(made(Retry, stage_limit=0), tries("rejected", "accepted")) == ["a0"]


def test_free_attempts_and_work_never_handed_in_use_up_no_retry() -> None:
    assert admitted(made(Retry, stage_limit=0), tries("free", None, "free", "accepted")) == ["a0", "a1", "a2", "a3"]


def test_a_held_attempt_does_not_open_the_way_for_the_next() -> None:
    assert admitted(made(Retry, stage_limit=1), tries("rejected", "rejected", "accepted", "accepted")) == ["a0", "a1"]


def test_attempts_after_the_clear_are_no_retries() -> None:
    assert admitted(made(Retry, stage_limit=0), tries("accepted", "accepted", "rejected")) == ["a0", "a1", "a2"]


@given(outcomes=st.lists(st.sampled_from(["accepted", "rejected", "free", "pending", None]), max_size=6), limit=st.integers(0, 3))
def test_at_most_the_limit_and_one_attempts_count_until_the_clear(outcomes: list[str | None], limit: int) -> None:
    attempts = tries(*outcomes)
    counted = admitted(made(Retry, stage_limit=limit), attempts)
    assert counted == admitted(made(Retry, stage_limit=limit), random.Random(7).sample(attempts, len(attempts)))
    handed_in = [each for each in attempts if each.id in counted and each.outcome in ("accepted", "rejected", "pending")]
    until_clear = next((n + 1 for n, each in enumerate(handed_in) if each.outcome == "accepted"), len(handed_in))
    assert until_clear <= limit + 1


def run_retries(stage_id: str, *cells: Any, limit: int = 2) -> Any:
    book = {each.stage.id: each for each in cells}
    return made(Retry, run_limit=limit).gate(record(*cells), book[StageId(stage_id)].stage)


def test_retries_of_all_stages_add_up_over_the_run() -> None:
    first, second, third = result(A, 1_000, rejected=1), result(B, 2_000, rejected=1), result(C, 3_000, rejected=1)
    assert run_retries("a", first, second, third) is None
    assert run_retries("b", first, second, third) is None
    opinion = run_retries("c", first, second, third)
    assert (opinion.doubt, opinion.code, opinion.threshold, opinion.seen) == (Doubt.BAD, "run_retry_limit", 2, 3)


def test_a_stage_cleared_at_the_first_attempt_needs_no_retry() -> None:
    assert run_retries("c", result(A, 1_000, rejected=2), result(B, 2_000, rejected=3), result(C, 3_000)) is None


def test_where_an_open_stage_could_make_the_difference_the_referee_is_asked() -> None:
    opinion = run_retries("b", result(A, rejected=3), result(B, 2_000, rejected=1))
    assert (opinion.doubt, opinion.seen) == (Doubt.QUESTIONABLE, 3)
    assert run_retries("b", result(A, rejected=2), result(B, 2_000, rejected=1)) is None


def test_holding_a_stage_does_not_change_what_the_gate_says() -> None:
    cells = [result(A, 1_000, rejected=2), result(B, 2_000, rejected=1)]
    before = run_retries("b", *cells)
    held = result(B, 2_000, rejected=1, state="held")
    assert run_retries("b", cells[0], held) == before


def gate(judge: OpensAfter, where: Any, *cells: Any) -> tuple[Doubt, str] | None:
    opinion = judge.gate(record(*cells), where)
    return None if opinion is None else (opinion.doubt, opinion.code)


def test_a_stage_is_closed_until_its_predecessor_is_passed_b1() -> None:
    judge = made(OpensAfter, stages=["a"])
    closed = (Doubt.BAD, "closed_stage")
    assert gate(judge, B, result(B, 2_000)) == closed
    assert gate(judge, B, result(A, rejected=2), result(B, 2_000)) == closed
    assert gate(judge, B, result(A, 1_000, state="tried", passed=False), result(B, 2_000)) == closed, "cleared, but below its pass marks"
    assert gate(judge, B, result(A, 1_000), result(B, 2_000)) is None
    assert gate(judge, B, result(A, 1_000)) is None
    assert gate(made(OpensAfter, stages=["a"], closed="flag"), B, result(B, 2_000)) == (Doubt.QUESTIONABLE, "closed_stage")


def test_a_stage_cleared_before_its_predecessor_counts_with_a_question() -> None:
    judge = made(OpensAfter, stages=["a"])
    assert gate(judge, B, result(A, 3_000), result(B, 2_000)) == (Doubt.QUESTIONABLE, "out_of_order")
    assert gate(judge, B, result(A, 2_000), result(B, 2_000)) is None


def test_a_partial_order_needs_all_of_some_and_one_of_others() -> None:
    judge = made(OpensAfter, stages=["a"], any_of=["b", "c"])
    done = result(D, 9_000)
    assert gate(judge, D, result(A, 1_000), done) == (Doubt.BAD, "closed_stage")
    assert gate(judge, D, result(B, 1_000), result(C, 1_000), done) == (Doubt.BAD, "closed_stage")
    assert gate(judge, D, result(A, 1_000), result(C, 2_000), done) is None
    assert gate(judge, D, result(A, 1_000), result(B, 9_500), result(C, 2_000), done) is None, "the earlier of the alternatives opened it"
    assert gate(judge, D, result(A, 1_000), result(B, 9_500), done) == (Doubt.QUESTIONABLE, "out_of_order")


def test_a_stage_never_waits_for_itself() -> None:
    for own in (result(A, 1_000), result(A, rejected=1)):
        assert gate(made(OpensAfter, stages=["a"]), A, own) is None
        assert gate(made(OpensAfter, any_of=["a", "b"]), A, own) is None


FAILED_AT_A = {
    "not yet begun": ((), None),
    "failed": ((("rejected", 10),), 10),
    "failed, then passed": ((("rejected", 10), ("accepted", 20)), 10),
    "too few marks": ((("accepted", 15),), 15),
    "not judged yet": ((("pending", 10),), None),
}


@pytest.mark.parametrize(("attempts", "failed_s"), FAILED_AT_A.values(), ids=FAILED_AT_A)
@pytest.mark.parametrize("on_fail", ["retry", "skip", "end"])
def test_what_a_failure_at_the_predecessor_does_to_the_next_stage_b1(
    on_fail: str, attempts: tuple[tuple[str, int], ...], failed_s: int | None
) -> None:
    """Wait for a retry, go on all the same (from the first failure on), or go no further; in whatever order it arrives."""
    first = {"id": "a", "points": 5, "pass_marks": 5}
    if failed_s == 15:
        first = {"id": "a", "pass_marks": 5, "aspects": [{"id": "x", "rule": "check", "field": "x", "max": 5}]}
    stages = [first, {"id": "b", "points": 5, "rules": [{"rule": "opens_after", "stages": ["a"], "on_fail": on_fail}]}]
    told: list[Fact] = [event(1, stage="b", at_s=30)]
    told += [tried(n, outcome, {"x": False}, stage="a", attempt=str(n), at_s=at_s) for n, (outcome, at_s) in enumerate(attempts, start=2)]
    passed = ("accepted", 20) in attempts
    is_open = {"retry": passed, "skip": failed_s is not None, "end": passed and failed_s is None}[on_fail]
    for facts in (told, told[::-1]):
        contest = fold([adopted(document(stages=stages)), *facts])
        assert mark(contest, stage="b").state == ("cleared" if is_open else "held")


@pytest.mark.parametrize("on_fail", ["retry", "skip", "end"])
def test_who_passes_at_once_goes_on_whatever_a_failure_would_do(on_fail: str) -> None:
    judge = made(OpensAfter, stages=["a"], on_fail=on_fail)
    assert gate(judge, B, result(A, 1_000), result(B, 2_000)) is None
    assert gate(judge, B, result(A, 1_000, state="held"), result(B, 2_000)) == (Doubt.BAD, "closed_stage"), "nobody knows yet"


@given(times=st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=4, max_size=4), more=st.integers(0, 3))
def test_passing_one_more_stage_never_closes_another(times: list[int | None], more: int) -> None:
    judge = made(OpensAfter, stages=["a", "b"], any_of=["c"])
    stages = (A, B, C, D)
    cells = [result(where, None if time is None else time * 1_000) for where, time in zip(stages, times, strict=True)]
    more_cells = [result(where, 1_000) if n == more and cells[n].clear_ms is None else cells[n] for n, where in enumerate(stages)]
    if gate(judge, D, *cells) != (Doubt.BAD, "closed_stage"):
        assert gate(judge, D, *more_cells) != (Doubt.BAD, "closed_stage")


def test_unknown_stages_are_named_when_the_definition_is_read() -> None:
    assert list(made(OpensAfter, stages=["a", "z"], any_of=["b"]).faults([A, B])) == ["opens_after: 'z' is not a stage; stages are a, b"]


def limit(judge: TimeLimit, tried: Attempt, around: CellView | None = None) -> tuple[Doubt, str] | None:
    opinion = judge.admit(tried, around or cell(tried))
    return None if opinion is None else (opinion.doubt, opinion.code)


OVER, FLAGGED = (Doubt.BAD, "over_time"), (Doubt.QUESTIONABLE, "over_time")


@pytest.mark.parametrize(("elapsed_ms", "expected"), [(599_999, None), (600_000, None), (600_001, OVER)])
def test_exactly_at_the_limit_is_in_time_b6(elapsed_ms: int, expected: object) -> None:
    assert limit(made(TimeLimit, stage_s=600), attempt(time_ms=5_000 + elapsed_ms, start_ms=5_000)) == expected
    assert limit(made(TimeLimit, run_s=600), attempt(time_ms=elapsed_ms)) == expected


def test_a_late_attempt_may_count_with_a_flag() -> None:
    assert limit(made(TimeLimit, run_s=600, action="flag"), attempt(time_ms=600_001)) == FLAGGED
    assert limit(made(TimeLimit, run_s=600), attempt(time_ms=600_001, outcome="rejected")) == OVER
    assert limit(made(TimeLimit, run_s=600), attempt(time_ms=600_001, outcome="free")) is None


def test_retries_may_share_the_time_of_the_stage() -> None:
    first, second = attempt("a", "rejected", 100_000, 0), attempt("b", "accepted", 650_000, 400_000)
    both = cell(first, second)
    assert limit(made(TimeLimit, stage_s=600), second, both) is None
    assert limit(made(TimeLimit, stage_s=600, since="first_start"), second, both) == OVER


def test_without_a_start_event_the_referee_is_asked() -> None:
    assert limit(made(TimeLimit, stage_s=600), attempt(time_ms=1)) == (Doubt.QUESTIONABLE, "start_missing")
    assert limit(made(TimeLimit, stage_s=600, run_s=1), attempt(time_ms=1_001)) == OVER, "what is certainly late is not asked, it is held"


def test_a_clock_that_cannot_tell_asks_a_referee() -> None:
    assert limit(made(TimeLimit, run_s=600), attempt(time_ms=599_990, error_ms=20)) == (Doubt.QUESTIONABLE, "near_time_limit")
    assert limit(made(TimeLimit, run_s=600), attempt(time_ms=599_980, error_ms=20)) is None


def test_impossible_limits_are_refused_in_words() -> None:
    assert "limits nothing" in refusal(TimeLimit)
    assert "must not be below 0" in refusal(TimeLimit, run_s=-1)
    assert "counts retries" in refusal(Retry, stage_limit=-1)
    assert "name at least one stage" in refusal(OpensAfter)
    assert "a more than once" in refusal(OpensAfter, stages=["a"], any_of=["a"])
