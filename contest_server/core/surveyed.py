"""What surveys see: the whole contest as it stands, with the marks of panels, answers, files and officials."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeVar

from contest_server.core.cells import ContestantRecord, StageView
from contest_server.core.facts import ContestantId, StageId, VenueId
from contest_server.core.judged import Opinion

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
    """The marks that referees gave to one aspect of one contestant's work, by referee. `at_ms` is when the work was handed in.

    `share_of` tells what the aspect's rule makes of such marks: shares of the highest to a share of the maximum (None: their mean).
    """

    contestant: ContestantId
    venue: VenueId | None
    stage: StageId
    aspect: str
    at_ms: int
    marks: Sequence[PanelMark]
    share_of: Callable[[Sequence[Fraction]], Fraction] | None = field(default=None, compare=False, repr=False)


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
