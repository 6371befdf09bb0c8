"""What something would change, or changed: rows, ranks, medals, cells, first clears. Before and after, and nothing that stays."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from contest_server.core.acts import Disqualify, Reopen, Ruled
from contest_server.core.contest import Contest
from contest_server.core.conversions import medals_of
from contest_server.core.definition import RefereePolicy
from contest_server.core.ids import ContestantId, StageId
from contest_server.core.pieces import at_once
from contest_server.core.rows import BoardRow, FirstClears, places_of
from contest_server.core.ties import MEDALS, Medal, medals


@dataclass(frozen=True, slots=True)
class Standing:
    """A contestant as the result shows them. `place` is where they stand, rank number or not (`rows.places_of`)."""

    rank: int | None
    points: str
    time_ms: int
    cleared: int
    status: str
    medal: Medal | None = None
    place: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class CellShown:
    state: str
    points: str


@dataclass(frozen=True, slots=True)
class RowChange:
    contestant: ContestantId
    before: Standing | None
    after: Standing | None


@dataclass(frozen=True, slots=True)
class CellChange:
    contestant: ContestantId
    stage: StageId
    before: CellShown | None
    after: CellShown | None


@dataclass(frozen=True, slots=True)
class FirstChange:
    stage: StageId
    before: Sequence[ContestantId]
    after: Sequence[ContestantId]


@dataclass(frozen=True, slots=True)
class Effect:
    """Every change. `digest` is that of the board afterwards."""

    rows: Sequence[RowChange]
    cells: Sequence[CellChange]
    first: Sequence[FirstChange]
    digest: str

    @property
    def medals(self) -> int:
        """How many contestants would win, lose or change a medal."""
        return sum((row.before and row.before.medal) != (row.after and row.after.medal) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Picture:
    """A board as it is at one moment: what effects are the difference of."""

    rows: Mapping[ContestantId, BoardRow]
    ranks: Mapping[ContestantId, int | None]
    medals: Mapping[ContestantId, Medal]
    first: FirstClears
    digest: str
    places: Mapping[ContestantId, int]


def picture_of(contest: Contest) -> Picture:
    """Everybody's row, rank and medal now. Costs a pass over all contestants: for decisions and previews, never per frame."""
    ranks = {contestant: contest.ranking.rank_of(contestant) for contestant in contest.rows}
    return Picture(dict(contest.rows), ranks, medals_now(contest), contest.first_clears(), contest.digest(), places_of(contest.rows))


def medals_now(contest: Contest) -> Mapping[ContestantId, Medal]:
    """Medals as `[ties]` says, or else one of each for the first three ranks: what a decision may move."""
    if contest.definition is not None and contest.definition.ties is not None:
        return medals_of(contest)
    best: list[tuple[ContestantId, int, Decimal]] = []
    for contestant in contest.ranking:
        rank, row = contest.ranking.rank_of(contestant), contest.rows[contestant].row
        if rank is not None and row.status == "ok" and row.stages:
            if rank > len(MEDALS):
                break
            best.append((contestant, rank, Decimal(row.points)))
    given = medals([(rank, points) for _, rank, points in best])
    return {contestant: medal for (contestant, _, _), medal in zip(best, given, strict=True) if medal is not None}


def effect_between(before: Picture, after: Picture) -> Effect:
    """What is different. Contestants and stages in the order of their ids."""
    return at_once(Comparison().comparing(before, after))


class Comparison:
    """Of two contests that both go on: cells of rows that are still the same rows are not compared again."""

    def __init__(self) -> None:
        self._known: dict[ContestantId, tuple[BoardRow | None, BoardRow | None, Sequence[CellChange]]] = {}

    def comparing(self, before: Picture, after: Picture) -> Generator[None, None, Effect]:
        """What is different, in short pieces. Contestants and stages in the order of their ids."""
        rows, cells = list[RowChange](), list[CellChange]()
        for who in sorted({*before.rows, *after.rows}):
            row = RowChange(who, _standing(before, who), _standing(after, who))
            if row.before != row.after:
                rows.append(row)
            cells += self._cells(who, before.rows.get(who), after.rows.get(who))
            yield
        return Effect(rows, cells, list(_first_changes(before.first, after.first)), after.digest)

    def _cells(self, who: ContestantId, before: BoardRow | None, after: BoardRow | None) -> Sequence[CellChange]:
        known = self._known.get(who)
        if known is None or known[0] is not before or known[1] is not after:
            known = self._known[who] = before, after, list(_cells(who, before, after))
        return known[2]


def _first_changes(before: FirstClears, after: FirstClears) -> Iterator[FirstChange]:
    nobody: tuple[tuple[ContestantId, ...], int] = ((), 0)
    for stage in sorted({*before, *after}):
        was, is_ = before.get(stage, nobody)[0], after.get(stage, nobody)[0]
        if was != is_:
            yield FirstChange(stage, was, is_)


def effect_of(contest: Contest, rulings: Iterable[Ruled]) -> Effect:
    """What these rulings would change if they were in force now, second person or not."""
    before = picture_of(contest)
    with contest.supposing(*(in_force(each) for each in rulings)):
        after = picture_of(contest)
    return effect_between(before, after)


def needs_of(policy: RefereePolicy, ruling: Ruled, effect: Effect) -> tuple[str, ...]:
    """Why a second person has to approve this ruling; empty if nobody has to."""
    found = []
    match ruling.action:
        case Reopen():
            found.append("reopens a final result")
        case Disqualify(aspect=None) if ruling.stage is None:
            found.append("disqualifies from the contest")
    moved = max((abs(_points(row.after) - _points(row.before)) for row in effect.rows), default=Decimal(0))
    if policy.second_points is not None and moved >= policy.second_points > 0:
        found.append(f"moves {moved.normalize():f} points; from {policy.second_points.normalize():f} a second person decides")
    ranks = max((_leap(row) for row in effect.rows if row.contestant == ruling.contestant or ruling.contestant is None), default=0)
    if policy.second_ranks is not None and ranks >= policy.second_ranks:
        found.append(f"moves {ranks} ranks; from {policy.second_ranks} a second person decides")
    if policy.second_medals and effect.medals:
        found.append(f"changes the medals of {effect.medals}")
    return tuple(found)


def in_force(ruling: Ruled) -> Ruled:
    """The ruling as if nobody had to approve it."""
    return msgspec.structs.replace(ruling, needs=())


def _standing(picture: Picture, contestant: ContestantId) -> Standing | None:
    board = picture.rows.get(contestant)
    if board is None:
        return None
    row = board.row
    rank, medal, place = picture.ranks.get(contestant), picture.medals.get(contestant), picture.places.get(contestant)
    return Standing(rank, row.points, row.time_ms, row.cleared, row.status, medal, place)


def _cells(contestant: ContestantId, before: BoardRow | None, after: BoardRow | None) -> Iterable[CellChange]:
    old, new = (row.row.stages if row is not None else {} for row in (before, after))
    for stage in sorted({*old, *new}):
        if old.get(stage) != new.get(stage):
            shown = [CellShown(mark.state, mark.points) if mark is not None else None for mark in (old.get(stage), new.get(stage))]
            yield CellChange(contestant, stage, *shown)


def _points(standing: Standing | None) -> Decimal:
    return Decimal(standing.points) if standing is not None else Decimal(0)


def _leap(row: RowChange) -> int:
    """How many places somebody moved, also to where nobody has a rank number."""
    old, new = (each.place if each is not None else None for each in (row.before, row.after))
    return abs(old - new) if old is not None and new is not None else 0
