"""What the fold keeps by difference equals what is reckoned anew: results without their lines, marks of a row, sums of the cells."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contest_server.core.contest import Contest
from contest_server.core.facts import Event, Fact
from contest_server.core.judging import CellResult
from contest_server.core.rows import Row, mark_of, plain_decimal
from contest_server.core.tally import Tally, moved, tally_of
from contest_server.core.tie_chain import key_of
from tests.contests import CUP, JUDGES, adopted, document, entries, folded, standing
from tests.judges.cases import result, stage
from tests.strategies import DICE, histories, in_some_order

OPEN: list[dict[str, Any]] = [
    {"id": "wiring", "points": 5},
    {"id": "quiz", "points": 10, "rules": [{"rule": "first_clear"}]},
    {"id": "final", "points": "2.5"},
]
"""Stages without gates; two have no rules at all."""
HISTORIES = histories()
DEFINITIONS = st.sampled_from([document(), document(stages=OPEN), document(stages=[OPEN[1], OPEN[0], OPEN[2]])])


@given(HISTORIES, DEFINITIONS, DICE)
def test_what_is_kept_by_difference_is_what_is_reckoned_anew(
    history: dict[str, list[Event]], definition: dict[str, Any], dice: Random
) -> None:
    facts: list[Fact] = [adopted(definition), *in_some_order(history, dice)]
    contest = Contest(CUP, JUDGES)
    said: list[tuple[Row, bytes]] = []
    for entry in entries(facts):
        contest.advance(entry)
        if dice.random() < 0.6:
            contest.settle()
            hold_against_reckoning(contest)
            said += [(each.row, msgspec.json.encode(each.row)) for each in contest.rows.values()]
    contest.settle()
    hold_against_reckoning(contest)
    assert standing(contest) == standing(folded(entries(facts)))
    assert all(msgspec.json.encode(row) == text for row, text in said), "rows share their marks, and none changes"


def hold_against_reckoning(contest: Contest) -> None:
    assert contest.bench is not None
    for who, sheet in contest.sheets.items():
        assert {each: sheet.judge(each, contest.bench).result for each in sheet.base} == sheet.base
        assert list(sheet.cells) == [each for each in contest.bench.book.stages if each in sheet.cells]
        record, shown = contest.record(who, contest.bench), contest.rows[who].row
        assert list(shown.stages) == list(record.cells)
        for stage_, cell in record.cells.items():
            assert shown.stages[stage_] == mark_of(cell, who in contest.fields[stage_].first)
        assert record.tally == tally_of(record.cells.values())
        assert shown.cleared == record.tally.cleared
        total, _ = sheet.total(record, contest.bench)
        assert (shown.points, shown.time_ms) == (plain_decimal(total.points), total.time_ms)
        assert shown.key == key_of(shown.status, contest.bench.book.links, total, record)


LONG = ["0", "5", "2.50", "0.0000001", "12345678901234567890.12345678", "0.3333333333333333333333333333", "1E+3", "0.1E-20"]
CELLS: st.SearchStrategy[CellResult] = st.builds(
    lambda state, marks, clear_ms, penalty_ms: replace(
        result(stage(), clear_ms=clear_ms), state=state, marks=Decimal(marks), penalty_ms=penalty_ms, clear_ms=clear_ms
    ),
    st.sampled_from(["cleared", "cleared", "cleared", "tried", "held", "working"]),
    st.sampled_from(LONG),
    st.sampled_from([1_000, 2_000, 2_000, 3_000]),
    st.sampled_from([0, 60_000]),
)


@given(st.lists(st.tuples(st.integers(0, 3), CELLS), max_size=12))
def test_a_tally_moves_as_its_cells_do(changes: list[tuple[int, CellResult]]) -> None:
    """Whatever comes and goes, in whatever order, however long its decimals are."""
    cells: dict[int, CellResult] = {}
    tally = Tally()
    for where, cell in changes:
        before = cells.get(where)
        cells = {**cells, where: cell}
        cells = {each: cells[each] for each in sorted(cells)}
        tally = moved(tally, before, cell, cells)
        assert tally == tally_of(cells.values())


@pytest.mark.parametrize("latest", [True, False])
def test_the_latest_clear_may_be_another_after_one_is_taken_back(latest: bool) -> None:
    cells = {each: result(stage(), clear_ms=each * 1_000) for each in (1, 2, 3)}
    taken = 3 if latest else 1
    tally = tally_of(cells.values())
    after = {**cells, taken: replace(cells[taken], state="held")}
    assert moved(tally, cells[taken], after[taken], after).last_ms == (2_000 if latest else 3_000)
