"""The statistics behind the questions about referees and venues, against numbers that were reckoned by hand or by textbook formulas."""

from __future__ import annotations

from fractions import Fraction
from statistics import fmean, linear_regression, median, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.judging import gaps_ppm
from judges.robust import corrected, mad, mean_size, quartiles, rank_sum_z_squared, trend_size
from judges.robust import median as middle

NUMBERS = st.lists(st.integers(-1_000, 1_000), min_size=4, max_size=30)


def test_medians_and_their_distances() -> None:
    assert middle([3, 1, 2]) == 2
    assert middle([4, 1, 2, 3]) == Fraction(5, 2)
    assert mad([1, 1, 2, 2, 4, 6, 9]) == 1  # about 2: 1 1 0 0 2 4 7
    assert quartiles([8, 7, 6, 5, 4, 3, 2, 1]) == (3, 6)


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([5, 5, 5, 1], [0, 0, 0, -4]),
        ([1, 2, 9], [-4, -3, 8]),  # against 11 / 2, 10 / 2 and 3 / 2, rounded down
        ([7, 7, 7, 7, 7], [0] * 5),
        ([1, 9], [None, None]),
        ([], []),
    ],
)
def test_each_mark_against_the_median_of_the_others(shares: list[int], expected: list[int | None]) -> None:
    assert gaps_ppm(shares) == expected


@given(shares=st.lists(st.integers(0, 20), min_size=3, max_size=9))
def test_leaving_one_out_is_leaving_one_out(shares: list[int]) -> None:
    for place, gap in enumerate(gaps_ppm(shares)):
        assert gap == shares[place] - int(median([*shares[:place], *shares[place + 1 :]]))


@given(values=NUMBERS)
def test_student_t_of_a_mean(values: list[int]) -> None:
    size, scatter = mean_size(values), stdev(values)
    assert float(size.effect) == pytest.approx(fmean(values))
    if scatter == 0:
        assert size.z_squared is None
    else:
        assert float(size.z_squared or 0) == pytest.approx((fmean(values) / (scatter / len(values) ** 0.5)) ** 2)


@given(values=NUMBERS)
def test_the_rise_of_a_straight_line_and_the_t_of_its_slope(values: list[int]) -> None:
    size, places = trend_size(values), list(range(len(values)))
    slope, start = linear_regression(places, values)
    assert float(size.effect) == pytest.approx(slope * (len(values) - 1), abs=1e-6)
    rest = sum((value - start - slope * place) ** 2 for place, value in zip(places, values, strict=True))
    if rest > 1e-6:
        of_places = sum((place - fmean(places)) ** 2 for place in places)
        assert float(size.z_squared or 0) == pytest.approx(slope**2 * of_places * (len(values) - 2) / rest, rel=1e-6, abs=1e-6)


def test_a_line_without_scatter_is_beyond_every_limit() -> None:
    assert trend_size([1, 2, 3, 4]).exceeds(Fraction(3), Fraction(10**9))
    assert not trend_size([1, 2, 3, 4]).exceeds(Fraction("3.01"), Fraction(0))
    assert not trend_size([5, 5, 5]).exceeds(Fraction(1), Fraction(0))


def test_the_rank_sum_vectors() -> None:
    # 1 2 3 against 4 5 6: W = 6, expected 10.5, variance 3 · 3 · 7 / 12 = 5.25
    assert rank_sum_z_squared([1, 2, 3], [4, 5, 6]) == Fraction(81, 4) / Fraction(21, 4)
    # 1 1 against 1 2, with ties of three: mid-ranks 2 2 | 2 4; W = 4, expected 5, variance 4 / 12 · (5 - 24 / 12) = 1
    assert rank_sum_z_squared([1, 1], [1, 2]) == 1
    assert rank_sum_z_squared([3, 3], [3, 3]) == 0
    assert rank_sum_z_squared([], [1, 2]) == 0


@given(some=NUMBERS, others=NUMBERS)
def test_the_rank_sum_is_the_same_from_both_sides(some: list[int], others: list[int]) -> None:
    assert rank_sum_z_squared(some, others) == rank_sum_z_squared(others, some)


def test_more_comparisons_need_a_higher_limit() -> None:
    limits = [corrected(Fraction(16), comparisons) for comparisons in (0, 1, 2, 3, 4, 5, 64)]
    assert limits == [16, 16, *(16 + Fraction("1.3863") * doublings for doublings in (1, 2, 2, 3, 6))]
