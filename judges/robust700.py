"""A scale around 700 that one outlier does not bend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Converted, Placed, Said, Step
from judges.exact import half_up
from judges.robust import SIGMA, mad, median


@dataclass(frozen=True, slots=True)
class Robust700:
    """Put points on a scale with the median at 700: 700 + 30 · (x - median) / (1.4826 · MAD), rounded half up; 700 where MAD is 0 (C8).

    MAD is the median distance from the median. Compatible with the international scale of 700, not an official result.
    """

    rule: ClassVar[str] = "robust700"
    catalogue: ClassVar[str] = "C8"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    def convert(self, board: Sequence[Placed]) -> Mapping[str, Converted]:
        ranked = [placed for placed in board if placed.rank is not None]
        if not ranked:
            return {}
        points = [placed.points for placed in ranked]
        middle, mad = spread_of(points)
        return {placed.contestant: _converted(placed.points, middle, mad) for placed in ranked}


def _converted(points: Decimal, middle: Fraction, mad: Fraction) -> Converted:
    value = half_up(on_the_scale(points, middle, mad), 0)
    return Converted(
        value,
        (
            Step(
                Said("700 + 30 × ({points} - {middle}) / (1.4826 × {mad})", points=points, middle=middle, mad=mad),
                Said("{value}", value=value),
            ),
        ),
    )


def on_the_scale(points: Decimal, middle: Fraction, mad: Fraction) -> Fraction:
    return Fraction(700) if mad == 0 else 700 + 30 * (Fraction(points) - middle) / (SIGMA * mad)


def spread_of(points: Sequence[Decimal]) -> tuple[Fraction, Fraction]:
    """The median, and the median distance from it."""
    exact = [Fraction(each) for each in points]
    return median(exact), mad(exact)
