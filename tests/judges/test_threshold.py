"""A reading that has to reach a limit."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.judging import MissingEvidence
from judges.threshold import Threshold
from tests.judges.cases import codes, evidence, made, marks, refusal

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


@pytest.mark.parametrize(("reading", "expected"), [("2.4", 5), ("1", 5), ("1.0", 5), ("0.9999999999999999999", 0), (0, 0)])
def test_insulation_of_at_least_one_megohm_a5(reading: str | int, expected: int) -> None:
    assert marks(made(Threshold, max="5", field="insulation_mohm", limit="1").score(evidence({"insulation_mohm": reading}))) == expected


@given(word=st.sampled_from(sorted(OPERATORS)), reading=st.decimals(-3, 3, places=1), limit=st.decimals(-3, 3, places=1))
def test_every_operator_means_what_it_says(word: str, reading: Decimal, limit: Decimal) -> None:
    score = made(Threshold, max="5", field="v", limit=limit, operator=word).score(evidence({"v": str(reading)}))
    assert marks(score) == (5 if OPERATORS[word](reading, limit) else 0)
    assert score.steps[0].result == ("true" if score.marks else "false")


def test_a_sum_that_floats_get_wrong() -> None:
    judge = made(Threshold, max="1", field="v", limit="0.3", operator="==")
    assert 0.1 + 0.2 != 0.3
    assert marks(judge.score(evidence({"v": str(Decimal("0.1") + Decimal("0.2"))}))) == 1


@pytest.mark.parametrize(
    "data", [{}, {"v": "OL"}, {"v": None}, {"v": "NaN"}, {"v": "1e999"}, {"v": float("nan")}, {"v": False}, {"v": "9" * 40}]
)
@pytest.mark.parametrize("word", sorted(OPERATORS))
def test_what_is_no_reading_is_not_judged(data: dict[str, object], word: str) -> None:
    with pytest.raises(MissingEvidence):
        made(Threshold, max="5", field="v", limit="1", operator=word).score(evidence(data))


def test_a_reading_near_the_limit_asks_a_referee() -> None:
    judge = made(Threshold, max="5", field="v", limit="1", uncertainty="0.05")
    assert codes(judge.score(evidence({"v": "0.95"})).opinions) == ["edge_of_tolerance"]
    assert codes(judge.score(evidence({"v": "0.94"})).opinions) == []
    assert judge.score(evidence({"v": "0.94"})).used == {"v": "0.94", "uncertainty": "0.05"}


@pytest.mark.parametrize(
    ("until", "expected"),
    [("2026-11-22", []), ("2026-11-21", ["calibration_expired"]), ("soon", ["calibration_unknown"]), (None, ["calibration_unknown"])],
)
def test_an_instrument_past_its_calibration_asks_a_referee_and_changes_no_mark(until: str | None, expected: list[str]) -> None:
    judge = made(Threshold, max="5", field="v", limit="1", calibrated_until_field="until", contest_day="2026-11-22")
    score = judge.score(evidence({"v": "2", "until": until}))
    assert marks(score) == 5
    assert codes(score.opinions) == expected
    assert score.used == {"v": "2"} | ({} if until is None else {"until": until})


def test_impossible_parameters_are_refused_in_words() -> None:
    assert "together" in refusal(Threshold, max="5", field="v", limit="1", contest_day="2026-11-22")
    assert "digits" in refusal(Threshold, max="5", field="v", limit="1e30")
    assert "Input should be '>='" in refusal(Threshold, max="5", field="v", limit="1", operator="=>")
