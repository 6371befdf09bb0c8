"""Values of expressions: exact numbers, truths and short texts. Refuses numbers beyond all limits, and one kind where another is needed."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from contest_server.core.saying import Coded, Said, Text

MAGNITUDE_MAX = 30
"""A value is below 10 to this power, and a number in the source or the evidence is not finer than its inverse."""
BITS_MAX = 512
"""Of the numerator and of the denominator of every intermediate value."""
TEXT_CHARS_MAX = 200

Value = Fraction | bool | str
Kind = Literal["number", "truth", "text"]

NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
"""A number without its sign, in a source or in evidence."""


class ExpressionError(Exception):
    """The expression has no value for these inputs. `code` is a stable word: division_by_zero, too_large, wrong_kind, not_a_number."""

    def __init__(self, code: str, detail: Text) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def value_of(name: str, raw: object) -> Value:
    """A value out of evidence: a number, true or false, or a text.

    Raises:
        ExpressionError: none of these, or a number beyond all limits.
    """
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, Fraction):
        return bounded(raw)
    if isinstance(raw, (int, float, Decimal)):
        return number_in(name, str(raw) if not isinstance(raw, int) or abs(raw) < 10**MAGNITUDE_MAX else "inf")
    if isinstance(raw, str):
        return number_in(name, raw) if NUMBER.fullmatch(raw.strip().removeprefix("-")) else _short(name, raw)
    raise ExpressionError("wrong_kind", Said("{name}: {raw!r:.40} is no number, truth or text", name=name, raw=raw))


def shown(value: Value) -> str:
    """A value as it stands in an explanation: 24, 49.9, true, B; what does not end is shown to 6 places."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    places = rounded(value, Fraction(6))
    text = format(Decimal(places.numerator) / Decimal(places.denominator), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(number: Fraction, places: Fraction = Fraction(0)) -> Fraction:
    """Halves away from zero, as marks are rounded."""
    if places.denominator != 1 or not 0 <= places <= 12:
        raise ExpressionError("wrong_kind", Said("round takes 0 to 12 places"))
    scale = 10 ** int(places)
    whole = (2 * abs(number) * scale + 1) // 2
    return Fraction(-whole if number < 0 else whole, scale)


def kind_of(value: Value) -> Kind:
    return "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def as_number(value: Value) -> Fraction:
    """The value, which has to be a number. Raises ExpressionError."""
    if not isinstance(value, Fraction):
        raise ExpressionError(
            "wrong_kind", Said("{value!r:.40} is a {kind}; expected a number", value=value, kind=Coded("value", kind_of(value)))
        )
    return value


def as_truth(value: Value) -> bool:
    """The value, which has to be true or false. Raises ExpressionError."""
    if not isinstance(value, bool):
        raise ExpressionError(
            "wrong_kind",
            Said("{value!s:.40} is a {kind}; expected a truth, e.g. a comparison", value=value, kind=Coded("value", kind_of(value))),
        )
    return value


def bounded(number: Fraction) -> Fraction:
    """The number, within the limits of size and of digits. Raises ExpressionError."""
    if number.numerator.bit_length() > BITS_MAX or number.denominator.bit_length() > BITS_MAX or abs(number) >= 10**MAGNITUDE_MAX:
        raise ExpressionError("too_large", Said("a value is beyond 10^{most}, or has too many digits", most=MAGNITUDE_MAX))
    return number


def number_in(name: str, text: str) -> Fraction:
    """The number in a text, exactly as it is written. Raises ExpressionError, about `name`."""
    try:
        number = Decimal(text.strip())
    except ArithmeticError:
        raise ExpressionError("not_a_number", Said("{name}: {text!r:.40} is not a number", name=name, text=text)) from None
    if not number.is_finite():
        raise ExpressionError("not_a_number", Said("{name}: {text!r:.40} is not a finite number", name=name, text=text))
    if not number:
        return Fraction(0)
    if number.adjusted() >= MAGNITUDE_MAX or int(number.as_tuple().exponent) < -MAGNITUDE_MAX:
        detail = Said("{name}: {text!r:.40} is beyond 10^{most}, or finer than its inverse", name=name, text=text, most=MAGNITUDE_MAX)
        raise ExpressionError("too_large", detail)
    return bounded(Fraction(number))


def _short(name: str, text: str) -> str:
    if len(text) > TEXT_CHARS_MAX:
        detail = Said(
            "{name}: a text of {count} characters; at most {most} can be compared", name=name, count=len(text), most=TEXT_CHARS_MAX
        )
        raise ExpressionError("too_large", detail)
    return text
