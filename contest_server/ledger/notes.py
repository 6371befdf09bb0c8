"""What the servers of one installation tell each other that is no fact: who looks at what, which rejudgings are being looked at,
which devices are connected, and what they hold; what a program judged, for the next one to compare (`live/upgrades.py`).

A note is forgotten when its time is over; nothing depends on it afterwards. Those that last move with their contest into backups and
copies; the others hold for these servers alone. Refuses too many, and too large ones.
"""

from __future__ import annotations

from typing import Final, Literal

from contest_server.core.facts import ContestId
from contest_server.core.saying import Said
from contest_server.ledger.limits import BODY_MAX_BYTES, LimitExceeded, check_contest, check_name, check_number
from contest_server.ledger.tables import Rows, Tables, one

NOTES_MAX_A_CONTEST = 20_000

Kind = Literal["look", "rejudging", "shown", "screen", "control", "station", "linked", "held", "judged", "otherwise"]
LASTING: Final[tuple[Kind, ...]] = ("judged", "otherwise")
"""What the next program compares with, and what was found then: it may run somewhere else, on a copy or a backup."""

_FORGET = "DELETE FROM notes WHERE until_us <= :now_us"
_OTHERS = "SELECT count(*) FROM notes WHERE contest = :contest AND NOT (kind = :kind AND id = :id)"
_PUT = """INSERT INTO notes (contest, kind, id, document, until_us) VALUES (:contest, :kind, :id, :document, :until_us)
    ON CONFLICT (contest, kind, id) DO UPDATE SET document = excluded.document, until_us = excluded.until_us"""
_GET = "SELECT document FROM notes WHERE contest = :contest AND kind = :kind AND id = :id AND until_us > :now_us"
_ALL = "SELECT id, document FROM notes WHERE contest = :contest AND kind = :kind AND until_us > :now_us"
_DROP = "DELETE FROM notes WHERE contest = :contest AND kind = :kind AND id = :id"


class Notes:
    """Beside the ledger, in the same database."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put(self, contest: ContestId, kind: Kind, id: str, document: str, until_us: int, now_us: int) -> None:  # noqa: A002
        """Leave a note until then, instead of the one before. Raises LimitExceeded."""
        check_contest(contest)
        check_name("id", id)
        check_number("until_us", until_us)
        if len(document.encode()) > BODY_MAX_BYTES:
            raise LimitExceeded(Said("a note of more than {most} bytes", most=BODY_MAX_BYTES))
        values = {"contest": contest, "kind": kind, "id": id, "document": document, "until_us": until_us}
        await self._tables.write(lambda rows: _put(rows, values, now_us))

    async def get(self, contest: ContestId, kind: Kind, id: str, now_us: int) -> str | None:  # noqa: A002
        values = {"contest": contest, "kind": kind, "id": id, "now_us": now_us}
        row = await self._tables.read(lambda rows: rows.execute(_GET, values).fetchone())
        return None if row is None else str(row[0])

    async def all(self, contest: ContestId, kind: Kind, now_us: int) -> dict[str, str]:
        """Every note of this kind whose time is not over, by its id."""
        values = {"contest": contest, "kind": kind, "now_us": now_us}
        found = await self._tables.read(lambda rows: rows.execute(_ALL, values).fetchall())
        return {str(id_): str(document) for id_, document in sorted(map(tuple, found))}

    async def drop(self, contest: ContestId, kind: Kind, id: str) -> None:  # noqa: A002
        """An unknown one is no error."""
        await self._tables.write(lambda rows: rows.execute(_DROP, {"contest": contest, "kind": kind, "id": id}))


def _put(rows: Rows, values: dict[str, object], now_us: int) -> None:
    rows.execute(_FORGET, {"now_us": now_us})
    others = one(rows, _OTHERS, {name: values[name] for name in ("contest", "kind", "id")})
    if others >= NOTES_MAX_A_CONTEST:
        raise LimitExceeded(Said("{others} notes in this contest, at most {most}", others=others, most=NOTES_MAX_A_CONTEST))
    rows.execute(_PUT, values)
