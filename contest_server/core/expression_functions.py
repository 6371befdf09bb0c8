"""What the language of expressions can reckon: its functions, operators and comparisons. Refuses powers that could run long."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from contest_server.core.expression_values import ExpressionError, bounded, rounded
from contest_server.core.saying import Said

EXPONENT_MAX = 16


@dataclass(frozen=True, slots=True)
class Function:
    """`least` to `most` arguments, and what it does."""

    least: int
    most: int
    run: Callable[..., Fraction]


def _clamp(number: Fraction, low: Fraction, high: Fraction) -> Fraction:
    if low > high:
        raise ExpressionError("wrong_kind", Said("clamp takes a value, the lowest and the highest it may be"))
    return min(max(number, low), high)


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(1, 1, abs),
    "ceil": Function(1, 1, lambda number: Fraction(math.ceil(number))),
    "clamp": Function(3, 3, _clamp),
    "floor": Function(1, 1, lambda number: Fraction(math.floor(number))),
    "max": Function(2, 20, max),
    "min": Function(2, 20, min),
    "round": Function(1, 2, rounded),
}

ARITHMETIC: Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda left, right: Fraction(left // right),
    ast.Mod: operator.mod,
}
COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def power(base: Fraction, exponent: Fraction) -> Fraction:
    """Raises ExpressionError for an exponent that is no small whole number, and for a negative power of zero."""
    if exponent.denominator != 1 or abs(exponent) > EXPONENT_MAX:
        raise ExpressionError("wrong_kind", Said("an exponent is a whole number from -{most} to {most}", most=EXPONENT_MAX))
    if base == 0 and exponent < 0:
        raise ExpressionError("division_by_zero", Said("a negative power of zero divides by zero"))
    return bounded(Fraction(base ** int(exponent)))
