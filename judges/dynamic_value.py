"""A stage that is worth less the more contestants clear it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from math import ceil
from typing import ClassVar, Literal

from contest_server.core.facts import ContestantId
from contest_server.core.judging import API_VERSION, ZERO, CellResult, Coded, Doubt, Field, Opinion, Said, Score, Step
from judges.exact import check_marks

_CONTEXT = Context(prec=60)
"""Enough digits that a floor is never decided by rounding: e to a rational power other than 0 is never a whole number."""


@dataclass(frozen=True, slots=True)
class DynamicValue:
    """Give everybody who cleared the stage its value of the moment, which falls with the number x of clears: all are revalued (B5).

    "exponential": ⌊max · (share + (1 - share) · e^((1 - x) / decay))⌋.

    "parabola": ⌈(least - max) / decay² · x² + max⌉, never below `least`.

    max: the value for the first, a whole number
    formula: how the value falls
    decay: how slowly it falls: clears until about a third of what can be lost is left, or until `least` is reached
    share: the share of max that is never lost, for "exponential"
    least: the value that is never lost, for "parabola"
    free: how many clears do not lower the value, for "parabola"
    """

    rule: ClassVar[str] = "dynamic_value"
    catalogue: ClassVar[str] = "B5"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    formula: Literal["exponential", "parabola"] = "exponential"
    decay: int = 5
    share: Decimal = ZERO
    least: Decimal = ZERO
    free: int = 0

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_marks("share", self.share, high=Decimal(1))
        check_marks("least", self.least, high=self.max)
        if self.max != self.max.to_integral_value() or self.least != self.least.to_integral_value():
            raise ValueError(Said("max and least are whole numbers: the value is rounded to one"))
        if self.decay < 1 or self.free < 0:
            raise ValueError(
                Said("decay is {decay} and free is {free}; decay counts clears from 1, free from 0", decay=self.decay, free=self.free)
            )
        if (self.formula == "exponential" and (self.least or self.free)) or (self.formula == "parabola" and self.share):
            raise ValueError(Said('share belongs to "exponential", least and free to "parabola"'))

    def compare(self, field: Field) -> Mapping[ContestantId, Score]:
        return dict.fromkeys(field.cells, self._score(self.standard(field), len(field.cells)))

    def standard(self, field: Field) -> Decimal:
        return self.value(len(field.cells))

    def marks_against(self, _: CellResult, standard: Decimal) -> Decimal:
        return standard

    def score_against(self, _: CellResult, standard: Decimal, clears: int) -> Score:
        return self._score(standard, clears)

    def _score(self, value: Decimal, clears: int) -> Score:
        step = Step(self._reckoned(clears), Said("{value}", value=value))
        provisional = Opinion(Doubt.INFO, Said("every further clear changes it"), "provisional", None, clears)
        return Score(value, self.max, (step,), {"clears": clears}, {}, (provisional,))

    def _reckoned(self, clears: int) -> Said:
        """The formula with its figures."""
        formula = Coded("falls", self.formula)
        if self.formula == "exponential":
            return Said(
                "{formula}, {clears} clears: ⌊{max} · ({share} + (1 - {share}) · e^((1 - {clears}) / {decay}))⌋",
                formula=formula,
                clears=clears,
                max=self.max,
                share=self.share,
                decay=self.decay,
            )
        return Said(
            "{formula}, {clears} clears: ⌈({least} - {max}) / {decay}² · {counted}² + {max}⌉, not below {least}",
            formula=formula,
            clears=clears,
            least=self.least,
            max=self.max,
            decay=self.decay,
            counted=max(0, clears - self.free),
        )

    def value(self, clears: int) -> Decimal:
        """What the stage is worth after so many clears."""
        if self.formula == "exponential":
            power = _CONTEXT.exp(_CONTEXT.divide(Decimal(1 - max(1, clears)), Decimal(self.decay)))
            share = _CONTEXT.fma(_CONTEXT.subtract(Decimal(1), self.share), power, self.share)
            return _CONTEXT.multiply(self.max, share).to_integral_value(ROUND_FLOOR)
        counted = max(0, clears - self.free)
        exact = Fraction(self.least - self.max) / self.decay**2 * counted**2 + Fraction(self.max)
        return max(self.least, Decimal(ceil(exact)))
