"""What a judge sees and what it answers: the only names of the core that `judges/` and third parties import.

A judge is a frozen dataclass: its fields are the parameters a definition gives it, its methods are pure. It reads no clock, draws no
chance, opens no file. Marks are `Decimal`, times are integer milliseconds of contest time. A judge that raises asks for a referee: it never
accepts and never scores 0.

A class may implement any of the stations below; which ones it has decides where a definition may name it:

* `score(evidence)`        an aspect scorer: evidence to marks                       ([[stages.aspects]])
* `gate(record, stage)`    may this contestant work on this stage?                   ([[stages.rules]], [[rules]])
* `admit(attempt, cell)`   does this attempt count?                                  ([[stages.rules]], [[rules]])
* `charge(cell)`           what the stage costs: marks, time                         ([[stages.rules]], [[rules]])
* `award(field)`           bonus marks that depend on the other contestants          ([[stages.rules]], [[rules]])
* `compare(field)`         an aspect whose marks depend on the other contestants     ([[stages.aspects]])
* `question(field)`        questions about several contestants; never changes a mark (wherever the rule stands in a stage)
* `doubt(attempt, record)` a question for the referee; never changes a mark          ([[doubts]])
* `bonus(record)`          marks for the whole contest, on top of the total          ([[rules]])
* `total(record)`          a contestant's stages to points and time                  ([total])
* `convert(board)`         the standing to other figures: season points, teams, …    ([[conversions]])
* `survey(board)`          questions about the whole contest; never changes a mark   ([[doubts]], [[rules]])

A scorer may also tell surveys what it saw: `marks_given(data)` the marks of a panel (GivenMark), `answers_given(data)` what was answered to
each item and `answers_due()` the right answers, as texts by item. `data` is an attempt's evidence; MissingEvidence: nothing to tell.

A total may also have `of_tally(tally)`: the points and the time (ms) that `total` answers, where they follow from what the cells add up to
(Tally) alone. Rows of the board are then made by it, and `total` is asked where something is to be explained, or where it raises.

For whoever enters evidence by hand, any class may tell `wanted()`, the fields of the evidence that it reads (Wanted), and
`violation_codes()`, the codes that it knows, and `violation_names()`, what they are called ({code: (zh, en)}). A rule that tells nothing
has its `field` filled by a device.

Any class may also have `faults(stages)`: what is wrong with a definition that uses it, one sentence a fault (checked when it is read).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any, ClassVar, Literal, Protocol, TypeVar, overload

from msgspec import Struct

from contest_server.core.expression import Expression as Expression
from contest_server.core.expression import ExpressionError as ExpressionError
from contest_server.core.expression import Value as Value
from contest_server.core.expression import check_names as check_names
from contest_server.core.expression import parse as parse
from contest_server.core.expression import value_of as value_of
from contest_server.core.facts import AttemptId, ContestantId, Outcome, StageId, VenueId
from contest_server.core.saying import Coded as Coded
from contest_server.core.saying import Named as Named
from contest_server.core.saying import Said as Said
from contest_server.core.saying import Text as Text
from contest_server.core.saying import half_up as half_up
from contest_server.core.saying import in_seconds as in_seconds
from contest_server.core.saying import plain as plain
from contest_server.core.saying import truth as truth
from contest_server.core.tally import Tally as Tally
from contest_server.core.tally import tally_of as tally_of

API_VERSION = 1
"""The version of these names. A judge class states the one it was written for in `api`; loading refuses another."""

ZERO = Decimal(0)


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


@dataclass(frozen=True, slots=True)
class Violation:
    """A breach of a rule that a device or a referee's assistant reported. `code` is one of the definition's words, e.g. "no_helmet"."""

    code: str
    time_ms: int
    stage: StageId | None
    data: Mapping[str, Any]
    source: str
    seq: int


class Attempt(Struct, frozen=True, gc=False):
    """One try at a stage, as its events tell it, in their own order (not the order of arrival).

    `outcome` None: still working. `time_ms` is when it was cleared or handed in, `start_ms` when it began (None: no start event).
    `error_ms` bounds the clock's error at the deciding event, `offset_ms` is how far the device's clock was off (None: not measured),
    `late_ms` is how long after the deciding event it arrived. `data` merges the evidence of all its events, later values first.
    `provenance` names for each field of `data` the event ("source#seq") it came from. `replaced` holds values that a later event overwrote.
    """

    id: AttemptId
    contestant: ContestantId
    stage: StageId
    outcome: Outcome | None
    time_ms: int
    start_ms: int | None = None
    error_ms: int | None = None
    offset_ms: int | None = None
    late_ms: int = 0
    corrected: bool = False
    in_order: bool = True
    data: Mapping[str, Any] = {}
    provenance: Mapping[str, str] = {}
    replaced: Sequence[tuple[str, Any, str]] = ()
    events: Sequence[str] = ()

    @property
    def clear_ms(self) -> int:
        return self.time_ms

    @property
    def elapsed_ms(self) -> int | None:
        """From the start event to the deciding one; None where no start was seen."""
        return None if self.start_ms is None else max(0, self.time_ms - self.start_ms)


@dataclass(frozen=True, slots=True)
class AspectView:
    """An aspect as the definition states it: its place in the marking tree, what it is worth, and the abilities it shows."""

    id: str
    rule: str
    maximum: Decimal
    kind: Literal["measurement", "judgement"] = "measurement"
    criterion: str | None = None
    abilities: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage as judges see it. `value` is what it is worth at most, `pass_marks` what clears it (None: any)."""

    id: StageId
    index: int
    value: Decimal
    pass_marks: Decimal | None = None
    group: str | None = None
    aspects: Sequence[AspectView] = ()


class CellView(Struct, frozen=True, gc=False):
    """One contestant's work on one stage. `attempts` are in order of time; `counted` are those that `admit` let through.

    `deciding` is the first counted attempt that was accepted, else None. `rejected` counts the rejected ones before it (all, where none was
    accepted). `started_ms` is the earliest start of any attempt.
    """

    stage: StageView
    contestant: ContestantId
    attempts: Sequence[Attempt]
    counted: Sequence[Attempt]
    deciding: Attempt | None
    rejected: int
    violations: Sequence[Violation]
    started_ms: int | None = None

    @property
    def tries(self) -> int:
        """The number of the deciding attempt, from 1, among those that count (free outcomes do not)."""
        return self.rejected + (1 if self.deciding else 0)


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


CellState = Literal["working", "pending", "tried", "cleared", "held"]


class CellResult(Struct, frozen=True, gc=False):
    """A judged cell. `marks` is after charges and before awards; `award` is what the rest of the field adds.

    `pending_ms` is when the earliest attempt that nobody has judged was handed in. `rejected_ms` are the times of the counted attempts that
    were rejected before the deciding one. `owed` is what charges took beyond `marks`: aspects that depend on the field pay it.
    """

    stage: StageView
    state: CellState
    marks: Decimal
    award: Decimal
    tries: int
    pending: int
    clear_ms: int | None
    elapsed_ms: int | None
    penalty_ms: int
    passed: bool
    rejected: int = 0
    pending_ms: int | None = None
    deciding: Attempt | None = None
    rejected_ms: Sequence[int] = ()
    owed: Decimal = ZERO

    @property
    def points(self) -> Decimal:
        return self.marks + self.award if self.award else self.marks


class Cleared(Sequence[Attempt]):
    """The deciding attempts of the cleared cells among these, in order of time; sought out only when somebody looks."""

    __slots__ = ("_cells", "_found")

    def __init__(self, cells: Collection[CellResult]) -> None:
        self._cells = cells
        self._found: list[Attempt] | None = None

    def _attempts(self) -> list[Attempt]:
        if self._found is None:
            found = [cell.deciding for cell in self._cells if cell.state == "cleared" and cell.deciding is not None]
            self._found = sorted(found, key=lambda attempt: attempt.time_ms)
        return self._found

    def __len__(self) -> int:
        return len(self._attempts())

    def __iter__(self) -> Iterator[Attempt]:
        return iter(self._attempts())

    @overload
    def __getitem__(self, index: int) -> Attempt: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Attempt]: ...

    def __getitem__(self, index: int | slice) -> Attempt | Sequence[Attempt]:
        return self._attempts()[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._attempts() == list(other)

    __hash__ = None  # type: ignore[assignment]


class ContestantRecord(Struct, frozen=True, gc=False):
    """A contestant's whole contest. `cells` holds judged cells by stage; a stage nobody touched has none. `stages` are all, in their order.
    `cleared` are the deciding attempts of cleared stages, in order of time.

    Gates and doubts may look at the other stages here; they see the result of the attempts alone (never of another gate).
    """

    contestant: ContestantId
    venue: VenueId | None
    cells: Mapping[StageId, CellResult]
    cleared: Sequence[Attempt] = ()
    stages: Sequence[StageView] = ()
    known: Tally | None = None

    @property
    def tally(self) -> Tally:
        """What the cells add up to; where that is known already, for the price of asking."""
        return tally_of(self.cells.values()) if self.known is None else self.known


class Field(Struct, frozen=True, gc=False):
    """A stage across all competing contestants: clears in order of time, and the time of the earliest attempt nobody has judged yet.

    `cells` holds the judged cell of each clear.
    """

    stage: StageView
    clears: Sequence[tuple[int, ContestantId]]
    earliest_pending_ms: int | None = None
    cells: Mapping[ContestantId, CellResult] = {}


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


PPM = 1_000_000
"""Shares of a highest mark enter surveys as whole parts per million."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GivenMark:
    """One referee's mark, as a share of the highest (0 to 1). `at_ms` is when it was given in ms of contest time, where that is known."""

    referee: str
    share: Fraction
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class PanelMark:
    """One referee's mark in a panel, in parts per million of the highest mark.

    `gap_ppm` is its distance from the median of the panel's other marks (None: there are fewer than two). `at_ms`: see GivenMark.
    """

    referee: str
    share_ppm: int
    gap_ppm: int | None
    at_ms: int | None = None


def gaps_ppm(shares_ppm: Sequence[int]) -> list[int | None]:
    """Each share's distance from the median of the others (leave one out), in ppm; None where there are fewer than two others."""
    count = len(shares_ppm) - 1
    if count < 2:
        return [None] * len(shares_ppm)
    order = sorted(shares_ppm)
    low, high = (count - 1) // 2, count // 2
    gaps: list[int | None] = []
    for share in shares_ppm:
        place = order.index(share)
        below, above = order[low + (low >= place)], order[high + (high >= place)]
        gaps.append(share - (below + above) // 2)
    return gaps


@dataclass(frozen=True, slots=True)
class Panel:
    """The marks that referees gave to one aspect of one contestant's work, by referee. `at_ms` is when the work was handed in."""

    contestant: ContestantId
    venue: VenueId | None
    stage: StageId
    aspect: str
    at_ms: int
    marks: Sequence[PanelMark]


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """What a contestant answered to the items of an aspect that has a key, as texts by item."""

    contestant: ContestantId
    stage: StageId
    aspect: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file in the evidence of a contestant: its hash, and the field of the evidence that it was found in."""

    contestant: ContestantId
    stage: StageId
    field: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SurveyedAspect:
    """An aspect with the judge that scores it. `panel` is how many referees mark it (None: whoever the venue's device names)."""

    stage: StageId
    id: str
    rule: str
    judge: Any
    panel: int | None = None


@dataclass(frozen=True, slots=True)
class OfficialView:
    """An official, and the contestants on whom they never rule (回避)."""

    id: str
    role: Literal["chief", "referee"]
    venue: VenueId | None
    recused: Collection[ContestantId]


@dataclass(frozen=True, slots=True)
class Contender:
    """A contestant who competes. `rank` None: not ranked.

    `merits` is what ranks before the first time of the tie chain, and `time_ms` that time (None: no time is in it).
    """

    record: ContestantRecord
    rank: int | None = None
    merits: tuple[int, ...] = ()
    time_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """The whole contest as it stands, of everybody who competes, by id: what no single stage can tell.

    `prized` are the stages that give marks for being early. `medals` is how many places have one. `shared_names` are referees' names that
    devices of several venues use and that no official has: each venue has its own person of that name. `latest_ms` is the latest moment
    that anything in it tells of.
    """

    contenders: Sequence[Contender]
    stages: Sequence[StageView]
    venues: Sequence[VenueId]
    officials: Mapping[str, OfficialView]
    aspects: Sequence[SurveyedAspect]
    panels: Sequence[Panel]
    sheets: Sequence[AnswerSheet]
    files: Sequence[SeenFile]
    prized: Collection[StageId] = ()
    medals: int = 3
    shared_names: Collection[str] = ()
    latest_ms: int = 0
    _known: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def once(self, reckon: Callable[[Survey], T]) -> T:
        """What this function makes of the survey; several rules that need it share one reckoning."""
        if reckon not in self._known:
            self._known[reckon] = reckon(self)
        found: T = self._known[reckon]
        return found


@dataclass(frozen=True, slots=True)
class Finding:
    """A survey's question: about a contestant, a stage, or (None) something else that `subject` names, e.g. "referee R2".

    The same subject is the same question, whatever the figures are. `events` are the events that it comes from, as "source#seq".
    """

    opinion: Opinion
    subject: str
    contestant: ContestantId | None = None
    stage: StageId | None = None
    events: Sequence[str] = ()


class Judge(Protocol):
    """What every judge class states about itself."""

    api: ClassVar[int]
    version: ClassVar[str]


STATIONS = ("score", "gate", "admit", "charge", "award", "compare", "question", "doubt", "bonus", "total", "convert", "survey")
