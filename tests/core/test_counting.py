"""What the attempts of a cell came to: attempt by attempt the same as all at once, and without looking at each anew for every other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.counting import Counting, count_up
from contest_server.core.facts import Outcome, StageId
from contest_server.core.judging import Attempt
from contest_server.core.scoring import judge_cell
from tests.contests import adopted, document, fold
from tests.judges.cases import WHO, attempt, cell

OUTCOMES: tuple[Outcome | None, ...] = ("accepted", "rejected", "free", "pending", None)


class Watched(list[Attempt]):
    """Attempts that count how often one of them was looked at."""

    looks = 0

    def __iter__(self) -> Iterator[Attempt]:
        for each in super().__iter__():
            self.looks += 1
            yield each


@st.composite
def some_attempts(draw: st.DrawFn) -> list[Attempt]:
    """In order of time; a start may be missing, or even lie behind the end."""
    told = draw(st.lists(st.tuples(st.sampled_from(OUTCOMES), st.none() | st.integers(0, 9)), max_size=7))
    return [attempt(f"a{number}", outcome, number, start_ms) for number, (outcome, start_ms) in enumerate(told)]


@given(attempts=some_attempts(), held=st.sets(st.integers(0, 6)))
def test_a_count_that_grows_is_at_any_moment_what_was_added_so_far_came_to(attempts: list[Attempt], held: set[int]) -> None:
    counting, counted = Counting(attempts), []
    for number, each in enumerate(attempts):
        if number not in held:
            counting.add(each)
            counted.append(each)
        assert counting.count() == count_up(attempts, counted)
        seen = cell(*attempts, held=[other.id for other in attempts if other not in counted])
        assert (counting.deciding, len(counting.rejected_ms)) == (seen.deciding, seen.rejected)
        ended_ms = None if seen.deciding is None else seen.deciding.time_ms
        begun_ms = [
            other.start_ms
            for other in attempts
            if other.start_ms is not None and (ended_ms is None or other.start_ms <= ended_ms or other == seen.deciding)
        ]
        assert counting.started_ms == min(begun_ms, default=None)


def looks_at(count: int, **rule: Any) -> int:
    """How often one of so many rejected attempts is looked at while their cell is judged."""
    rules = fold([adopted(document(stages=[{"id": "wiring", "points": 5, "rules": [rule]}]))]).fields[StageId("wiring")].rules
    attempts = Watched(attempt(f"a{number}", "rejected", 1_000 * number, 500 * number) for number in range(count))
    judged = judge_cell(WHO, attempts, (), rules)
    assert judged.result.state == "tried"
    return attempts.looks


def test_twice_as_many_attempts_are_looked_at_twice_as_often() -> None:
    limits: list[dict[str, Any]] = [
        {"rule": "retry", "stage_limit": 3},
        {"rule": "retry", "stage_limit": 1_000},
        {"rule": "time_limit", "stage_s": 60, "since": "first_start"},
    ]
    for limit in limits:
        assert looks_at(200, **limit) <= 2 * looks_at(100, **limit) + 20, limit
