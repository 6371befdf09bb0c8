"""Publication, sign-off, and what changed afterwards: a correction is told as a correction, never slipped in."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from contest_server.core.acts import Confirm, Marked, Revealed, Ruled, Seconded, Signed, Step
from contest_server.core.contest import Contest
from contest_server.core.definition import Definition
from contest_server.core.effects import Standing
from contest_server.core.facts import Adopted, Clock, Entry, Event, Fact
from contest_server.core.facts import Standing as StatusSet
from contest_server.core.flags import Flag
from contest_server.core.ids import ActId, ContestantId, StageId
from contest_server.core.judgements import reason_of
from contest_server.core.pieces import at_once
from contest_server.core.remembered import PublishedBoard
from contest_server.core.rows import NO_POINTS, BoardRow
from contest_server.core.rulings import Cell
from contest_server.core.saying import Coded, Said
from contest_server.core.ties import medals

DIGEST_CHARS = 16


@dataclass(frozen=True, slots=True)
class Cause:
    """An entry that changed something. `reason` is the words of whoever ruled."""

    position: int
    at_us: int
    what: str
    official: str | None
    ruling: ActId | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A published result that is another now. `because`: what was entered about this work since, in the ledger's order; where nothing was,
    what was entered about others' work that this result hangs on.
    """

    contestant: ContestantId
    published_at: int
    before: Standing | None
    after: Standing | None
    because: Sequence[Cause]


@dataclass(frozen=True, slots=True)
class SignOff:
    """A signature, and whether the result is still the one that was signed."""

    signed: Signed
    position: int
    valid: bool


def digest_of_row(row: BoardRow) -> str:
    """What is signed: a contestant's row as it is."""
    return hashlib.sha256(row.json).hexdigest()[:DIGEST_CHARS]


def publications(contest: Contest) -> list[PublishedBoard]:
    """The publications that stand, oldest first."""
    return [each for each in contest.published if contest.office.stands(each.act.id)]


def notices_of(contest: Contest) -> list[Notice]:
    """Every correction: from each publication to the next, and from the last one to now."""
    return at_once(noticing(contest))


def noticing(contest: Contest) -> Generator[None, None, list[Notice]]:
    """The same in pieces, of the contest as it was when it was begun: it may go on meanwhile."""
    boards, position, definition = publications(contest), contest.position, contest.definition
    if not boards:
        return []
    now = dict(contest.rows)
    last = position, now, {contestant: contest.ranking.rank_of(contestant) for contestant in now}
    causes: _Causes | None = None
    found: list[Notice] = []
    for before, after in pairwise((*((each.position, each.rows, each.ranks) for each in boards), last)):
        yield
        old = _Board(definition, *before)
        yield
        new = _Board(definition, *after)
        for contestant in sorted({*old.rows, *new.rows}):
            yield
            if _differs(contestant, old, new):
                causes = causes or (yield from _causes(contest, boards[0].position))
                found.append(_notice(contestant, old, new, causes))
    return found


def _differs(contestant: ContestantId, before: _Board, after: _Board) -> bool:
    old, new = before.rows.get(contestant), after.rows.get(contestant)
    return old is not new and _is_another(old, new, before.standing(contestant), after.standing(contestant))


def _notice(contestant: ContestantId, before: _Board, after: _Board, causes: _Causes) -> Notice:
    stages = _changed_stages(before.rows.get(contestant), after.rows.get(contestant))
    because = causes.of(contestant, stages, before.position, after.position)
    return Notice(contestant, before.position, before.standing(contestant), after.standing(contestant), because)


class _Board:
    """The result at one position, with its medals as the definition that holds now gives them."""

    def __init__(
        self,
        definition: Definition | None,
        position: int,
        rows: Mapping[ContestantId, BoardRow],
        ranks: Mapping[ContestantId, int | None],
    ) -> None:
        self.position, self.rows, self._ranks = position, rows, ranks
        ties = definition.ties if definition is not None else None
        first = [(rank, who) for who, rank in ranks.items() if rank is not None and _competes(rows[who])]
        first.sort()
        points = [(rank, Decimal(rows[who].row.points)) for rank, who in first]
        given = medals(points) if ties is None else medals(points, ties.medals, ties.medal_delta)
        self._medals = {who: medal for (_, who), medal in zip(first, given, strict=True)}

    def standing(self, contestant: ContestantId) -> Standing | None:
        board, rank = self.rows.get(contestant), self._ranks.get(contestant)
        if board is None:
            return None
        row = board.row
        return Standing(rank, row.points, row.time_ms, row.cleared, row.status, self._medals.get(contestant))


def _competes(board: BoardRow) -> bool:
    return board.row.status == "ok" and bool(board.row.stages)


def _is_another(old: BoardRow | None, new: BoardRow | None, before: Standing | None, after: Standing | None) -> bool:
    """Whether a contestant's result is another. That a rank moved because somebody else did is no correction of theirs; that it moved
    because what orders them is another now (marks of a stage that decides ties, the tie chain itself) is one.
    """
    if _own(old) != _own(new) or old is None or new is None:
        return _own(old) != _own(new)
    return old.row.key != new.row.key and before != after


def _own(board: BoardRow | None) -> object:
    """The figures that are the contestant's own."""
    if board is None:
        return None
    row = board.row
    stages = {stage: mark.points for stage, mark in row.stages.items() if mark.points != NO_POINTS}
    return row.points, row.time_ms, row.cleared, row.status, stages


def _changed_stages(before: BoardRow | None, after: BoardRow | None) -> set[StageId]:
    old, new = (board.row.stages if board is not None else {} for board in (before, after))
    return {stage for stage in {*old, *new} if old.get(stage) != new.get(stage)}


class _Causes:
    """What was entered and may have changed a result, by whose work it is about and at which stage."""

    def __init__(self) -> None:
        self._all: list[Cause] = []
        self._of: dict[ContestantId | None, list[Cause]] = {}
        self._at: dict[StageId, list[Cause]] = {}

    def put(self, cause: Cause, contestant: ContestantId | None, stage: StageId | None) -> None:
        self._all.append(cause)
        self._of.setdefault(contestant, []).append(cause)
        if stage is not None:
            self._at.setdefault(stage, []).append(cause)

    def of(self, contestant: ContestantId, stages: Iterable[StageId], after: int, until: int) -> list[Cause]:
        """What is about this contestant or everybody; else what is about the stages where something changed; else everything."""
        own = [*self._of.get(contestant, ()), *self._of.get(None, ())]
        at_stages = [cause for stage in stages for cause in self._at.get(stage, ())]
        for causes in (own, at_stages, self._all):
            found = {each.position: each for each in causes if after < each.position <= until}
            if found:
                return [found[position] for position in sorted(found)]
        return []


def _causes(contest: Contest, after: int) -> Generator[None, None, _Causes]:
    """Those that were entered after a position, in pieces."""
    causes = _Causes()
    for entry in contest.lived(after):
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


def signoffs_of(contest: Contest) -> list[SignOff]:
    """All signatures that stand, in order."""
    found = []
    for filed in contest.office.of(Signed):
        assert isinstance(filed.act, Signed)
        row = contest.rows.get(filed.act.contestant)
        found.append(SignOff(filed.act, filed.position, row is not None and digest_of_row(row) == filed.act.digest))
    return found


def broken_signatures(contest: Contest) -> Iterator[Flag]:
    """A result that changed after somebody signed it (F), unless they signed it again."""
    latest = {(each.signed.contestant, each.signed.role): each for each in signoffs_of(contest)}
    for (contestant, role), each in sorted(latest.items()):
        if not each.valid:
            row = contest.rows.get(contestant)
            now = digest_of_row(row) if row is not None else None
            detail = Said("the result changed after the {role} signed it (signature {id})", role=Coded("signed", role), id=each.signed.id)
            yield Flag(
                "edit_after_signature", "review", "sign_off", contestant, None, f"signature {role}", detail, each.signed.digest, now,
                suggestion=Said("show the new result and have it signed again"),
            )  # fmt: skip
