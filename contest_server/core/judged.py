"""What judges answer: marks with their arithmetic, charges, totals, and questions to the referee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from msgspec import Struct

from contest_server.core.cells import ZERO, ContestantRecord
from contest_server.core.facts import ContestantId
from contest_server.core.saying import Text


class Doubt(Enum):
    """How sure an opinion is. Info is only shown; questionable counts and is queued; bad does not count until a referee rules."""

    INFO = "info"
    QUESTIONABLE = "questionable"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Opinion:
    """A judge's question to the referee. `code` is a stable word (snake_case); `threshold` and `seen` are what was compared.

    `suggestion` is one sentence: what the referee should do.
    """

    doubt: Doubt
    detail: Text
    code: str = ""
    threshold: Any = None
    seen: Any = None
    suggestion: Text = ""


class Step(Struct, frozen=True, gc=False):
    """One line of the arithmetic: what was reckoned, and what came out. Plain text in the field's own words, e.g. "2.4 >= 1", "true"."""

    what: Text
    result: Text


class Score(Struct, frozen=True, gc=False):
    """An aspect scorer's answer. `marks` None: not judged. `used` and `ignored` name inputs (`ignored` with the reason)."""

    marks: Decimal | None
    maximum: Decimal
    steps: Sequence[Step] = ()
    used: Mapping[str, Any] = {}
    ignored: Mapping[str, Text] = {}
    opinions: Sequence[Opinion] = ()


class Charge(Struct, frozen=True, gc=False):
    """What a stage costs: marks taken off (never below zero in sum) and time added."""

    marks: Decimal = ZERO
    time_ms: int = 0
    steps: Sequence[Step] = ()
    opinions: Sequence[Opinion] = ()


class Total(Struct, frozen=True, gc=False):
    """A contestant's points and time. `measures` holds further named integers that the ranking may use."""

    points: Decimal
    time_ms: int
    measures: Mapping[str, int] = {}
    steps: Sequence[Step] = ()


class Bonus(Struct, frozen=True, gc=False):
    """Marks for the whole contest, on top of its total."""

    marks: Decimal = ZERO
    steps: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A contestant in the standing, for what is reckoned from it. `rank` None: a guest, or not ranked."""

    contestant: ContestantId
    rank: int | None
    points: Decimal
    time_ms: int
    record: ContestantRecord
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Converted:
    """A figure reckoned from the standing, for a contestant or a team, with how it came about."""

    value: Decimal
    steps: Sequence[Step] = ()
    opinions: Sequence[Opinion] = ()
