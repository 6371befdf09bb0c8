"""Blind codes before they are revealed: the salt and the codes of each layer, beside the ledger. Refuses to exchange what is sealed.

The ledger holds a commitment to them only, so neither an export nor a reader of the ledger learns whose work a code stands for. Whoever
can read this store can: it is the server's alone.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

import msgspec
from msgspec import Struct

from contest_server.core.facts import ContestId
from contest_server.core.saying import Said
from contest_server.ledger.limits import BODY_MAX_BYTES, LimitExceeded, check_contest, check_name, check_number
from contest_server.ledger.tables import Rows, Tables, one

SEALS_MAX_A_CONTEST = 1_000


class Seal(Struct, frozen=True):
    """What a commitment was made of. `codes` maps a code to a contestant, or to a code of the layer below."""

    salt: str
    codes: dict[str, str]


class Seals(Protocol):
    async def keep(self, contest: ContestId, commitment: str, seal: Seal, now_us: int) -> None:
        """Keep it, durably. What is kept under this commitment already stays as it is.

        Raises:
            LimitExceeded: it is too large, or there are SEALS_MAX_A_CONTEST already; nothing was kept.
        """
        ...

    async def look(self, contest: ContestId, commitment: str) -> Seal | None:
        """What is kept under this commitment."""
        ...

    async def drop(self, contest: ContestId, commitment: str) -> None:
        """Forget it: it was revealed, or never entered. An unknown one is no error. Durable."""
        ...


def as_text(contest: ContestId, commitment: str, seal: Seal, now_us: int) -> str:
    """A seal as it is stored. Raises LimitExceeded."""
    check_contest(contest)
    check_name("commitment", commitment)
    check_number("now_us", now_us)
    text = msgspec.json.encode(seal, order="sorted")
    if len(text) > BODY_MAX_BYTES:
        raise LimitExceeded(Said("a seal of {size} bytes, at most {most}", size=len(text), most=BODY_MAX_BYTES))
    return text.decode()


def _check_count(others: int) -> None:
    if others >= SEALS_MAX_A_CONTEST:
        raise LimitExceeded(Said("{others} seals are kept for this contest, at most {most}", others=others, most=SEALS_MAX_A_CONTEST))


def _read(text: str) -> Seal:
    return msgspec.json.decode(text, type=Seal)


class MemorySeals:
    """Seals in memory, for tests and trials."""

    def __init__(self) -> None:
        self._kept: dict[tuple[ContestId, str], str] = {}

    async def keep(self, contest: ContestId, commitment: str, seal: Seal, now_us: int) -> None:
        text = as_text(contest, commitment, seal, now_us)
        await asyncio.sleep(0)
        if (contest, commitment) not in self._kept:
            _check_count(sum(each == contest for each, _ in self._kept))
            self._kept[contest, commitment] = text

    async def look(self, contest: ContestId, commitment: str) -> Seal | None:
        await asyncio.sleep(0)
        text = self._kept.get((contest, commitment))
        return None if text is None else _read(text)

    async def drop(self, contest: ContestId, commitment: str) -> None:
        await asyncio.sleep(0)
        self._kept.pop((contest, commitment), None)


_KEEP = """INSERT INTO seals (contest, commitment, document, created_us) VALUES (:contest, :commitment, :document, :now_us)
    ON CONFLICT (contest, commitment) DO NOTHING"""
_OTHERS = "SELECT count(*) FROM seals WHERE contest = :contest AND commitment <> :commitment"
_LOOK = "SELECT document FROM seals WHERE contest = :contest AND commitment = :commitment"
_DROP = "DELETE FROM seals WHERE contest = :contest AND commitment = :commitment"


class TableSeals:
    """Seals beside the ledger, in the same database."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def keep(self, contest: ContestId, commitment: str, seal: Seal, now_us: int) -> None:
        text = as_text(contest, commitment, seal, now_us)
        await self._tables.write(lambda rows: _keep(rows, contest, commitment, text, now_us))

    async def look(self, contest: ContestId, commitment: str) -> Seal | None:
        values = {"contest": contest, "commitment": commitment}
        row = await self._tables.read(lambda rows: rows.execute(_LOOK, values).fetchone())
        return None if row is None else _read(row[0])

    async def drop(self, contest: ContestId, commitment: str) -> None:
        await self._tables.write(lambda rows: rows.execute(_DROP, {"contest": contest, "commitment": commitment}))


def _keep(rows: Rows, contest: ContestId, commitment: str, text: str, now_us: int) -> None:
    values = {"contest": contest, "commitment": commitment}
    _check_count(one(rows, _OTHERS, values))
    rows.execute(_KEEP, {**values, "document": text, "now_us": now_us})
