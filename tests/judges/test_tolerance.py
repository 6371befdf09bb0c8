"""Readings against nominal values: no binary float, no rounding, decides on which side of an edge a reading lies."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.judging import MissingEvidence
from judges.tolerance_bands import ToleranceBands
from judges.tolerance_linear import ToleranceLinear
from tests.judges.cases import codes, evidence, made, marks, refusal

BANDS = [{"within": "1", "share": "1"}, {"within": "2", "share": "0.5"}]
READINGS = st.decimals(min_value=400, max_value=600, places=4)


def bands(**more: object) -> ToleranceBands:
    return made(ToleranceBands, **{"max": "1", "field": "v", "nominal": "500", "bands": BANDS, **more})


def linear(**more: object) -> ToleranceLinear:
    return made(ToleranceLinear, **{"max": "2", "field": "v", "nominal": "500", "full": "1", "zero": "3", **more})


@pytest.mark.parametrize(
    ("reading", "expected"), [("500", "1"), ("501", "1"), ("501.0001", ".5"), ("502", ".5"), ("502.1", "0"), ("499", "1")]
)
def test_bands_vectors_a3(reading: str, expected: str) -> None:
    assert marks(bands().score(evidence({"v": reading}))) == Decimal(expected)


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (8858, "1"),
        (8859, ".8"),
        (9030, ".8"),
        (9031, ".5"),
        (9460, ".5"),
        (9461, "0"),
        (8342, "1"),
        (8341, ".8"),
        (7740, ".5"),
        (7739, "0"),
    ],
)
def test_bands_in_percent_are_multiplied_across(reading: int, expected: str) -> None:
    judge = bands(
        nominal="8600",
        unit="percent",
        bands=[{"within": "3", "share": "1"}, {"within": "5", "share": ".8"}, {"within": "10", "share": ".5"}],
    )
    assert marks(judge.score(evidence({"v": reading}))) == Decimal(expected)


def test_the_edge_where_binary_floats_fail() -> None:
    assert 9460 / 8600 - 1 > 0.1, "the trap: as floats 9460 lies outside ±10 % of 8600"
    judge = bands(nominal="8600", unit="percent", bands=[{"within": "10", "share": "1"}])
    assert marks(judge.score(evidence({"v": 9460}))) == 1
    assert marks(judge.score(evidence({"v": 9460.0}))) == 1
    assert marks(judge.score(evidence({"v": "9460.000000000000001"}))) == 0


def test_a_reading_beyond_the_digits_of_the_decimal_context_is_not_rounded_onto_the_edge() -> None:
    assert marks(bands().score(evidence({"v": "501.0000000000000000000000001"}))) == Decimal(".5")
    beyond = "0.9999999999999999999999999999"
    assert abs(Decimal(beyond) - 500) == 499, "the trap: the context rounds the distance onto the edge"
    assert marks(bands(bands=[{"within": "499", "share": "1"}]).score(evidence({"v": beyond}))) == 0


def test_a_zero_with_a_huge_exponent_is_shown_as_zero() -> None:
    assert bands().score(evidence({"v": "0e-5000"})).used["v"] == "0"


def test_exclusive_bands_do_not_hold_on_their_edge() -> None:
    assert marks(bands(inclusive=False).score(evidence({"v": "501"}))) == Decimal(".5")
    assert marks(bands(inclusive=False).score(evidence({"v": "502"}))) == 0


@given(near=READINGS, far=READINGS)
def test_a_reading_closer_to_the_nominal_value_never_earns_less(near: Decimal, far: Decimal) -> None:
    if abs(near - 500) > abs(far - 500):
        near, far = far, near
    for judge in (bands(), linear()):
        assert marks(judge.score(evidence({"v": str(near)}))) >= marks(judge.score(evidence({"v": str(far)})))


@given(distance=st.decimals(min_value=0, max_value=5, places=3))
def test_too_high_and_too_low_are_the_same(distance: Decimal) -> None:
    for judge in (bands(), linear()):
        high, low = (judge.score(evidence({"v": str(500 + sign * distance)})) for sign in (1, -1))
        assert high.marks == low.marks


@given(
    nominal=st.decimals(-1_000, 1_000, places=2).filter(bool),
    percent=st.integers(1, 300),
    side=st.sampled_from([-1, 1]),
    beyond=st.sampled_from(["0", "-0.0001", "0.0001"]),
)
def test_a_percentage_is_exact_on_its_edge(nominal: Decimal, percent: int, side: int, beyond: str) -> None:
    distance = max(Decimal(0), abs(nominal) * percent / 100 + Decimal(beyond))
    judge = bands(nominal=str(nominal), unit="percent", bands=[{"within": str(percent), "share": "1"}])
    inside = Fraction(distance) * 100 <= percent * abs(Fraction(nominal))
    assert marks(judge.score(evidence({"v": str(nominal + side * distance)}))) == int(inside)


@pytest.mark.parametrize(("reading", "expected"), [("501", "2"), ("502", "1"), ("503", "0"), ("500", "2"), ("600", "0"), ("498", "1")])
def test_linear_vectors_a4(reading: str, expected: str) -> None:
    assert marks(linear().score(evidence({"v": reading}))) == Decimal(expected)


def test_linear_marks_are_rounded_half_up_once() -> None:
    assert marks(linear(max="1", full="0", zero="3").score(evidence({"v": "501"}))) == Decimal("0.6667")
    assert marks(linear(max="1", full="0", zero="8", places=2).score(evidence({"v": "501"}))) == Decimal("0.88")


def test_linear_in_percent() -> None:
    judge = linear(nominal="200", unit="percent", full="1", zero="3")
    assert [marks(judge.score(evidence({"v": value}))) for value in ("202", "204", "206")] == [2, 1, 0]


@pytest.mark.parametrize("judge", [bands(), linear()])
@pytest.mark.parametrize(
    "value", [None, "NaN", "sNaN", "1e999", "-1e999", "1e-999", "n/a", "", True, [500], {"v": 500}, float("inf"), "9" * 40, "0." + "1" * 40]
)
def test_what_is_no_reading_is_not_judged(judge: ToleranceBands | ToleranceLinear, value: object) -> None:
    for data in ({}, {"v": value}):
        with pytest.raises(MissingEvidence, match="v: "):
            judge.score(evidence(data))


def test_a_reading_within_the_instruments_uncertainty_of_an_edge_asks_a_referee() -> None:
    judge = bands(uncertainty="0.05")
    assert codes(judge.score(evidence({"v": "500.94"})).opinions) == []
    [opinion] = judge.score(evidence({"v": "500.95"})).opinions
    assert (opinion.code, opinion.threshold, opinion.seen) == ("edge_of_tolerance", "1", "0.95")
    assert codes(judge.score(evidence({"v": "501.05"})).opinions) == ["edge_of_tolerance"]
    assert codes(linear(uncertainty="0.1").score(evidence({"v": "502.95"})).opinions) == ["edge_of_tolerance"]
    assert codes(bands().score(evidence({"v": "501"})).opinions) == [], "an exact reading on the edge is decided, not asked"


@pytest.mark.parametrize(
    ("reading", "asked"),
    [("5010", True), ("50.1", True), ("50200", True), ("5.02", True), ("5040", False), ("50.4", False), ("501.5", False), ("700", False)],
)
def test_a_reading_with_a_slipped_decimal_point_is_a_question(reading: str, asked: bool) -> None:
    for judge in (bands(), linear()):
        score = judge.score(evidence({"v": reading}))
        assert codes(score.opinions) == (["decimal_slip"] if asked else [])
        assert asked <= (score.marks == 0), "it counts as it stands until a referee rules"


def test_where_almost_anything_is_tolerated_nothing_looks_like_a_slip() -> None:
    for wide in (linear(nominal="1", full="0", zero="0.5"), bands(nominal="0", bands=[{"within": "1", "share": "1"}])):
        assert codes(wide.score(evidence({"v": "10"})).opinions) == []
    assert codes(linear(nominal="1", full="0", zero="0.4").score(evidence({"v": "10"})).opinions) == ["decimal_slip"]
    assert codes(linear(nominal="-1", full="0", zero="0.4").score(evidence({"v": "-10"})).opinions) == ["decimal_slip"]


def test_the_larger_uncertainty_holds() -> None:
    judge = bands(uncertainty="0.01", uncertainty_field="u")
    assert codes(judge.score(evidence({"v": "501.1", "u": "0.2"})).opinions) == ["edge_of_tolerance"]
    assert codes(judge.score(evidence({"v": "501.1"})).opinions) == []
    assert codes(bands(uncertainty="0.2", uncertainty_field="u").score(evidence({"v": "501.1", "u": "0.01"})).opinions) == [
        "edge_of_tolerance"
    ]
    with pytest.raises(MissingEvidence, match="impossible"):
        judge.score(evidence({"v": "501.1", "u": "-1"}))


def test_the_arithmetic_and_the_overwritten_reading_are_shown() -> None:
    seen = evidence(
        {"v": "501.5"}, replaced=(("v", "5015", "yongjia/desk#4"), ("w", "1", "yongjia/desk#4")), provenance={"v": "yongjia/desk#6"}
    )
    score = bands().score(seen)
    assert [(step.what, step.result) for step in score.steps] == [
        ("|501.5 - 500|", "1.5"),
        ("1.5 <= ±1", "false"),
        ("1.5 <= ±2", "true"),
        ("0.5 × 1", "0.5"),
    ]
    assert score.used == {"v": "501.5", "nominal": "500"}
    assert bands(uncertainty=".01").score(seen).used == {"v": "501.5", "nominal": "500", "uncertainty": "0.01"}
    assert score.ignored == {"v (yongjia/desk#4)": "5015 was replaced by the later 501.5 (yongjia/desk#6)"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"bands": []}, "at least one"),
        ({"bands": [{"within": "2", "share": "1"}, {"within": "1", "share": ".5"}]}, "narrow to wide"),
        ({"bands": [{"within": "1", "share": ".5"}, {"within": "2", "share": "1"}]}, "shares must not grow"),
        ({"bands": [{"within": "1", "share": "1.5"}]}, "must not be above 1"),
        ({"bands": [{"within": "-1", "share": "1"}]}, "must not be below 0"),
        ({"max": "-1"}, "must not be below 0"),
        ({"max": "1e999"}, "at most 12 digits"),
        ({"nominal": "0", "unit": "percent"}, "nominal is 0"),
        ({"nominal": "NaN"}, "finite"),
        ({"tolerance": "1"}, "Unexpected keyword"),
    ],
)
def test_impossible_bands_are_refused_in_words(wrong: dict[str, object], words: str) -> None:
    assert words in refusal(ToleranceBands, **{"max": "1", "field": "v", "nominal": "500", "bands": BANDS, **wrong})


def test_impossible_lines_are_refused_in_words() -> None:
    usual = {"max": "2", "field": "v", "nominal": "500", "full": "1", "zero": "3"}
    assert "zero must be the larger" in refusal(ToleranceLinear, **{**usual, "full": "3"})
    assert "nominal is 0" in refusal(ToleranceLinear, **{**usual, "nominal": "0", "unit": "percent"})
    assert "0 to 6" in refusal(ToleranceLinear, **{**usual, "places": 9})
