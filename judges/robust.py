"""Robust statistics in whole numbers and fractions: medians, quartiles, ranks, t². Refuses binary floats and roots: squares are compared.

The normal distribution's constants: 1.4826 · MAD estimates a standard deviation, and so does 1.2533 · the mean absolute deviation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

SIGMA = Fraction("1.4826")
"""The median distance from the median, times this, is the standard deviation of a normal distribution."""
SIGMA_OF_MEAN = Fraction("1.2533")
"""The mean distance from the middle, times this, is the standard deviation of a normal distribution: √(π/2)."""
LN_4 = Fraction("1.3863")
"""2 · ln 2: what a limit on z² has to grow by when the number of comparisons doubles."""


def median(values: Sequence[Fraction | int]) -> Fraction:
    """The middle value; the mean of the two in the middle of an even number."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return Fraction(ordered[half]) if len(ordered) % 2 else Fraction(ordered[half - 1] + ordered[half]) / 2


def mad(values: Sequence[Fraction | int]) -> Fraction:
    """The median distance from the median."""
    middle = median(values)
    return median([abs(value - middle) for value in values])


def quartiles(values: Sequence[int]) -> tuple[int, int]:
    """The lower and upper quartile: the values at places ⌊n/4⌋ and n - 1 - ⌊n/4⌋ of the order, which are values that were seen."""
    ordered = sorted(values)
    quarter = len(ordered) // 4
    return ordered[quarter], ordered[len(ordered) - 1 - quarter]


@dataclass(frozen=True, slots=True)
class Size:
    """An effect, and the square of how many standard errors it is (None: without any scatter, so beyond every limit)."""

    effect: Fraction
    z_squared: Fraction | None

    def exceeds(self, effect: Fraction, z_squared: Fraction) -> bool:
        return abs(self.effect) >= effect and (self.z_squared is None or self.z_squared >= z_squared)


def mean_size(values: Sequence[int]) -> Size:
    """The mean, and Student's t² of its distance from 0: S² (n - 1) / (n Q - S²) with S the sum and Q the sum of squares."""
    count, total = len(values), sum(values)
    scatter = count * sum(value * value for value in values) - total * total
    return Size(Fraction(total, count), Fraction(total * total * (count - 1), scatter) if scatter else None)


def trend_size(values: Sequence[int]) -> Size:
    """By how much a straight line through the values rises from the first to the last, and t² of its slope (least squares).

    With x the place in the order: rise = (n - 1) Sxy / Sxx, t² = (n - 2) Sxy² / (Sxx Syy - Sxy²). At least three values.
    """
    count, total = len(values), sum(values)
    doubled = [2 * place - (count - 1) for place in range(count)]
    sxx = sum(x * x for x in doubled)
    sxy = count * sum(x * value for x, value in zip(doubled, values, strict=True))
    syy = count * (count * sum(value * value for value in values) - total * total)
    rest = sxx * syy - sxy * sxy
    rise = Fraction(2 * (count - 1) * sxy, count * sxx)
    return Size(rise, Fraction((count - 2) * sxy * sxy, rest) if rest else None)


def rank_sum_z_squared(some: Sequence[int], others: Sequence[int]) -> Fraction:
    """z² of the rank sum of Wilcoxon, Mann and Whitney with mid-ranks and the correction for ties; 0 where all are equal.

    z = (W - n (N + 1) / 2) / √(n m / 12 · (N + 1 - Σ (t³ - t) / (N (N - 1)))), with t the sizes of the ties.
    """
    n, m = len(some), len(others)
    size = n + m
    if n == 0 or m == 0 or size < 3:
        return Fraction(0)
    doubled, ties = _doubled_ranks(some, others)
    excess = Fraction(doubled, 2) - Fraction(n * (size + 1), 2)
    variance = Fraction(n * m, 12) * (size + 1 - Fraction(ties, size * (size - 1)))
    return excess * excess / variance if variance else Fraction(0)


def _doubled_ranks(some: Sequence[int], others: Sequence[int]) -> tuple[int, int]:
    """Twice the sum of the mid-ranks of `some` among all, and Σ (t³ - t) over ties of t."""
    ordered = sorted([*((value, 1) for value in some), *((value, 0) for value in others)])
    doubled, ties, start = 0, 0, 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and ordered[end][0] == ordered[start][0]:
            end += 1
        doubled += (start + 1 + end) * sum(own for _, own in ordered[start:end])
        ties += (end - start) ** 3 - (end - start)
        start = end
    return doubled, ties


def corrected(z_squared: Fraction, comparisons: int) -> Fraction:
    """The limit on z² where so many comparisons are made: a further 2 ln 2 each time their number doubles (after Bonferroni)."""
    return z_squared + LN_4 * max(0, comparisons - 1).bit_length()
