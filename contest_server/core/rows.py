"""A contestant's row on the board: absolute values only, encoded once. A row does not change because somebody else moved."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from heapq import nsmallest
from typing import Any

import msgspec
from msgspec import Struct

from contest_server.core.facts import ContestantId, StageId, Status, VenueId
from contest_server.core.judging import CellResult
from contest_server.core.ranking import Key
from contest_server.core.tally import points_of

FirstClears = dict[StageId, tuple[tuple[ContestantId, ...], int]]
"""For each stage that somebody cleared: who did so first, and when (ms of contest time)."""
FIRSTS_TOLD_MAX = 20
"""Who were the first at a stage, at the same time, are named up to here: every frame tells them."""


NO_POINTS = "0"
"""This very object: what a mark has by default is left out of its text, and told by identity."""


class StageMark(Struct, frozen=True, omit_defaults=True, gc=False):
    """A stage on a row. `ms` is the contest time of the clear; `penalty_ms` what was added to it."""

    state: str
    points: str = NO_POINTS
    tries: int = 0
    pending: int = 0
    ms: int | None = None
    penalty_ms: int = 0
    first: bool = False


class Row(Struct, frozen=True, omit_defaults=True, gc=False):
    """One contestant. `key` orders rows ascending, element by element."""

    id: ContestantId
    key: Key
    points: str
    cleared: int
    time_ms: int
    stages: dict[StageId, StageMark]
    status: Status = "ok"


class BoardRow(Struct, eq=False, gc=False):
    """A row with what the board needs beside it: the venue, the points to reckon with, and its text, made once when first asked for."""

    row: Row
    venue: VenueId | None
    points: Decimal
    _json: bytes | None = None

    @property
    def json(self) -> bytes:
        if self._json is None:
            self._json = msgspec.json.encode(self.row)
        return self._json

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, BoardRow) and self.row == other.row and self.venue == other.venue)

    def __ne__(self, other: object) -> bool:  # a Struct does not take it from __eq__: two equal rows would differ
        return not self == other

    __hash__ = None  # type: ignore[assignment]


def mark_of(cell: CellResult, first: bool) -> StageMark:
    """How a judged cell is shown."""
    state, points = cell.state, plain_decimal(points_of(cell))
    tries = cell.rejected + (cell.deciding is not None and state != "held")
    return StageMark(state, points, tries, cell.pending, cell.clear_ms, cell.penalty_ms if state == "cleared" else 0, first)


def with_pending(mark: StageMark | None, later: int) -> StageMark:
    """A mark of the frozen board with the attempts that came after the freeze: shown as pending, never as a wrong fact."""
    if mark is None:
        return StageMark(state="pending", pending=later)
    state = mark.state if mark.state == "cleared" else "pending"
    return msgspec.structs.replace(mark, state=state, pending=mark.pending + later)


def plain_decimal(value: Decimal) -> str:
    """Without exponent and without trailing zeros: "86.5", "0"."""
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return NO_POINTS if text == NO_POINTS else text


def places_of(rows: Mapping[ContestantId, BoardRow]) -> dict[ContestantId, int]:
    """Everybody's place but that of guests: one more than have a better key. The rank of who has one; the others stand behind these, and to
    say how far somebody fell or rose, their places count.
    """
    keys = sorted(each.row.key for each in rows.values() if each.row.status != "guest")
    return {who: bisect_left(keys, each.row.key) + 1 for who, each in rows.items() if each.row.status != "guest"}


def as_document(row: BoardRow) -> dict[str, Any]:
    return msgspec.to_builtins(row.row)  # type: ignore[no-any-return]


def first_document(who: Collection[ContestantId], at_ms: int) -> dict[str, Any]:
    """As it is told: the first ones in the order of their ids. `more` counts the others, where there are any."""
    told: dict[str, Any] = {"contestants": nsmallest(FIRSTS_TOLD_MAX, who), "ms": at_ms}
    return told if len(who) <= FIRSTS_TOLD_MAX else {**told, "more": len(who) - FIRSTS_TOLD_MAX}


def digest_of_board(rows: Mapping[ContestantId, BoardRow], first: FirstClears) -> str:
    """SHA-256 over all rows in the order of their ids and the first clears. It does not depend on the order of arrival."""
    digest = hashlib.sha256()
    for piece in digested(rows, first):
        digest.update(piece)
    return digest.hexdigest()


def digested(rows: Mapping[ContestantId, BoardRow], first: FirstClears) -> Iterator[bytes]:
    """What the digest is of, row by row: it may be long."""
    yield msgspec.json.encode(sorted(first.items()))
    for contestant in sorted(rows):
        yield rows[contestant].json + b"\n"
