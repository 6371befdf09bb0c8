"""Exact numbers for judges: no binary floats, no silent rounding, and plain text of what was reckoned.

`Decimal` rounds to the 28 digits of its context without a word: comparisons and divisions run on `Fraction`, marks come back as `Decimal`.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from contest_server.core.judging import Evidence, MissingEvidence, Said, Text, in_seconds
from contest_server.core.judging import half_up as half_up
from contest_server.core.judging import plain as plain

PARAMETER_DIGITS_MAX = 12
"""Two parameters with at most this many digits multiply exactly."""


def measured(evidence: Evidence, name: str) -> Decimal:
    """The field as a number that an instrument can show. Raises MissingEvidence for anything else, such as NaN, 1e999 or "n/a"."""
    return evidence.number(name)


def answered(evidence: Evidence, name: str) -> bool:
    """The field as yes or no.

    Raises:
        MissingEvidence: nothing was sent, or neither yes nor no: "not judged" is never "no".
    """
    answer = evidence.value(name)
    if not isinstance(answer, bool):
        raise MissingEvidence(Said("{name}: {answer!r} is neither true nor false", name=name, answer=str(answer)[:40]))
    return answer


def overwritten(evidence: Evidence, *names: str) -> dict[str, Text]:
    """The values of these fields that a later event replaced, each with the reason why it was ignored."""
    attempt = evidence.attempt
    return {
        f"{name} ({event})": Said(
            "{value!s:.60} was replaced by the later {later!s:.60} ({event})",
            value=value,
            later=attempt.data.get(name),
            event=attempt.provenance.get(name, "?"),
        )
        for name, value, event in attempt.replaced
        if name in names
    }


def span(time_ms: int) -> str:
    """Milliseconds as a referee reads them: 192418 is "192.418 s"."""
    return f"{in_seconds(time_ms)} s"


def in_ms(name: Text, value_s: Decimal) -> int:
    """Seconds as whole milliseconds.

    Raises:
        ValueError: negative, or finer than a millisecond.
    """
    check_number(name, value_s, low=Decimal(0))
    time_ms = Fraction(value_s) * 1000
    if time_ms.denominator != 1:
        raise ValueError(Said("{name} is {time_s} s; times are whole milliseconds", name=name, time_s=value_s))
    return int(time_ms)


def check_number(name: Text, value: Decimal, *, low: Decimal | None = None, high: Decimal | None = None) -> None:
    """Hold a parameter within its limits.

    Raises:
        ValueError: not finite, too long, or outside low..high.
    """
    if not _is_short(value):
        raise ValueError(
            Said(
                "{name} is {value}; it must be a number of at most {most} digits",
                name=name,
                value=str(value)[:40],
                most=PARAMETER_DIGITS_MAX,
            )
        )
    if low is not None and value < low:
        raise ValueError(Said("{name} is {value}; it must not be below {low}", name=name, value=value, low=low))
    if high is not None and value > high:
        raise ValueError(Said("{name} is {value}; it must not be above {high}", name=name, value=value, high=high))


def _is_short(value: Decimal) -> bool:
    if not value.is_finite() or len(value.as_tuple().digits) > PARAMETER_DIGITS_MAX:
        return False
    return int(value.as_tuple().exponent) >= -PARAMETER_DIGITS_MAX and value.adjusted() <= PARAMETER_DIGITS_MAX


def check_marks(name: Text, value: Decimal, high: Decimal | None = None) -> None:
    """Hold marks (or costs) at zero or above, and at most `high`."""
    check_number(name, value, low=Decimal(0), high=high)


def check_time(name: Text, time_ms: int) -> None:
    """Hold a duration in milliseconds at zero or above."""
    if time_ms < 0:
        raise ValueError(Said("{name} is {time_ms} ms; a time is not below 0", name=name, time_ms=time_ms))


def check_sum(parts: Text, total: Decimal, maximum: Decimal) -> None:
    """Refuse parts (named with their article) whose marks are not those of the whole."""
    if total != maximum:
        raise ValueError(Said("{parts} add up to {total}, but max is {max}", parts=parts, total=total, max=maximum))


def check_places(places: int) -> None:
    """Marks are rounded to 0 to 6 decimal places."""
    if not 0 <= places <= 6:
        raise ValueError(Said("places is {places}; marks are rounded to 0 to 6 decimal places", places=places))


def rounded(marks: Fraction, places: int, most: Decimal) -> Decimal:
    """Marks to so many places, halves up; never above `most`, which may have more places than that."""
    return min(most, half_up(marks, places))


def check_distinct(name: Text, values: list[str]) -> None:
    """Refuse a list that names the same thing twice: which one holds would be a guess."""
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(Said("{name} names {twice} more than once", name=name, twice=twice))
