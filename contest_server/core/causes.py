"""What brought a result about: of all that was entered in between, the entries at which it became another and stayed so.

The contest is lived again in pieces, with those whose results are asked about and whoever they may hang on. Touches nothing that others
hold.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Hashable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeVar

import msgspec

from contest_server.core.acts import Confirm, Drawn, Marked, Revealed, Ruled, Seconded, Step
from contest_server.core.contest import Contest
from contest_server.core.facts import Adopted, Clock, Entry, Event, Fact, Finalised
from contest_server.core.facts import Standing as StatusSet
from contest_server.core.ids import ActId, ContestantId, StageId
from contest_server.core.judgements import reason_of
from contest_server.core.results import SHEETS_A_PIECE
from contest_server.core.rows import NO_POINTS, BoardRow
from contest_server.core.rulings import Cell

T = TypeVar("T")

LIVED_MAX = 10_000
"""Entries that are lived again at most, at about 50 µs each; where there are more, nobody looks so closely."""
JUDGING = (Adopted, Clock, Finalised, StatusSet, Ruled, Seconded, Marked, Drawn, Revealed)
"""What changes judgements besides events."""
PIECES_MAX = 100_000
"""So many pieces of work are done at most to live them again: everybody's result may hang on each of them."""
CAUSES_MAX = 20
"""So many are named at most where nobody looks so closely, the latest."""


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
        self._by_position: dict[int, Cause] = {}

    def put(self, cause: Cause, contestant: ContestantId | None, stage: StageId | None) -> None:
        self._by_position[cause.position] = cause
        about = [self._all, self._of.setdefault(contestant, [])]
        if stage is not None:
            about.append(self._at.setdefault(stage, []))
        for causes in about:
            if not causes or causes[-1].position != cause.position:
                causes.append(cause)

    def are_several(self, after: int, until: int) -> bool:
        """Whether more than one thing was entered in between."""
        begin = bisect_right(self._all, after, key=_position)
        return begin + 1 < len(self._all) and self._all[begin + 1].position <= until

    def at(self, positions: Iterable[int]) -> list[Cause]:
        """Those that were entered at these positions."""
        return [self._by_position[each] for each in positions if each in self._by_position]

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


@dataclass(slots=True)
class Path:
    """One contestant's results, one after the other: at which position it became another, and what it became, as a number for each."""

    positions: list[int] = field(default_factory=list)
    results: list[int] = field(default_factory=list)
    _numbers: dict[Hashable, int] = field(default_factory=lambda: {None: 0})

    def put(self, position: int, result: Hashable) -> None:
        number = self._numbers.setdefault(result, len(self._numbers))
        if not self.results or self.results[-1] != number:
            self.positions.append(position)
            self.results.append(number)

    def between(self, after: int, until: int) -> list[int]:
        """The positions that led from the result at `after` to that at `until`. Where it came back to what it had been, the way round
        does not count: a ruling and its undo are no cause of what a third one did.
        """
        begin, end = bisect_right(self.positions, after), bisect_right(self.positions, until)
        way = {self.results[begin - 1] if begin else 0: after}
        for position, result in zip(self.positions[begin:end], self.results[begin:end], strict=True):
            if result not in way:
                way[result] = position
            while next(reversed(way)) != result:
                way.popitem()
        return [*way.values()][1:]


def walking(
    contest: Contest, after: int, until: int, whom: Set[ContestantId], stages: Set[StageId]
) -> Generator[None, None, dict[ContestantId, Path]]:
    """The ways of their results, from `after` to `until`; none where that is too much to look at. `stages`: where they changed."""
    entries = yield from _lived(contest, until, whom | _rivals(contest, stages))
    if len(entries) > LIVED_MAX:
        return {}
    shadow = Contest(contest.id, contest.judges)
    found = yield from _within(PIECES_MAX, _living(shadow, entries, after, whom))
    former = shadow.leaving()
    del shadow
    yield from former
    return found or {}


def _within(pieces: int, work: Generator[None, None, T]) -> Generator[None, None, T | None]:
    """What this work leads to; None where it has more pieces than these."""
    for _ in range(pieces):
        try:
            next(work)
        except StopIteration as done:
            found: T = done.value
            return found
        yield
    return None


def _living(
    shadow: Contest, entries: Sequence[Entry], after: int, whom: Set[ContestantId]
) -> Generator[None, None, dict[ContestantId, Path]]:
    """Let the shadow live these entries, and put down what their results are at `after` and at every position since."""
    paths, is_told = dict[ContestantId, Path](), False
    for entry in entries:
        if entry.position > after and not is_told:
            is_told = True
            yield from _settling(shadow)
            yield from _noting(shadow, after, whom, paths)
        shadow.position = entry.position - 1
        yield from shadow.advancing(entry)
        if is_told:
            touched = yield from _settling(shadow)
            yield from _noting(shadow, entry.position, touched & whom, paths)
        yield
    return paths


def _settling(shadow: Contest) -> Generator[None, None, Set[ContestantId]]:
    """Judge what was touched, in pieces; returns whose rows may be others."""
    while shadow.judge_some(SHEETS_A_PIECE):
        yield
    touched = set()
    for contestant in shadow.settling():
        touched.add(contestant)
        yield
    return touched


def _noting(shadow: Contest, position: int, whom: Set[ContestantId], paths: dict[ContestantId, Path]) -> Iterator[None]:
    """Put down what their results are at this position, one in each piece."""
    for who in whom:
        if who not in paths:
            paths[who] = Path()
        paths[who].put(position, result_of(shadow.rows.get(who)))
        yield


def result_of(board: BoardRow | None) -> Hashable:
    """A contestant's own result: the figures, and what orders them."""
    if board is None:
        return None
    row = board.row
    stages = tuple(sorted((stage, mark.points) for stage, mark in row.stages.items() if mark.points != NO_POINTS))
    return row.points, row.time_ms, row.cleared, row.status, stages, tuple(row.key)


def _rivals(contest: Contest, stages: Set[StageId]) -> Set[ContestantId]:
    """Everybody at these stages, where marks depend on the field."""
    awarding = {stage for stage in stages if stage in contest.fields and contest.fields[stage].awarding}
    return {who for who, sheet in contest.sheets.items() if not awarding.isdisjoint(sheet.entries)} if awarding else frozenset()


def _lived(contest: Contest, until: int, whom: Set[ContestantId]) -> Generator[None, None, Sequence[Entry]]:
    """What their results depend on, in the order of the ledger, with definitions that hold nobody else. It ends where it is too much."""
    found = list[Entry]()
    for entry in contest.lived():
        fact = entry.fact
        if entry.position > until or len(found) > LIVED_MAX:
            break
        if isinstance(fact, Adopted):
            found.append(msgspec.structs.replace(entry, fact=_with_these(fact, whom)))
        elif fact.contestant in whom if isinstance(fact, Event) else isinstance(fact, JUDGING):
            found.append(entry)
        yield
    return found


def _with_these(adopted: Adopted, whom: Set[ContestantId]) -> Adopted:
    these = [each for each in adopted.definition["contestants"] if each["id"] in whom]
    return msgspec.structs.replace(adopted, definition={**adopted.definition, "contestants": these, "officials": []})


_position = attrgetter("position")
