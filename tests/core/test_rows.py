"""A row's text is as short as it can be, and what a row said once it says for ever."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core import rows
from contest_server.core.ids import ContestantId
from contest_server.core.rows import StageMark

MARKS = st.decimals(allow_nan=False, allow_infinity=False, places=None, min_value=-(10**12), max_value=10**12)


@given(MARKS)
def test_a_decimal_is_shown_without_exponent_and_without_zeros_at_the_end(marks: Decimal) -> None:
    text = rows.plain_decimal(marks)
    assert Decimal(text) == marks
    assert "E" not in text
    assert "." not in text or text[-1] not in "0."


@pytest.mark.parametrize("nothing", ["0", "0.0", "0.000", "0E+2", "0E-9", "0.1E-6"])
def test_no_points_are_left_out_of_a_mark_however_they_were_reckoned(nothing: str) -> None:
    """Two servers reckon the same points in other ways, and their boards have to be the same bytes."""
    text = msgspec.json.encode(StageMark("tried", rows.plain_decimal(Decimal(nothing))))
    assert (text == b'{"state":"tried"}') == (Decimal(nothing) == 0)


def test_two_rows_that_say_the_same_do_not_differ() -> None:
    """Whether somebody still hides something, and what changed since, is asked with "!="."""
    one, other = (rows.BoardRow(rows.Row(ContestantId("A1"), (0,), "1", 1, 5, {}), None, Decimal(1)) for _ in range(2))
    another = rows.BoardRow(rows.Row(ContestantId("A1"), (0,), "2", 1, 5, {}), None, Decimal(2))
    assert (one == other, one != other) == (True, False)
    assert (one == another, one != another, one != None) == (False, True, True)  # noqa: E711
