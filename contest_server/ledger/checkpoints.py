"""Checkpoints beside the ledger: judgements at a position, which any server of the same program may take over. Derived, never a fact.

One is stored part by part, each in a short transaction, so that nobody who appends waits for it; the head comes last and makes it one.
What was cut short has no head and is removed by the next. Refuses too large parts.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct

from contest_server.core.facts import ContestId
from contest_server.core.saying import Said
from contest_server.ledger.limits import BODY_MAX_BYTES, LimitExceeded, check_contest, check_number
from contest_server.ledger.tables import Rows, Tables

PARTS_MAX = 100_000


class Made(Struct, frozen=True, forbid_unknown_fields=True):
    """The head of a checkpoint. `hash` is that of the ledger's entry at `position`, `code` names the program and the rules that judged,
    `sum` is the SHA-256 of all parts.
    """

    position: int
    hash: str
    code: str
    parts: int
    sum: str


class Torn(ValueError):
    """What is stored is not what its head says."""


_PUT = "INSERT INTO checkpoints (contest, position, part, document) VALUES (:contest, :position, :part, :document)"
_CLEAR = "DELETE FROM checkpoints WHERE contest = :contest AND position = :position"
_OTHERS = "DELETE FROM checkpoints WHERE contest = :contest AND position <> :position"
_COUNT = "SELECT count(*) FROM checkpoints WHERE contest = :contest AND position = :position AND part > 0"
_HEAD = "SELECT document FROM checkpoints WHERE contest = :contest AND part = 0 ORDER BY position DESC LIMIT 1"
_PART = "SELECT document FROM checkpoints WHERE contest = :contest AND position = :position AND part = :part"
_DROP = "DELETE FROM checkpoints WHERE contest = :contest"


class Checkpoints:
    """Of each contest the latest."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put(self, contest: ContestId, position: int, hash_: str, code: str, parts: AsyncIterable[bytes]) -> None:
        """Store one instead of all before it. Parts are asked for one after the other, while others write.

        Raises:
            LimitExceeded: a part is too large, or there are too many.
            LedgerFault: the database failed; what there was before is still there.
        """
        check_contest(contest)
        check_number("position", position, lowest=1)
        at: dict[str, object] = {"contest": contest, "position": position}
        await self._tables.write(lambda rows: rows.execute(_CLEAR, at))
        digest, count = sha256(), 0
        async for part in parts:
            count += 1
            if len(part) > BODY_MAX_BYTES or count > PARTS_MAX:
                limits = Said("at most {parts} parts of {most} bytes", parts=PARTS_MAX, most=BODY_MAX_BYTES)
                raise LimitExceeded(Said("part {count} of {size} bytes: {limits}", count=count, size=len(part), limits=limits))
            digest.update(part)
            values = {**at, "part": count, "document": part}
            await self._tables.write(partial(_put, values))
        head = msgspec.json.encode(Made(position, hash_, code, count, digest.hexdigest()))
        await self._tables.write(lambda rows: _finish(rows, at, head, count))

    async def head(self, contest: ContestId) -> Made | None:
        """Of the latest that is whole, as far as its head can tell. Raises Torn."""
        row = await self._tables.read(lambda rows: rows.execute(_HEAD, {"contest": contest}).fetchone())
        if row is None:
            return None
        try:
            return msgspec.json.decode(bytes(row[0]), type=Made)
        except (msgspec.MsgspecError, UnicodeError, TypeError) as error:
            raise Torn(f"its head cannot be read: {error}") from error

    async def parts(self, contest: ContestId, made: Made) -> list[bytes]:
        """Raises Torn."""
        found, digest = [], sha256()
        for part in range(1, min(made.parts, PARTS_MAX) + 1):
            values: dict[str, object] = {"contest": contest, "position": made.position, "part": part}
            row = await self._tables.read(partial(_part, values))
            if row is None:
                raise Torn(f"part {part} of {made.parts} is missing")
            found.append(bytes(row[0]))
            digest.update(found[-1])
        if digest.hexdigest() != made.sum:
            raise Torn("its parts are not those that it was made of")
        return found

    async def drop(self, contest: ContestId) -> None:
        """Forget all of a contest."""
        await self._tables.write(lambda rows: rows.execute(_DROP, {"contest": contest}))


def _put(values: dict[str, object], rows: Rows) -> None:
    rows.execute(_PUT, values)


def _part(values: dict[str, object], rows: Rows) -> Sequence[Any] | None:
    return rows.execute(_PART, values).fetchone()


def _finish(rows: Rows, at: dict[str, object], head: bytes, count: int) -> None:
    """The head, if all parts are still there: another server may have finished its own meanwhile, and then this one is for nothing."""
    found = rows.execute(_COUNT, at).fetchone()
    if found is not None and found[0] == count:
        rows.execute(_PUT, {**at, "part": 0, "document": head})
        rows.execute(_OTHERS, at)
    else:
        rows.execute(_CLEAR, at)
