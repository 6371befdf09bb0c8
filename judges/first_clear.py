"""A bonus for the first who clear a stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from contest_server.core.facts import ContestantId
from contest_server.core.judging import API_VERSION, Field, Said, Step
from judges.exact import check_marks, check_places, half_up


@dataclass(frozen=True, slots=True)
class FirstClear:
    """Give the first clears of a stage shares of its value (B4). Equal times share a place, and the next place is skipped: 1 1 3.

    Nothing is given at or after the time of the earliest attempt that nobody has judged yet: a bonus is never taken back by that verdict.

    shares: of the stage's value, for the first, second, … place; must not grow
    places: decimal places the bonus is rounded to, halves up
    """

    rule: ClassVar[str] = "first_clear"
    catalogue: ClassVar[str] = "B4"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    shares: tuple[Decimal, ...] = (Decimal("0.05"), Decimal("0.03"), Decimal("0.01"))
    places: int = 4

    def __post_init__(self) -> None:
        if not self.shares:
            raise ValueError(Said("shares is empty; give the share of the first place, e.g. 0.05"))
        for share in self.shares:
            check_marks("share", share, high=Decimal(1))
        if list(self.shares) != sorted(self.shares, reverse=True):
            raise ValueError(Said("shares grow; a later place must not get more"))
        check_places(self.places)

    def award(self, field: Field) -> Mapping[ContestantId, Decimal]:
        return {contestant: self._bonus(field, place) for contestant, place, _ in self._places(field)}

    def award_steps(self, field: Field, contestant: ContestantId) -> Sequence[Step]:
        value = field.stage.value
        return [
            Step(
                Said(
                    "place {place}, cleared at {time_ms:ms}: {share} × {value}",
                    place=place + 1,
                    time_ms=time_ms,
                    share=self.shares[place],
                    value=value,
                ),
                Said("{bonus}", bonus=self._bonus(field, place)),
            )
            for who, place, time_ms in self._places(field)
            if who == contestant
        ]

    def _bonus(self, field: Field, place: int) -> Decimal:
        return half_up(Fraction(field.stage.value) * Fraction(self.shares[place]), self.places)

    def _places(self, field: Field) -> Iterator[tuple[ContestantId, int, int]]:
        """Who gets something, with the place from 0 and the time of the clear (ms)."""
        place, latest_ms = 0, -1
        for index, (time_ms, contestant) in enumerate(sorted(field.clears)):
            if field.earliest_pending_ms is not None and time_ms >= field.earliest_pending_ms:
                break
            if time_ms != latest_ms:
                place, latest_ms = index, time_ms
            if place >= len(self.shares):
                break
            yield contestant, place, time_ms
