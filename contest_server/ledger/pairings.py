"""Screens that ask to be let in: each shows a short code until somebody who may says whose screen it is. Refuses more than are sensible.

The code is no secret: it stands on the screen, and does nothing without somebody who may pair. The screen asks with a secret of its own.
"""

from __future__ import annotations

import secrets

from msgspec import Struct

from contest_server.core.facts import ContestId
from contest_server.core.saying import Said
from contest_server.ledger.limits import LimitExceeded, check_contest, check_name, check_number
from contest_server.ledger.tables import Rows, Tables, one
from contest_server.ledger.tokens import SECRET_BYTES, SECRET_MAX_CHARS, hash_of

CODE_DIGITS = 6
OPEN_US = 10 * 60 * 1_000_000
"""How long (µs) a code stands on a screen before it shows another."""
OPEN_MAX = 1_000
"""Codes that stand on screens at the same time: one in a thousand guesses would hit, and guesses are counted."""
SECRET_PREFIX = "ps_"  # noqa: S105 - what every such secret begins with


class Opened(Struct, frozen=True):
    """A code for the screen to show, and the secret with which it asks what became of it."""

    code: str
    secret: str
    expires_us: int


class Pairing(Struct, frozen=True):
    """What became of a code. `contest` and `name` are None as long as nobody has said whose screen it is."""

    code: str
    expires_us: int
    contest: ContestId | None
    name: str | None


_COLUMNS = "code, expires_us, contest, name"
_FORGET = "DELETE FROM pairings WHERE expires_us <= :now_us"
_COUNT = "SELECT count(*) FROM pairings"
_TAKEN = "SELECT count(*) FROM pairings WHERE code = :code"
_OPEN = "INSERT INTO pairings (code, secret, created_us, expires_us) VALUES (:code, :secret, :now_us, :expires_us)"
_CONFIRM = "UPDATE pairings SET contest = :contest, name = :name WHERE code = :code AND expires_us > :now_us AND contest IS NULL"
_LOOK = f"SELECT {_COLUMNS} FROM pairings WHERE secret = :secret AND expires_us > :now_us"  # nosec B608  # noqa: S608 - a constant
_TAKE = "DELETE FROM pairings WHERE secret = :secret AND contest IS NOT NULL"


class Pairings:
    """In the tables beside the ledger: a screen may ask one server and be confirmed at another."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def open(self, now_us: int) -> Opened:
        """A code for a screen. Raises LimitExceeded beyond OPEN_MAX."""
        check_number("now_us", now_us)
        secret = f"{SECRET_PREFIX}{secrets.token_urlsafe(SECRET_BYTES)}"
        code = await self._tables.write(lambda rows: _open(rows, hash_of(secret), now_us))
        return Opened(code, secret, now_us + OPEN_US)

    async def confirm(self, code: str, contest: ContestId, name: str, now_us: int) -> bool:
        """Say whose screen it is. Whether this code stands on a screen, and nobody has said so before. Durable."""
        check_contest(contest)
        check_name("name", name)
        values = {"code": code, "contest": contest, "name": name, "now_us": now_us}
        return await self._tables.write(lambda rows: rows.execute(_CONFIRM, values).rowcount > 0)

    async def collect(self, secret: str, now_us: int) -> Pairing | None:
        """What became of the code. Once it is confirmed it is told to one asker, once; None: it is over, or was told already."""
        if not secret.startswith(SECRET_PREFIX) or len(secret) > SECRET_MAX_CHARS:
            return None
        values = {"secret": hash_of(secret), "now_us": now_us}
        found = await self._tables.read(lambda rows: _look(rows, values))
        if found is None or found.contest is None:
            return found
        taken = await self._tables.write(lambda rows: rows.execute(_TAKE, {"secret": values["secret"]}).rowcount > 0)
        return found if taken else None


def _open(rows: Rows, secret: str, now_us: int) -> str:
    rows.execute(_FORGET, {"now_us": now_us})
    if (there := one(rows, _COUNT)) >= OPEN_MAX:
        raise LimitExceeded(Said("{there} screens show a code, at most {most}; try again in a few minutes", there=there, most=OPEN_MAX))
    code = _new_code()
    while one(rows, _TAKEN, {"code": code}):
        code = _new_code()
    rows.execute(_OPEN, {"code": code, "secret": secret, "now_us": now_us, "expires_us": now_us + OPEN_US})
    return code


def _new_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def _look(rows: Rows, values: dict[str, object]) -> Pairing | None:
    row = rows.execute(_LOOK, values).fetchone()
    return None if row is None else Pairing(*row)
