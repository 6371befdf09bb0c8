"""What was entered in between and may have made a result another: about the contestant's own work, else about what it hangs on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from contest_server.core.acts import Confirm, Marked, Revealed, Ruled, Seconded, Step
from contest_server.core.contest import Contest
from contest_server.core.facts import Adopted, Clock, Entry, Event, Fact
from contest_server.core.facts import Standing as StatusSet
from contest_server.core.ids import ActId, ContestantId, StageId
from contest_server.core.judgements import reason_of
from contest_server.core.rulings import Cell

CAUSES_MAX = 20
"""So many are named at most, the latest."""


@dataclass(frozen=True, slots=True)
class Cause:
    """An entry that changed something. `reason` is the words of whoever ruled."""

    position: int
    at_us: int
    what: str
    official: str | None
    ruling: ActId | None = None
    reason: str = ""


class Causes:
    """What was entered and may have changed a result, by whose work it is about and at which stage. It is put in the ledger's order."""

    def __init__(self) -> None:
        self._all: list[Cause] = []
        self._of: dict[ContestantId | None, list[Cause]] = {}
        self._at: dict[StageId, list[Cause]] = {}

    def put(self, cause: Cause, contestant: ContestantId | None, stage: StageId | None) -> None:
        about = [self._all, self._of.setdefault(contestant, [])]
        if stage is not None:
            about.append(self._at.setdefault(stage, []))
        for causes in about:
            if not causes or causes[-1].position != cause.position:
                causes.append(cause)

    def of(self, contestant: ContestantId, stages: Iterable[StageId], after: int, until: int) -> list[Cause]:
        """The latest that are about this contestant or everybody; else about the stages where something changed; else about anything."""
        own = [self._of.get(contestant, []), self._of.get(None, [])]
        at_stages = [self._at.get(stage, []) for stage in stages]
        return next((found for several in (own, at_stages, [self._all]) if (found := _latest(several, after, until))), [])


def _latest(several: Iterable[Sequence[Cause]], after: int, until: int) -> list[Cause]:
    """Of the causes in between, the last `CAUSES_MAX`, each once."""
    found = dict[int, Cause]()
    for causes in several:
        end = bisect_right(causes, until, key=_position)
        found |= {each.position: each for each in causes[max(0, end - CAUSES_MAX) : end] if each.position > after}
    return [found[position] for position in sorted(found)[-CAUSES_MAX:]]


def gathering(contest: Contest, after: int, until: int) -> Generator[None, None, Causes]:
    """Those that were entered after a position, in pieces."""
    causes = Causes()
    for entry in contest.lived(after):
        if entry.position > until:
            break
        for work in _work_of(contest, entry.fact):
            causes.put(_cause(contest, entry), *work)
        yield
    return causes


def _work_of(contest: Contest, fact: Fact) -> Iterable[Cell]:
    """Whose work a fact may change, and where; None stands for everybody's, and for everywhere."""
    match fact:
        case Event(contestant=str(contestant), stage=stage):
            return [(contestant, stage)]
        case StatusSet(contestant=contestant):
            return [(contestant, None)]
        case Clock(action="end" | "extend"):
            return []  # how long it lasts is a question about attempts, and moves no figure
        case Adopted() | Clock() | Revealed():
            return [(None, None)]
        case Ruled(action=Confirm() | Step()):
            return []
        case Ruled() | Seconded():
            ruling = fact.id if isinstance(fact, Ruled) else fact.ruling
            return _ruled_work(contest, fact, ruling)
        case Marked(stage=stage) if (who := contest.office.codes.contestant_of(fact)) is not None:
            return [(who, stage)]
        case _:
            return []


def _ruled_work(contest: Contest, fact: Ruled | Seconded, ruling: ActId) -> Iterable[Cell]:
    """Nothing, for a ruling that waits for a second person: what approves it changes the result."""
    if (isinstance(fact, Ruled) and fact.needs) or (isinstance(fact, Seconded) and not fact.approve):
        return []
    touched = contest.office.touched_by(ruling)
    return [(None, None)] if touched.clock else touched.cells


def _cause(contest: Contest, entry: Entry) -> Cause:
    what, official = reason_of(entry.fact)
    match entry.fact:
        case Ruled(id=ruling, reason=reason):
            return Cause(entry.position, entry.received_us, what, official, ruling, reason)
        case Seconded(ruling=ruling):
            approved = contest.office.rulings.ruling(ruling)
            return Cause(entry.position, entry.received_us, what, official, ruling, approved.reason if approved is not None else "")
        case Adopted(reason=reason) | StatusSet(reason=reason):
            return Cause(entry.position, entry.received_us, what, official, None, reason)
        case _:
            return Cause(entry.position, entry.received_us, what, official)


_position = attrgetter("position")
