"""Publication, sign-off, and what changed afterwards: a correction is told as a correction, never slipped in."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from contest_server.core.acts import Ruled, Signed
from contest_server.core.causes import Cause, Causes, gathering
from contest_server.core.contest import Contest
from contest_server.core.definition import Definition
from contest_server.core.effects import Standing
from contest_server.core.flags import Flag
from contest_server.core.ids import ContestantId, StageId
from contest_server.core.pieces import at_once
from contest_server.core.remembered import PublishedBoard
from contest_server.core.rows import NO_POINTS, BoardRow
from contest_server.core.saying import Coded, Said
from contest_server.core.ties import Medal, medals

DIGEST_CHARS = 16


@dataclass(frozen=True, slots=True)
class Notice:
    """A published result that is another now. `because`: the latest that were entered about this work since, in the ledger's order; where
    none was, about others' work that this result hangs on.
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


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A publication that was undone, by whom and why. It stays in the ledger, and is told."""

    board: PublishedBoard
    by: Ruled


def withdrawals(contest: Contest) -> list[Withdrawal]:
    """The publications that stand no more, oldest first."""
    found = ((each, contest.office.rulings.undone_by(each.act.id)) for each in contest.published)
    return [Withdrawal(board, by) for board, by in found if by is not None]


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
    causes: Causes | None = None
    found: list[Notice] = []
    for before, after in pairwise((*((each.position, each.rows, each.ranks) for each in boards), last)):
        old = yield from _board(definition, *before)
        new = yield from _board(definition, *after)
        yield
        for contestant in sorted({*old.rows, *new.rows}):
            yield
            if _differs(contestant, old, new):
                causes = causes or (yield from gathering(contest, boards[0].position, position))
                found.append(_notice(contestant, old, new, causes))
    return found


def _differs(contestant: ContestantId, before: _Board, after: _Board) -> bool:
    old, new = before.rows.get(contestant), after.rows.get(contestant)
    return old is not new and _is_another(old, new, before.standing(contestant), after.standing(contestant))


def _notice(contestant: ContestantId, before: _Board, after: _Board, causes: Causes) -> Notice:
    stages = _changed_stages(before.rows.get(contestant), after.rows.get(contestant))
    because = causes.of(contestant, stages, before.position, after.position)
    return Notice(contestant, before.position, before.standing(contestant), after.standing(contestant), because)


@dataclass(frozen=True, slots=True)
class _Board:
    """The result at one position, with its medals as the definition that holds now gives them."""

    position: int
    rows: Mapping[ContestantId, BoardRow]
    ranks: Mapping[ContestantId, int | None]
    medals: Mapping[ContestantId, Medal | None]

    def standing(self, contestant: ContestantId) -> Standing | None:
        board, rank = self.rows.get(contestant), self.ranks.get(contestant)
        if board is None:
            return None
        row = board.row
        return Standing(rank, row.points, row.time_ms, row.cleared, row.status, self.medals.get(contestant))


def _board(
    definition: Definition | None,
    position: int,
    rows: Mapping[ContestantId, BoardRow],
    ranks: Mapping[ContestantId, int | None],
) -> Generator[None, None, _Board]:
    """It is made in pieces."""
    first = []
    for who, rank in ranks.items():
        yield
        if rank is not None and _competes(rows[who]):
            first.append((rank, who, Decimal(rows[who].row.points)))
    first.sort()
    points = [(rank, each) for rank, _, each in first]
    yield
    ties = definition.ties if definition is not None else None
    given = medals(points) if ties is None else medals(points, ties.medals, ties.medal_delta)
    return _Board(position, rows, ranks, {who: medal for (_, who, _), medal in zip(first, given, strict=True)})


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
