"""Who may speak for whom. A token is shown once, when it is issued; what is stored is its hash. Refuses a role without its scope."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from hashlib import sha256
from typing import Literal, Protocol, get_args

from msgspec import Struct
from msgspec.structs import replace

from contest_server.core.facts import ContestId, VenueId
from contest_server.ledger.lane import Lane, writing
from contest_server.ledger.limits import LimitExceeded, check_name, check_number

Role = Literal["venue", "staff", "admin"]

TOKENS_MAX = 10_000
SECRET_BYTES = 32
SECRET_MAX_CHARS = 200
ID_CHARS = 16


class WrongScope(ValueError):
    """A venue's token needs a contest and a venue, one for staff a contest, an administrator's neither."""


class Token(Struct, frozen=True):
    """What is known of a token. `id` is the beginning of its hash: it may be shown and logged, and nobody can sign in with it."""

    id: str
    role: Role
    contest: ContestId | None
    venue: VenueId | None
    label: str
    created_us: int
    revoked_us: int | None = None


class Issued(Struct, frozen=True):
    """`secret` is not stored anywhere: show it now."""

    secret: str
    token: Token


class Tokens(Protocol):
    async def issue(
        self, role: Role, now_us: int, contest: ContestId | None = None, venue: VenueId | None = None, label: str = ""
    ) -> Issued:
        """Raises WrongScope, or LimitExceeded beyond TOKENS_MAX that are not revoked."""
        ...

    async def look_up(self, secret: str) -> Token | None:
        """The token with this secret; None if there is none or it was revoked."""
        ...

    async def revoke(self, id: str, now_us: int) -> bool:  # noqa: A002 - the word of the API
        """Whether there was such a token in force. Durable."""
        ...

    async def all(self, contest: ContestId | None = None) -> list[Token]:
        """Of this contest (of all, and administrators', for None), revoked ones too, oldest first."""
        ...


def new_token(role: Role, now_us: int, contest: ContestId | None, venue: VenueId | None, label: str) -> tuple[str, str, Token]:
    """A secret, its hash, and what is known of it. Raises WrongScope or LimitExceeded."""
    _check_scope(role, contest, venue)
    check_number("now_us", now_us)
    if label:
        check_name("label", label)
    secret = f"cs_{secrets.token_urlsafe(SECRET_BYTES)}"
    hashed = hash_of(secret)
    return secret, hashed, Token(hashed[:ID_CHARS], role, contest, venue, label, now_us)


def hash_of(secret: str) -> str:
    """A plain hash is enough: the secret is 256 random bits, not a password."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _check_scope(role: Role, contest: ContestId | None, venue: VenueId | None) -> None:
    if role not in get_args(Role):
        raise WrongScope(f"{role!r} is not a role: {', '.join(get_args(Role))}")
    if (contest is not None, venue is not None) != (role != "admin", role == "venue"):
        raise WrongScope(WrongScope.__doc__)
    for what, name in (("contest", contest), ("venue", venue)):
        if name is not None:
            check_name(what, name)


def _check_count(in_force: int) -> None:
    if in_force >= TOKENS_MAX:
        raise LimitExceeded(f"{in_force} tokens are in force, at most {TOKENS_MAX}. Revoke some.")


class MemoryTokens:
    """Tokens in memory, for tests and trials."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    async def issue(
        self, role: Role, now_us: int, contest: ContestId | None = None, venue: VenueId | None = None, label: str = ""
    ) -> Issued:
        await asyncio.sleep(0)
        secret, hashed, token = new_token(role, now_us, contest, venue, label)
        _check_count(sum(one.revoked_us is None for one in self._tokens.values()))
        self._tokens[hashed] = token
        return Issued(secret, token)

    async def look_up(self, secret: str) -> Token | None:
        await asyncio.sleep(0)
        token = self._tokens.get(hash_of(secret)) if len(secret) <= SECRET_MAX_CHARS else None
        return token if token is not None and token.revoked_us is None else None

    async def revoke(self, id: str, now_us: int) -> bool:  # noqa: A002
        await asyncio.sleep(0)
        found = [key for key, token in self._tokens.items() if token.id == id and token.revoked_us is None]
        for key in found:
            self._tokens[key] = replace(self._tokens[key], revoked_us=now_us)
        return bool(found)

    async def all(self, contest: ContestId | None = None) -> list[Token]:
        await asyncio.sleep(0)
        found = [token for token in self._tokens.values() if contest is None or token.contest == contest]
        return sorted(found, key=lambda token: (token.created_us, token.id))


_COLUMNS = f"substr(hash, 1, {ID_CHARS}), role, contest, venue, label, created_us, revoked_us"
_ISSUE = "INSERT INTO tokens (hash, role, contest, venue, label, created_us) VALUES (?, ?, ?, ?, ?, ?)"
_IN_FORCE = "SELECT count(*) FROM tokens WHERE revoked_us IS NULL"
_LOOK_UP = f"SELECT {_COLUMNS} FROM tokens WHERE hash = ? AND revoked_us IS NULL"  # noqa: S608 - a constant
_REVOKE = f"UPDATE tokens SET revoked_us = ? WHERE substr(hash, 1, {ID_CHARS}) = ? AND revoked_us IS NULL"  # noqa: S608 - a constant
_ALL = f"SELECT {_COLUMNS} FROM tokens WHERE ?1 IS NULL OR contest = ?1 ORDER BY created_us, hash"  # noqa: S608 - a constant


class SqliteTokens:
    """Tokens beside the ledger, in the same file and thread."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def issue(
        self, role: Role, now_us: int, contest: ContestId | None = None, venue: VenueId | None = None, label: str = ""
    ) -> Issued:
        secret, hashed, token = new_token(role, now_us, contest, venue, label)
        await self._lane.run(lambda connection: _issue(connection, hashed, token))
        return Issued(secret, token)

    async def look_up(self, secret: str) -> Token | None:
        if len(secret) > SECRET_MAX_CHARS:
            return None
        row = await self._lane.run(lambda connection: connection.execute(_LOOK_UP, (hash_of(secret),)).fetchone())
        return None if row is None else Token(*row)

    async def revoke(self, id: str, now_us: int) -> bool:  # noqa: A002
        return await self._lane.run(lambda connection: _revoke(connection, id, now_us))

    async def all(self, contest: ContestId | None = None) -> list[Token]:
        return await self._lane.run(lambda connection: [Token(*row) for row in connection.execute(_ALL, (contest,))])


def _issue(connection: sqlite3.Connection, hashed: str, token: Token) -> None:
    with writing(connection):
        _check_count(connection.execute(_IN_FORCE).fetchone()[0])
        connection.execute(_ISSUE, (hashed, token.role, token.contest, token.venue, token.label, token.created_us))


def _revoke(connection: sqlite3.Connection, id: str, now_us: int) -> bool:  # noqa: A002
    with writing(connection):
        return connection.execute(_REVOKE, (now_us, id)).rowcount > 0
