"""What judges answer: marks with their arithmetic, charges, totals, and questions to the referee."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from contest_server.core.cells import ZERO, ContestantRecord, JudgedStatus
from contest_server.core.facts import ContestantId, StageId
from contest_server.core.saying import Text

if TYPE_CHECKING:
    from contest_server.core.surveyed import Panel


class Doubt(Enum):
    """How sure an opinion is. Info is only shown; questionable counts and is queued; bad does not count until a referee rules."""

    INFO = "info"
    QUESTIONABLE = "questionable"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Opinion:
    """A judge's question to the referee. `code` is a stable word (snake_case); `threshold` and `seen` are what was compared.

    `suggestion` is one sentence: what the referee should do. A gate and an admission may also say which `status` the contestant has for it:
    it holds for as long as the work that they were asked about decides its stage, or is all that was accepted there.
    """

    doubt: Doubt
    detail: Text
    code: str = ""
    threshold: Any = None
    seen: Any = None
    suggestion: Text = ""
    status: JudgedStatus | None = None


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
    """A contestant in the standing, for what is reckoned from it. `rank` None: a guest, or not ranked.

    `panels` are the marks that referees gave to the work that counts, without work whose marks a ruling set; whoever is no official is
    named with the venue. `total` tells the points that other marks of stages would make (None: the plain sum is taken).
    """

    contestant: ContestantId
    rank: int | None
    points: Decimal
    time_ms: int
    record: ContestantRecord
    team: str | None = None
    panels: Sequence[Panel] = ()
    total: Callable[[Mapping[StageId, Decimal]], Decimal] | None = field(default=None, compare=False, repr=False)

    def points_with(self, marks: Mapping[StageId, Decimal]) -> Decimal:
        """The points, if the marks of these stages were these; everything else is as it is."""
        if self.total is not None:
            return self.total(marks)
        return self.points + sum((each - self.record.cells[stage].marks for stage, each in marks.items()), ZERO)


@dataclass(frozen=True, slots=True)
class Converted:
    """A figure reckoned from the standing, for a contestant or a team, with how it came about."""

    value: Decimal
    steps: Sequence[Step] = ()
    opinions: Sequence[Opinion] = ()
