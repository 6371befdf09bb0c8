"""What a scorer finds in the evidence. A value that is missing, or no number, leaves the aspect unjudged: never zero."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct

from contest_server.core.cells import ZERO, Attempt, CellView
from contest_server.core.saying import Said, Text


class MissingEvidence(Exception):
    """The evidence does not hold what the rule needs: not judged, which is not the same as zero."""

    def __init__(self, why: Text = "") -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field of the evidence, for whoever enters it by hand. Outside of `low` to `high` no such value exists, right or wrong."""

    field: str
    kind: Literal["number", "yes_no", "choice", "date", "text"] = "number"
    choices: Sequence[str] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    places: int | None = None


class Evidence(Struct, frozen=True, gc=False):
    """What an aspect scorer sees: the deciding attempt, and the cell around it."""

    attempt: Attempt
    cell: CellView

    def value(self, name: str) -> Any:
        """The field `name` of the deciding attempt's data. Raises MissingEvidence, which leaves the aspect unjudged."""
        try:
            return self.attempt.data[name]
        except KeyError:
            raise MissingEvidence(Said("{name}: no value was sent", name=name)) from None

    def number(self, name: str) -> Decimal:
        """The field as a decimal number (venues send measured numbers as strings). Raises MissingEvidence."""
        return decimal_of(name, self.value(name))


DIGITS_MAX = 28
MAGNITUDE_MAX = 18
_NUMBER = re.compile(rf"[+-]?(\d{{1,{DIGITS_MAX}}}(\.\d{{0,{DIGITS_MAX}}})?|\.\d{{1,{DIGITS_MAX}}})([eE][+-]?\d{{1,4}})?", re.ASCII)


def decimal_of(name: str, raw: Any) -> Decimal:
    """A Decimal from a string, an integer or a JSON number, of at most 28 digits and a magnitude that instruments have.

    Raises:
        MissingEvidence: naming the field and what was found ("n/a", NaN, 1e999, 1_000, a boolean).
    """
    number = _parsed(raw)
    if number is None or len(number.as_tuple().digits) > DIGITS_MAX or abs(number.adjusted()) > MAGNITUDE_MAX:
        shown = Said("a huge integer") if isinstance(raw, int) and raw.bit_length() > 1_000 else repr(raw)[:40]
        raise MissingEvidence(Said("{name}: {shown} is not a number that an instrument shows", name=name, shown=shown))
    return number


def _parsed(raw: Any) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float, Decimal)):
        return None
    if isinstance(raw, int):
        return Decimal(raw)
    text = str(raw).strip()
    number = Decimal(text) if _NUMBER.fullmatch(text) else None
    return number if number is None or number else ZERO
