"""The judgements of a contest at one position, written down so that a server that starts takes them over instead of judging all again.

A checkpoint is derived and may be thrown away at any time. Whoever takes one over has read every entry up to its position, and holds the
board that follows from it against its digest; `contest-server verify` judges all again. It refuses a contest that was judged anew for a
scope: the cells of such a contest were judged by several rulebooks.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import astuple, fields

from contest_server.core.contest import Contest
from contest_server.core.ids import ContestantId, StageId, VenueId
from contest_server.core.judging import CellResult
from contest_server.core.remembered import FrozenBoard, PublishedBoard
from contest_server.core.rows import BoardRow, FirstClears, Row, mark_of, plain_decimal

FORMAT = "contest-checkpoint/1"
CELLS_A_PART = 2_000
PART_MAX_BYTES = 1 << 28
"""Of one part when it is unpacked; a larger one is not a checkpoint's."""
DIGITS_MAX = 100
"""Of points and marks, before their point and after it; more are not a judge's."""


class NotACheckpoint(ValueError):
    """It cannot be read, or is none of this contest. Without it, everything is judged again, to the same result."""


class Board(Struct, frozen=True, array_like=True):
    """A board that the contest remembers: rows with their venues, ranks where it was published, and who cleared first."""

    position: int
    rows: Sequence[tuple[Row, VenueId | None]]
    first: FirstClears = {}
    ranks: dict[ContestantId, int | None] = {}
    digest: str = ""


class Boards(Struct, frozen=True, array_like=True):
    """All of them; of the contest itself the digest only, for its board follows from the judgements."""

    format: str
    position: int
    digest: str
    frozen: Board | None
    published: Sequence[Board]


if TYPE_CHECKING:
    Cell = Any
else:
    Cell = tuple[tuple(each.type for each in fields(CellResult)[1:])]
    """A judged cell without its stage, which the rules know."""
_NUMBERS = tuple(index for index, each in enumerate(fields(CellResult)[1:]) if each.type is Decimal)
"""Where a cell has marks."""
_RULED = [each.name for each in fields(CellResult)[1:]].index("ruled")
"""Where it has those that rulings set."""


class Judged(Struct, frozen=True, array_like=True):
    """The judged stages of one contestant, and those that count whatever the gates say."""

    contestant: ContestantId
    cells: dict[StageId, Cell]
    released: Sequence[StageId]


class Checkpoint(Struct, frozen=True):
    boards: Boards
    sheets: Sequence[Judged]


class Taken:
    """The judgements as they are now, as parts that are made one by one: the contest may go on meanwhile."""

    def __init__(self, contest: Contest) -> None:
        self.position = contest.position
        self.digest = contest.digest()
        self._boards = _boards(contest, self.digest)
        self._sheets = [(who, dict(sheet.base), tuple(sorted(sheet.released))) for who, sheet in contest.sheets.items() if sheet.base]

    def parts(self) -> Iterator[bytes]:
        """Each is the work of some milliseconds."""
        yield _packed(self._boards)
        part, cells = list[Judged](), 0
        for who, base, released in self._sheets:
            part.append(Judged(who, {stage: astuple(cell)[1:] for stage, cell in base.items()}, released))
            cells += len(base)
            if cells >= CELLS_A_PART:
                yield _packed(part)
                part, cells = [], 0
        if part:
            yield _packed(part)


def can_be_taken(contest: Contest) -> bool:
    """Whether all of it was judged under one rulebook, and nothing waits to be judged."""
    return contest.bench is not None and contest.bench.scope is None and contest.is_settled


def read_parts(parts: Sequence[bytes]) -> Checkpoint:
    """Raises NotACheckpoint."""
    if not parts:
        raise NotACheckpoint("it is empty")
    boards = _unpacked(parts[0], Boards)
    if boards.format != FORMAT:
        raise NotACheckpoint(f"it says {boards.format!r:.40}, not {FORMAT}")
    return Checkpoint(boards, [sheet for part in parts[1:] for sheet in _unpacked(part, list[Judged])])


def taking_over(contest: Contest, checkpoint: Checkpoint) -> Iterator[None]:
    """Let a contest that has read all entries up to the checkpoint, and judged none (`waits`), have these judgements, in pieces. To settle
    and to `check` must follow.

    Raises:
        NotACheckpoint: they are not of this contest, which is good for nothing then.
    """
    boards, bench = checkpoint.boards, contest.bench
    if boards.position != contest.position or bench is None or bench.scope is not None:
        raise NotACheckpoint(f"it is of position {boards.position}, this is {contest.position}")
    yield from _fill_sheets(contest, checkpoint.sheets)
    _fill_boards(contest, boards)
    contest.waits = False


def check(contest: Contest, checkpoint: Checkpoint) -> None:
    """Hold what was taken over, and is settled, against what it should be.

    Raises:
        NotACheckpoint: it does not lead to the board that it claims. The contest is good for nothing then.
    """
    if contest.digest() != checkpoint.boards.digest:
        raise NotACheckpoint("the board that follows from it is not the one that it names")


def stands(contest: Contest, contestant: ContestantId) -> bool:
    """Whether a contestant's stages are judged as they are known to be, if all are judged again."""
    bench, sheet = contest.bench, contest.sheets.get(contestant)
    if bench is None or sheet is None or sheet.dirty:
        return True
    return all(mark_of(sheet.judge(stage, bench).result, first=False) == mark_of(cell, first=False) for stage, cell in sheet.base.items())


def _fill_sheets(contest: Contest, sheets: Iterable[Judged]) -> Iterator[None]:
    assert contest.bench is not None
    stages = contest.bench.book.stages
    for judged in sheets:
        sheet = contest.sheets.get(judged.contestant)
        if sheet is None or judged.cells.keys() != sheet.entries.keys():
            raise NotACheckpoint(f"it holds other stages of {judged.contestant} than the ledger")
        sheet.base = {stage: CellResult(stages[stage].view, *_checked(cell)) for stage, cell in judged.cells.items()}
        sheet.released = set(judged.released)
        sheet.dirty.clear()
        yield
    for who, sheet in contest.sheets.items():
        if sheet.dirty:
            raise NotACheckpoint(f"it holds nothing of {who}")


def _fill_boards(contest: Contest, boards: Boards) -> None:
    frozen, published = contest.frozen, contest.published
    found = [each.position for each in boards.published], boards.frozen and boards.frozen.position
    if found != ([each.position for each in published], frozen and frozen.position):
        raise NotACheckpoint("it was frozen or published at other positions than the ledger says")
    if frozen is not None and boards.frozen is not None:
        contest.frozen = FrozenBoard(frozen.position, frozen.minutes, _rows(boards.frozen), boards.frozen.first)
    contest.published[:] = [
        PublishedBoard(each.position, each.act, _rows(board), board.ranks, board.digest)
        for each, board in zip(published, boards.published, strict=True)
    ]


def _boards(contest: Contest, digest: str) -> Boards:
    frozen = contest.frozen
    return Boards(
        FORMAT,
        contest.position,
        digest,
        None if frozen is None else Board(frozen.position, _listed(frozen.rows.values()), frozen.first),
        [Board(each.position, _listed(each.rows.values()), {}, dict(each.ranks), each.digest) for each in contest.published],
    )


def _listed(rows: Iterable[BoardRow]) -> list[tuple[Row, VenueId | None]]:
    return [(each.row, each.venue) for each in rows]


def _rows(board: Board) -> dict[ContestantId, BoardRow]:
    try:
        return {row.id: BoardRow(row, venue, _points(row.points)) for row, venue in board.rows}
    except ArithmeticError as error:
        raise NotACheckpoint(f"the board of position {board.position} has points that are no number") from error


def _points(text: str) -> Decimal:
    """As rows tell them: plainly. Raises ArithmeticError."""
    points = Decimal(text)
    if not _is_a_number(points) or plain_decimal(points) != text:
        raise ArithmeticError(text)
    return points


def _checked(cell: Cell) -> Cell:
    """Raises NotACheckpoint."""
    if not all(map(_is_a_number, (*(cell[index] for index in _NUMBERS), *(marks for _, marks in cell[_RULED])))):
        raise NotACheckpoint("it holds marks that are no number")
    return cell


def _is_a_number(value: Decimal) -> bool:
    """Neither NaN nor an infinity, and not so large or small that to write it out would be work."""
    return value.is_finite() and -DIGITS_MAX < value.adjusted() < DIGITS_MAX


def _packed(value: Any) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(value), 1)


def _unpacked(part: bytes, type_: Any) -> Any:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(part, PART_MAX_BYTES)
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise NotACheckpoint("a part of it is cut, or too long")
        return msgspec.msgpack.decode(text, type=type_)
    except (zlib.error, msgspec.MsgspecError) as error:
        raise NotACheckpoint(f"a part of it cannot be read: {error}") from error
