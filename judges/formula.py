"""Marks by an expression over fields of the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import ClassVar

from contest_server.core.judging import (
    API_VERSION,
    Coded,
    Doubt,
    Evidence,
    Expression,
    ExpressionError,
    Opinion,
    Said,
    Score,
    Step,
    Value,
    Wanted,
    check_names,
    parse,
    value_of,
)
from judges.exact import check_distinct, check_marks, check_places, half_up, overwritten, plain, rounded

MEND = Said("Check the fields that were sent, then the formula; mend the definition and rejudge, or give the marks by hand.")


@dataclass(frozen=True, slots=True)
class Formula:
    """Give the value of an expression (A24). Where it has none, or one outside 0 to max, the referee is asked; it is never 0 instead.

    The language: numbers, the named fields, + - * / // % **, comparisons, and, or, not, `a if b else c`, and abs, ceil, clamp, floor, max,
    min, round. Numbers are exact: 0.1 + 0.2 is 0.3, and a third times three is one.

    max: the most marks
    value: the expression, e.g. "min(10, 2 * right - 0.5 * wrong)"
    names: the fields of the evidence that it names
    unit: what the value is counted in, for the explanation
    places: decimal places the marks are rounded to, halves up
    """

    rule: ClassVar[str] = "formula"
    catalogue: ClassVar[str] = "A24"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"

    max: Decimal
    value: str
    names: tuple[str, ...]
    unit: str = "marks"
    places: int = 4

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_places(self.places)
        check_distinct("names", list(self.names))
        check_names(self.names)
        unused = sorted(set(self.names) - set(self.expression.names))
        if unused:
            raise ValueError(Said("{unused} is not used by {value!r}", unused=unused, value=self.value))

    @property
    def expression(self) -> Expression:
        return _compiled(self.value, self.names)

    def wanted(self) -> tuple[Wanted, ...]:
        return tuple(Wanted(name) for name in self.names)

    def score(self, evidence: Evidence) -> Score:
        used: dict[str, Value] = {}

        def lookup(name: str) -> Value:
            return used.setdefault(name, value_of(name, evidence.value(name)))

        opinion, marks = None, None
        try:
            exact = self.expression.number(lookup)
            marks = rounded(exact, self.places, self.max) if exact <= self.max else half_up(exact, self.places)
        except ExpressionError as error:
            detail = Said("{value}: {error}", value=self.value, error=error.detail)
            opinion = Opinion(Doubt.QUESTIONABLE, detail, "expression_error", None, error.code, MEND)
        if marks is not None and not 0 <= marks <= self.max:
            detail = Said(
                "{value} gives {marks} {unit}, outside 0 to {max}",
                value=self.value,
                marks=marks,
                unit=Coded("worth", self.unit),
                max=self.max,
            )
            opinion, marks = Opinion(Doubt.QUESTIONABLE, detail, "out_of_range", plain(self.max), plain(marks), MEND), None
        shown = {name: value if isinstance(value, (bool, str)) else plain(value) for name, value in used.items()}
        steps = [Step(name, str(value)) for name, value in shown.items()]
        steps.append(
            Step(
                Said("{value} ({unit}, {places} places)", value=self.value, unit=Coded("worth", self.unit), places=self.places),
                Said("no value") if marks is None else Said("{marks}", marks=marks),
            )
        )
        ignored = overwritten(evidence, *self.names)
        return Score(marks, self.max, tuple(steps), shown, ignored, () if opinion is None else (opinion,))


@lru_cache(maxsize=1024)
def _compiled(value: str, names: tuple[str, ...]) -> Expression:
    return parse(value, names, "number")
