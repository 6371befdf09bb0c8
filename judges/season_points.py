"""Points for a whole season of contests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Converted, Placed, Said, Step
from judges.exact import half_up

_CONTEXT = Context(prec=60)
"""Roots and logarithms are irrational or whole: enough digits that rounding to whole points is right."""

FIRST = 100_000


@dataclass(frozen=True, slots=True)
class SeasonPoints:
    """Give 100000 / √team · rank^-0.75 · log10(N) points, falling to 0 over two years; N is how many are ranked (C4).

    team: how many persons form a contestant
    age_days: how many days ago the contest was
    lasts_days: after how many days nothing is left
    """

    rule: ClassVar[str] = "season_points"
    catalogue: ClassVar[str] = "C4"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    team: int = 1
    age_days: int = 0
    lasts_days: int = 730

    def __post_init__(self) -> None:
        if self.team < 1 or self.age_days < 0 or self.lasts_days < 1:
            raise ValueError(Said("team and lasts_days count from 1, age_days from 0"))

    def convert(self, board: Sequence[Placed]) -> Mapping[str, Converted]:
        ranked = [(placed.contestant, placed.rank) for placed in board if placed.rank is not None]
        return {who: self._converted(rank, len(ranked)) for who, rank in ranked}

    def _converted(self, rank: int, count: int) -> Converted:
        value = season_points(rank, count, self.team, self.age_days, self.lasts_days)
        left = f"{max(0, self.lasts_days - self.age_days)} / {self.lasts_days}"
        return Converted(
            value,
            (
                Step(
                    Said(
                        "{first} / √{team} · {rank}^-0.75 · log10({count}) · {left}",
                        first=FIRST,
                        team=self.team,
                        rank=rank,
                        count=count,
                        left=left,
                    ),
                    Said("{value}", value=value),
                ),
            ),
        )


def season_points(rank: int, count: int, team: int = 1, age_days: int = 0, lasts_days: int = 730) -> Decimal:
    """Whole points for this rank among so many."""
    root = _CONTEXT.sqrt(Decimal(rank))
    divisor = _CONTEXT.multiply(_CONTEXT.multiply(root, _CONTEXT.sqrt(root)), _CONTEXT.sqrt(Decimal(team)))
    fresh = _CONTEXT.divide(_CONTEXT.multiply(Decimal(FIRST), _CONTEXT.log10(Decimal(count))), divisor)
    return half_up(Fraction(fresh) * max(0, lasts_days - age_days) / lasts_days, 0)
