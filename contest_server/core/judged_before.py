"""The result as one program judged it, in figures that every later program can read, and what another program makes of the same entries.

Rules have versions that the ledger pins; what folds their marks into cells, totals and ranks has none. So what a program judged is written
down beside the ledger, and the next program holds its own result of the same position against it. It compares figures, not encoded rows:
a program that only shows more judges nothing differently. Names no persons. Refuses what it cannot read.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct

from contest_server.core.contest import Contest
from contest_server.core.corrections import publications
from contest_server.core.ids import ContestantId
from contest_server.core.pieces import at_once
from contest_server.core.remembered import PublishedBoard
from contest_server.core.rows import BoardRow, StageMark, places_of
from contest_server.core.saying import Coded, Said, Text

FORMAT = "contest-judged/1"
MOVED_TOLD_MAX = 200
"""So many contestants of a difference are named, and how many more there are."""
MARKS_CHARS = 8
LINES_TOLD_MAX = 20


class NotReadable(ValueError):
    """What was written down is of no format that is known here."""


class Line(Struct, frozen=True, array_like=True):
    """One contestant's result; `rank` is the place (`_ranked`). `marks` stands for the stages: equal where all of them are shown with the
    same figures.
    """

    contestant: ContestantId
    rank: int | None
    points: str
    time_ms: int
    cleared: int
    status: str
    marks: str


class JudgedBefore(Struct, frozen=True):
    """The result at a position, and as it was published last (`published_at`, 0: never): the lines that were others then, with None for who
    was not there.
    """

    format: str
    program: str
    position: int
    final: bool
    lines: Sequence[Line]
    published_at: int = 0
    published: dict[ContestantId, Line | None] = {}


class Moved(Struct, frozen=True):
    """One contestant whom two programs judge differently; None where one of them knows no such contestant."""

    contestant: ContestantId
    before: Line | None
    after: Line | None


class Difference(Struct, frozen=True):
    """What the program `after` makes of the entries up to `position`, that `before` judged otherwise. `count` contestants moved, `ranks` of
    them to another rank; of the result that was published at `published_at`, `published` are others.
    """

    before: str
    after: str
    position: int
    at_us: int
    final: bool
    count: int
    ranks: int
    moved: Sequence[Moved]
    published_at: int = 0
    published: int = 0
    published_moved: Sequence[Moved] = ()

    @property
    def is_grave(self) -> bool:
        """Whether a result is another that somebody was told already."""
        return bool(self.published or (self.final and self.count))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A contest as it is at one moment: short to take; what is made of it may take its time."""

    position: int
    final: bool
    rows: Mapping[ContestantId, BoardRow]
    order: Sequence[ContestantId]
    published: PublishedBoard | None

    def written(self, program: str) -> JudgedBefore:
        """As this program judged it."""
        return at_once(self.writing(program))

    def writing(self, program: str) -> Generator[None, None, JudgedBefore]:
        """The same in short pieces, for whoever must not do it all at once."""
        lines = yield from _lines(_ranked(self.rows[who] for who in self.order))
        board = self.published
        if board is None:
            return JudgedBefore(FORMAT, program, self.position, self.final, list(lines.values()))
        told = yield from _lines(_placed(board))
        others = {who: told.get(who) for who in lines | told if lines.get(who) != told.get(who)}
        return JudgedBefore(FORMAT, program, self.position, self.final, list(lines.values()), board.position, others)


def takes_back(later: Difference, earlier: Difference) -> bool:
    """Whether all is again as it was before the earlier one: somebody went back to the program of before, and nothing came in between."""
    same = (later.before, later.after, later.position) == (earlier.after, earlier.before, earlier.position)
    return same and all(
        {(each.contestant, each.before, each.after) for each in mine} == {(each.contestant, each.after, each.before) for each in theirs}
        for mine, theirs in ((later.moved, earlier.moved), (later.published_moved, earlier.published_moved))
    )


def told(found: Difference) -> list[Text]:
    """In plain lines, for a terminal: what it is about, then whom it moved."""
    first = Said(
        "{after} judges otherwise than {before}: {about} at {position}, {count} contestants, {ranks} of them at another rank",
        after=found.after,
        before=found.before,
        about=Said("a final result") if found.final else Said("a result"),
        position=found.position,
        count=found.count,
        ranks=found.ranks,
    )
    lines: list[Text] = [first]
    if found.published:
        published = {"position": str(found.published_at), "count": str(found.published)}
        lines.append(Said("of what was published at {position}, {count} results are others", **published))
    moved = found.published_moved or found.moved
    lines += [
        Said("{contestant}: {before} → {after}", contestant=each.contestant, before=_in_words(each.before), after=_in_words(each.after))
        for each in moved[:LINES_TOLD_MAX]
    ]
    more = max(found.count, found.published) - len(moved[:LINES_TOLD_MAX])
    return [*lines, Said("… and {count} more", count=more)] if more > 0 else lines


def _in_words(line: Line | None) -> Said:
    if line is None:
        return Said("not there")
    return Said(
        "{rank}, {points} points, {time}, {cleared} cleared, {status}",
        rank=Said("no rank") if line.rank is None else Said("rank {rank}", rank=line.rank),
        points=line.points,
        time=f"{line.time_ms} ms",
        cleared=line.cleared,
        status=Coded("status", line.status),
    )


def digest_of_result(contest: Contest) -> str:
    """The whole result as one digest: equal from every program that judges it alike, whatever else its rows say."""
    return _digest(snapshot_of(contest).written("").lines)


def is_as_published(board: PublishedBoard) -> bool:
    """Whether this program judges a published result as the one that published it; so, too, where that did not say how. Reckoned once a
    board: whoever watches over servers asks again and again.
    """
    if board not in _as_said:
        said = board.act.result
        _as_said[board] = not said or said == _digest([_line(row, place) for row, place in _placed(board)])
    return _as_said[board]


_as_said: WeakKeyDictionary[PublishedBoard, bool] = WeakKeyDictionary()


def _digest(lines: Iterable[Line]) -> str:
    """SHA-256 over the lines, in the order of their ids."""
    digest = sha256(FORMAT.encode())
    for line in sorted(lines, key=lambda each: each.contestant):
        digest.update(msgspec.json.encode(line) + b"\n")
    return digest.hexdigest()


def snapshot_of(contest: Contest) -> Snapshot:
    """Of a contest that is settled."""
    boards = publications(contest)
    return Snapshot(contest.position, contest.final, dict(contest.rows), list(contest.ranking), boards[-1] if boards else None)


def read_judged(document: str) -> JudgedBefore:
    """Raises NotReadable."""
    try:
        found = msgspec.json.decode(document, type=JudgedBefore)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise NotReadable(str(error)) from error
    if found.format != FORMAT:
        raise NotReadable(f"it says {found.format!r:.40}, not {FORMAT}")
    return found


def difference(before: JudgedBefore, after: JudgedBefore, at_us: int) -> Difference | None:
    """Between two programs' results of the same entries; None where they judge alike."""
    moved = _moved(_now(before), _now(after))
    is_published = before.published_at and before.published_at == after.published_at
    published = _moved(_as_published(before), _as_published(after)) if is_published else []
    if not moved and not published:
        return None
    return Difference(
        before.program,
        after.program,
        before.position,
        at_us,
        before.final,
        len(moved),
        sum((each.before and each.before.rank) != (each.after and each.after.rank) for each in moved),
        moved[:MOVED_TOLD_MAX],
        before.published_at if is_published else 0,
        len(published),
        published[:MOVED_TOLD_MAX],
    )


def _lines(rows: Iterable[tuple[BoardRow, int | None]]) -> Generator[None, None, dict[ContestantId, Line]]:
    """One for each row and its rank."""
    found = {}
    for row, rank in rows:
        found[row.row.id] = _line(row, rank)
        yield
    return found


def _ranked(ordered: Iterable[BoardRow]) -> Iterator[tuple[BoardRow, int | None]]:
    """Places, from the keys: equal ones share, the next is skipped; guests have none. Who was disqualified, or did not start, has no rank
    number any more, but programs of before said one: compared are places, in which all of them agree.
    """
    rank, competing, last = 0, 0, None
    for each in ordered:
        if each.row.status == "guest":
            yield each, None
            continue
        competing += 1
        rank, last = (rank if each.row.key == last else competing), each.row.key
        yield each, rank


def _placed(board: PublishedBoard) -> Iterator[tuple[BoardRow, int | None]]:
    """The same of a board that was published."""
    places = places_of(board.rows)
    return ((row, places.get(who)) for who, row in board.rows.items())


def _line(board: BoardRow, rank: int | None) -> Line:
    row = board.row
    shown = ";".join(_shown(stage, mark) for stage, mark in sorted(row.stages.items()))
    marks = sha256(shown.encode()).hexdigest()[:MARKS_CHARS]
    return Line(row.id, rank, row.points, row.time_ms, row.cleared, row.status, marks)


def _shown(stage: str, mark: StageMark) -> str:
    """The figures of a stage. What is added to marks later is no part of this: else that program would judge everything otherwise."""
    return f"{stage}:{mark.state}:{mark.points}:{mark.tries}:{mark.pending}:{mark.ms}:{mark.penalty_ms}:{mark.first:d}"


def _now(judged: JudgedBefore) -> dict[ContestantId, Line | None]:
    return {line.contestant: line for line in judged.lines}


def _as_published(judged: JudgedBefore) -> dict[ContestantId, Line | None]:
    return _now(judged) | judged.published


def _moved(before: Mapping[ContestantId, Line | None], after: Mapping[ContestantId, Line | None]) -> list[Moved]:
    """Who differs, those with a better rank before first."""
    everybody: Iterable[ContestantId] = {*before, *after}
    found = [Moved(who, before.get(who), after.get(who)) for who in everybody if before.get(who) != after.get(who)]
    return sorted(found, key=lambda each: (_rank(each.before), each.contestant))


def _rank(line: Line | None) -> float:
    return float("inf") if line is None or line.rank is None else line.rank
