"""What judges see of the work: attempts, the cells that they make at a stage, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, overload

from msgspec import Struct

from contest_server.core.facts import AttemptId, ContestantId, Outcome, StageId, VenueId
from contest_server.core.tally import Tally, tally_of

ZERO = Decimal(0)


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


HANDED_IN: tuple[Outcome, ...] = ("accepted", "rejected", "pending")
"""Outcomes of what was handed in to be judged, and was not free."""


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
    accepted). `started_ms` is the earliest start of any attempt, but for what was begun after the deciding one was handed in.
    `handed_in` is for `admit` alone: how many attempts were handed in ahead of the one that it is asked about, whether they count or not
    (HANDED_IN; free ones are not among them).
    """

    stage: StageView
    contestant: ContestantId
    attempts: Sequence[Attempt]
    counted: Sequence[Attempt]
    deciding: Attempt | None
    rejected: int
    violations: Sequence[Violation]
    started_ms: int | None = None
    handed_in: int = 0

    @property
    def tries(self) -> int:
        """The number of the deciding attempt, from 1, among those that count (free outcomes do not)."""
        return self.rejected + (1 if self.deciding else 0)


CellState = Literal["working", "pending", "tried", "cleared", "held"]
JudgedStatus = Literal["overtime", "missed", "dnf"]
"""What a rule may say of a contestant: officials say the rest."""
GRAVEST_FIRST: tuple[JudgedStatus, ...] = ("dnf", "missed", "overtime")


def gravest(statuses: Iterable[JudgedStatus | None]) -> JudgedStatus | None:
    """Which of these holds where several do; None where there is none."""
    said = set(statuses)
    return next((status for status in GRAVEST_FIRST if status in said), None)


class CellResult(Struct, frozen=True, gc=False):
    """A judged cell. `marks` is after charges and before awards; `award` is what the rest of the field adds.

    `pending_ms` is when the earliest attempt that nobody has judged was handed in. `rejected_ms` are the times of the counted attempts that
    were rejected before the deciding one. `owed` is what charges took beyond `marks`: aspects that depend on the field pay it.
    `ruled` are the marks that rulings set for such aspects, by their ids. `status` is what rules say of the contestant for this work.
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
    ruled: tuple[tuple[str, Decimal], ...] = ()
    status: JudgedStatus | None = None

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
