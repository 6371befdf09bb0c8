"""Does a figure grow with every update, or does it only sway? Only arithmetic: samples in, a slope and a verdict out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median, quantiles

Sample = tuple[int, float]
"""After so many updates, this much."""
SAMPLES_LEAST = 6
WARMING_UP = 0.25
"""This part of the samples, from the first on, is not looked at: code is compiled, pools are filled."""
LIMITS: Mapping[str, float] = {"heap": 160.0, "nodes": 0.02, "listeners": 0.002}
"""What a page may grow by with each update beyond the bare page: bytes, nodes, listeners. 160 B are 23 MB in four hours at 10 a second."""

SLACK: Mapping[str, float] = {"heap": 256 * 1_024, "nodes": 150, "listeners": 10}
"""Growth of less than this in all is none: pages turn, names differ in length. So a short run finds what is coarse, an hour the rest."""


class TooShort(Exception):
    """There are too few samples to tell growth from chance. Let it run longer, or look more often."""


@dataclass(frozen=True, slots=True)
class Slope:
    """Growth per update: the middle of what each pair of samples says, and a quarter of the pairs below `low`."""

    middle: float
    low: float


def slope_of(samples: Sequence[Sample]) -> Slope:
    """The slope after Theil and Sen, which a few outliers do not bend. Raises TooShort."""
    warm = samples[round(len(samples) * WARMING_UP) :]
    if len(warm) < SAMPLES_LEAST:
        raise TooShort(f"{len(samples)} samples are too few: let it run longer, or look more often (--every)")
    slopes = [(b - a) / (n - m) for (m, a), (n, b) in combinations(warm, 2) if n > m]
    return Slope(median(slopes), quantiles(slopes, n=4)[0])


def grows(what: str, page: Sequence[Sample], bare: Sequence[Sample]) -> bool:
    """Whether this figure of a page surely grows by more than its limit with each update, beside one that keeps the board and no more."""
    beyond = slope_of(page).low - max(0.0, slope_of(bare).middle)
    return beyond > LIMITS[what] and beyond * page[-1][0] > SLACK[what]
