"""The short ways by which most events are judged: each comes to what the long way comes to, or to what is reckoned here by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contest_server.core.acts import Penalise
from contest_server.core.attempts import attempts_of
from contest_server.core.clock import ContestClock, corrected_us
from contest_server.core.compiling import compile_rulebook
from contest_server.core.contest import Contest
from contest_server.core.definition import ClockPolicy
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import ContestantId, Entry, Event, EventKind, Fact, StageId
from contest_server.core.fields import StageField
from contest_server.core.judging import API_VERSION, Attempt, CellResult, ContestantRecord, Tally, Total
from contest_server.core.rows import Row
from contest_server.core.rulebook import StageRules
from contest_server.core.scoring import judge_cell, result_of
from contest_server.core.tally import tally_of
from tests.contests import CUP, JUDGES, START_US, adopted, document, entries, event, fold, standing
from tests.core.test_rulings import ruling
from tests.judges.cases import WHO, attempt, result, stage

WHOSE = [ContestantId(each) for each in ("A1", "A2", "B1")]
PLAIN: list[dict[str, Any]] = [
    {"id": "open", "points": 5},
    {"id": "hard", "points": 5, "pass_marks": 5},
    {"id": "early", "points": 10, "rules": [{"rule": "first_clear"}]},
]
"""The second is not passed with less than all that it is worth."""


def rules_of(name: str) -> StageRules:
    return compile_rulebook(read_definition(document(stages=PLAIN)), JUDGES).stages[StageId(name)]


ATTEMPTS = st.lists(
    st.builds(
        lambda outcome, time_ms, taken_ms: (outcome, time_ms, None if taken_ms is None else time_ms - taken_ms),
        st.sampled_from(["accepted", "rejected", "rejected", "pending", "free", None]),
        st.sampled_from([0, 1_000, 1_000, 2_000]),
        st.sampled_from([None, None, 0, 500, -500]),
    ),
    max_size=4,
)


@given(ATTEMPTS, st.sampled_from(["open", "hard"]))
def test_the_board_gets_the_result_that_is_explained(told: list[tuple[Any, int, int | None]], name: str) -> None:
    in_time = sorted(told, key=lambda each: each[1])
    attempts = [attempt(str(n), outcome, time_ms, start_ms, name) for n, (outcome, time_ms, start_ms) in enumerate(in_time)]
    rules = rules_of(name)
    found = result_of(WHO, attempts, (), rules)
    assert found == judge_cell(WHO, attempts, (), rules).result
    assert found == by_hand(attempts, rules)


def by_hand(attempts: list[Attempt], rules: StageRules) -> CellResult:
    """The result of attempts that all count, where no rule has a say."""
    accepted = [each for each in attempts if each.outcome == "accepted"]
    deciding = accepted[0] if accepted else None
    before = attempts[: attempts.index(deciding)] if deciding else attempts
    rejected = [each.time_ms for each in before if each.outcome == "rejected"]
    pending = [each.time_ms for each in attempts if each.outcome == "pending"]
    told = [(each, each.start_ms) for each in attempts if each.start_ms is not None]
    starts = [start_ms for each, start_ms in told if deciding is None or each is deciding or start_ms <= deciding.time_ms]
    passed = deciding is not None
    waits, works = bool(pending), any(each.outcome is None for each in attempts)
    state = "cleared" if deciding else "pending" if waits else "tried" if rejected and not works else "working"
    return CellResult(
        rules.view,
        state,  # type: ignore[arg-type]
        Decimal(5) if deciding else Decimal(0),
        Decimal(0),
        tries=len(rejected) + (deciding is not None),
        pending=len(pending),
        clear_ms=deciding.time_ms if deciding else None,
        elapsed_ms=max(0, deciding.time_ms - min(starts)) if deciding and starts else None,
        penalty_ms=0,
        passed=passed,
        rejected=len(rejected),
        pending_ms=min(pending, default=None),
        deciding=deciding,
        rejected_ms=tuple(rejected),
    )


SINGLE: st.SearchStrategy[Event] = st.builds(
    lambda kind, at_s, data, offset_us, error_us: event(3, kind, "A1", "wiring", "1", at_s, data, offset_us=offset_us, error_us=error_us),
    st.sampled_from(["start", "clear", "attempt", "evidence", "violation"]),
    st.sampled_from([-3.0, 0.0, 4.0]),
    st.sampled_from([{}, {"outcome": "accepted"}, {"outcome": "free", "mohm": "2.4"}]),
    st.sampled_from([None, 0, 740_000, -1_260_000]),
    st.sampled_from([None, 20_000, 20_001]),
)


@given(SINGLE, st.sampled_from([True, False]), st.sampled_from([0, 3_000_001, 9_000_000]))
def test_an_attempt_of_one_event_is_what_the_event_says(told: Event, correct: bool, received_us: int) -> None:
    policy, clock, entry = ClockPolicy(correct=correct), ContestClock(START_US), Entry(1, START_US + received_us, "test", told)
    at_us = corrected_us(told, policy)
    shown: Mapping[EventKind, str | None] = {"clear": "accepted", "attempt": told.data.get("outcome", "pending")}
    [found] = attempts_of([entry], clock, policy)
    assert found == Attempt(
        told.attempt,  # type: ignore[arg-type]
        told.contestant,  # type: ignore[arg-type]
        told.stage,  # type: ignore[arg-type]
        shown.get(told.kind),  # type: ignore[arg-type]
        time_ms=max(0, (at_us - START_US) // 1000),
        start_ms=max(0, (at_us - START_US) // 1000) if told.kind == "start" else None,
        error_ms=None if told.error_us is None else (told.error_us + 999) // 1000,
        offset_ms=None if told.offset_us is None else told.offset_us // 1000,
        late_ms=max(0, (entry.received_us - at_us) // 1000),
        corrected=at_us != told.at_us,
        data={} if told.kind == "violation" else told.data,
        provenance={} if told.kind == "violation" else dict.fromkeys(told.data, "yongjia/desk#3"),
        events=("yongjia/desk#3",),
    )


CELLS: st.SearchStrategy[CellResult | None] = st.builds(
    lambda state, ms: (
        None
        if state is None
        else replace(result(stage(), ms if state == "cleared" else None), state=state, pending_ms=ms if state == "pending" else None)
    ),
    st.sampled_from(["cleared", "cleared", "pending", "tried", None]),
    st.sampled_from([1_000, 2_000, 2_000, 3_000]),
)


@given(st.lists(st.tuples(st.sampled_from(WHOSE), CELLS), max_size=10), st.sampled_from(["open", "early"]))
def test_a_stage_is_reckoned_anew_whenever_its_standing_may_have_changed(
    changes: list[tuple[ContestantId, CellResult | None]], name: str
) -> None:
    rules, last = rules_of(name), dict[ContestantId, CellResult | None]()
    field = StageField(rules)
    for who, cell in changes:
        last[who] = cell
        if field.put(who, cell):
            field.settle()
        anew = StageField(rules)
        for each, its in last.items():
            anew.put(each, its)
        anew.settle()
        assert (field.first, field.awards, field.clears.order) == (anew.first, anew.awards, anew.clears.order)


LONG = (
    "0.1234567890123456789012345678",
    "3.333333333333333333333333333",
    "700000.0000000000000000000000001",
    "0.00000000000000000000000000049",
)


@pytest.mark.parametrize("order", list(permutations(range(len(LONG)))))
def test_sums_that_lose_digits_are_added_in_the_order_of_the_stages(order: tuple[int, ...]) -> None:
    """Whichever was cleared first, and although the contestant was judged after each."""
    contest = Contest(CUP, JUDGES)
    stages = [{"id": f"s{n}", "points": points} for n, points in enumerate(LONG)]
    facts: list[Fact] = [adopted(document(stages=stages)), *(event(seq, stage=f"s{n}", at_s=seq) for seq, n in enumerate(order, start=1))]
    for entry in entries(facts):
        contest.advance(entry)
        contest.settle()
    assert contest.bench is not None
    record = contest.record(ContestantId("A1"), contest.bench)
    assert list(record.cells) == ["s0", "s1", "s2", "s3"]
    assert contest.sheets[ContestantId("A1")].tally.points == tally_of(record.cells.values()).points
    assert standing(contest)


@dataclass(frozen=True, slots=True)
class Halves:
    """Half of what was won, by a short way that fails, or answers nonsense, from the second clear on."""

    rule: ClassVar[str] = "halves"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    answers: str = "raises"

    def total(self, record: ContestantRecord) -> Total:
        return Total(record.tally.points / 2, record.tally.last_ms)

    def of_tally(self, tally: Tally) -> Any:
        if tally.cleared < 2:
            return tally.points / 2, tally.last_ms
        if self.answers == "raises":
            raise ArithmeticError("no more halves")
        nonsense = {"text": ("7.5", 0), "endless": (Decimal("Infinity"), 0), "no time": (tally.points, None), "one thing": tally.points}
        return nonsense[self.answers]


@pytest.mark.parametrize("answers", ["raises", "text", "endless", "no time", "one thing"])
def test_where_the_short_way_of_a_total_fails_the_total_is_asked(answers: str) -> None:
    definition = document(stages=PLAIN[:2], total={"rule": "halves", "answers": answers})
    contest = Contest(CUP, {**JUDGES, "halves": Halves})
    for entry in entries([adopted(definition), event(1, stage="open", at_s=1), event(2, stage="hard", at_s=2)]):
        contest.advance(entry)
        contest.settle()
    row = contest.rows[ContestantId("A1")].row
    assert (row.points, row.time_ms, row.cleared) == ("5", 2_000, 2)


@pytest.mark.parametrize(("rules", "points"), [([], "10"), ([{"rule": "clean_bonus", "marks": 3}], "13")])
def test_what_is_won_beside_the_stages_is_in_the_row(rules: list[dict[str, Any]], points: str) -> None:
    """By a bonus of the whole contest, and less a penalty, although the total has a short way."""
    facts: list[Fact] = [adopted(document(stages=PLAIN[:2], rules=rules)), event(1, stage="open"), event(2, stage="hard", at_s=1)]
    assert row_of(facts).points == points
    fine = ruling(Penalise(marks="4", time_ms=60_000), stage=None, attempt=None)
    assert row_of([*facts, fine]).points == str(int(points) - 4)
    assert row_of([*facts, fine]).time_ms == row_of(facts).time_ms + 60_000


def row_of(facts: list[Fact]) -> Row:
    return fold(facts).rows[ContestantId("A1")].row
