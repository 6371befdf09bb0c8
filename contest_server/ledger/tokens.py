"""Who may speak for whom. A token is shown once, when it is issued; what is stored is its hash. Refuses a role without its scope."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Any, Literal, Protocol

from msgspec import Struct
from msgspec.structs import asdict, replace

from contest_server.core import roles
from contest_server.core.facts import ContestId, VenueId
from contest_server.core.roles import TOKEN_ROLES, Scope, WrongScope, check_scope, role_of
from contest_server.core.saying import Said
from contest_server.ledger.limits import LimitExceeded, check_name, check_number
from contest_server.ledger.tables import Rows, Tables, one

__all__ = ["Issued", "Role", "TableTokens", "Token", "Tokens", "WrongScope", "hash_of"]

Role = Literal["venue", "director", "admin", "display", "auditor", "staff"]
"""What a token can be asked for; `staff` is the older word for a director."""

TOKENS_MAX = 10_000
SECRET_PREFIX = "cs_"  # noqa: S105 - what every token begins with
SECRET_BYTES = 32
SECRET_MAX_CHARS = 200
ID_CHARS = 16
GRACE_US = 10 * 60 * 1_000_000
"""How long (µs) the old secret goes on after a token was rotated, unless somebody says otherwise."""


class Token(Struct, frozen=True):
    """What is known of a token. `id` is the beginning of its hash: it may be shown and logged, and nobody can sign in with it.

    It ends by itself at `expires_us`. `follows` is the token in whose place it was issued.
    """

    id: str
    role: roles.Role
    contest: ContestId | None
    venue: VenueId | None
    label: str
    created_us: int
    revoked_us: int | None = None
    expires_us: int | None = None
    follows: str | None = None

    def is_in_force(self, now_us: int) -> bool:
        return self.revoked_us is None and (self.expires_us is None or now_us < self.expires_us)


class Issued(Struct, frozen=True):
    """`secret` is not stored anywhere: show it now."""

    secret: str
    token: Token


class RotatedAlready(ValueError):
    """Another token was issued in the place of this one. Rotate that one."""


class Tokens(Protocol):
    async def issue(
        self,
        role: Role,
        now_us: int,
        contest: ContestId | None = None,
        venue: VenueId | None = None,
        label: str = "",
        *,
        expires_us: int | None = None,
    ) -> Issued:
        """Raises WrongScope, or LimitExceeded beyond TOKENS_MAX that are in force."""
        ...

    async def look_up(self, secret: str, now_us: int) -> Token | None:
        """The token with this secret; None if there is none, or it was revoked, or has ended. Cheap: asked with every request."""
        ...

    async def revoke(self, id: str, now_us: int) -> bool:  # noqa: A002 - the word of the API
        """Whether there was such a token in force. Durable."""
        ...

    async def rotate(self, id: str, now_us: int, grace_us: int = GRACE_US) -> Issued | None:  # noqa: A002
        """Issue a token in the place of another, which ends after the grace; None if that one is not in force. Durable.

        Raises:
            RotatedAlready, LimitExceeded.
        """
        ...

    async def all(self, contest: ContestId | None = None) -> list[Token]:
        """Of this contest (of all, and administrators', for None), those no longer in force too, oldest first."""
        ...


def hash_of(secret: str) -> str:
    """A plain hash is enough: the secret is 256 random bits, not a password."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _new_secret(token: Token) -> tuple[str, str, Token]:
    """A secret, its hash, and the token with the id that follows from it."""
    secret = f"{SECRET_PREFIX}{secrets.token_urlsafe(SECRET_BYTES)}"
    hashed = hash_of(secret)
    return secret, hashed, replace(token, id=hashed[:ID_CHARS])


def _asked(word: str, now_us: int, contest: ContestId | None, venue: VenueId | None, label: str, expires_us: int | None) -> Token:
    """The token that somebody asks for, still without an id. Raises WrongScope or LimitExceeded."""
    role = role_of(word)
    if role is None or role not in TOKEN_ROLES:
        raise WrongScope(Said("{word!r} is no role of a token: {roles}", word=word, roles=TOKEN_ROLES))
    check_scope(role, Scope(contest, venue))
    check_number("now_us", now_us)
    for what, name in (("contest", contest), ("venue", venue), ("label", label or None)):
        if name is not None:
            check_name(what, name)
    if expires_us is not None:
        check_number("expires_us", expires_us, now_us + 1)
    return Token("", role, contest, venue, label, now_us, None, expires_us)


_COLUMNS = f"substr(hash, 1, {ID_CHARS}), role, contest, venue, label, created_us, revoked_us, expires_us, follows"
_IN_FORCE = "revoked_us IS NULL AND (expires_us IS NULL OR expires_us > :now_us)"
_ISSUE = """INSERT INTO tokens (hash, role, contest, venue, label, created_us, expires_us, follows)
    VALUES (:hash, :role, :contest, :venue, :label, :created_us, :expires_us, :follows)"""
_COUNT = f"SELECT count(*) FROM tokens WHERE {_IN_FORCE}"  # nosec B608  # noqa: S608 - a constant
_LOOK_UP = f"SELECT {_COLUMNS} FROM tokens WHERE hash = :hash AND {_IN_FORCE}"  # nosec B608  # noqa: S608 - constants
_BY_ID = f"SELECT {_COLUMNS} FROM tokens WHERE substr(hash, 1, {ID_CHARS}) = :id AND {_IN_FORCE}"  # nosec B608  # noqa: S608 - constants
_FOLLOWING = "SELECT count(*) FROM tokens WHERE follows = :id"
_REVOKE = f"UPDATE tokens SET revoked_us = :now_us WHERE substr(hash, 1, {ID_CHARS}) = :id AND {_IN_FORCE}"  # nosec B608  # noqa: S608 - constants
_EXPIRE = f"UPDATE tokens SET expires_us = :expires_us WHERE substr(hash, 1, {ID_CHARS}) = :id"  # nosec B608  # noqa: S608 - a constant
_ALL = f"SELECT {_COLUMNS} FROM tokens"  # nosec B608  # noqa: S608 - a constant
_OF_CONTEST = f"{_ALL} WHERE contest = :contest"


class TableTokens:
    """Tokens beside the ledger, in the same database."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def issue(
        self,
        role: Role,
        now_us: int,
        contest: ContestId | None = None,
        venue: VenueId | None = None,
        label: str = "",
        *,
        expires_us: int | None = None,
    ) -> Issued:
        secret, hashed, token = _new_secret(_asked(role, now_us, contest, venue, label, expires_us))
        await self._tables.write(lambda rows: _issue(rows, hashed, token))
        return Issued(secret, token)

    async def look_up(self, secret: str, now_us: int) -> Token | None:
        if not secret.startswith(SECRET_PREFIX) or len(secret) > SECRET_MAX_CHARS:
            return None
        values = {"hash": hash_of(secret), "now_us": now_us}
        return await self._tables.read(lambda rows: _found(rows, _LOOK_UP, values))

    async def revoke(self, id: str, now_us: int) -> bool:  # noqa: A002
        return await self._tables.write(lambda rows: rows.execute(_REVOKE, {"now_us": now_us, "id": id}).rowcount > 0)

    async def rotate(self, id: str, now_us: int, grace_us: int = GRACE_US) -> Issued | None:  # noqa: A002
        check_number("now_us", now_us)
        check_number("grace_us", grace_us)
        return await self._tables.write(lambda rows: _rotate(rows, id, now_us, grace_us))

    async def all(self, contest: ContestId | None = None) -> list[Token]:
        statement, values = (_ALL, {}) if contest is None else (_OF_CONTEST, {"contest": contest})
        found = await self._tables.read(lambda rows: rows.execute(statement, values).fetchall())
        return sorted(map(_token, found), key=lambda token: (token.created_us, token.id))


def _token(row: Any) -> Token:
    id_, word, *rest = row
    return Token(id_, role_of(word) or word, *rest)


def _found(rows: Rows, statement: str, values: dict[str, Any]) -> Token | None:
    row = rows.execute(statement, values).fetchone()
    return None if row is None else _token(row)


def _issue(rows: Rows, hashed: str, token: Token) -> None:
    if (in_force := one(rows, _COUNT, {"now_us": token.created_us})) >= TOKENS_MAX:
        raise LimitExceeded(Said("{in_force} tokens are in force, at most {most}. Revoke some.", in_force=in_force, most=TOKENS_MAX))
    values = asdict(token)
    del values["id"], values["revoked_us"]
    rows.execute(_ISSUE, {"hash": hashed, **values})


def _rotate(rows: Rows, id: str, now_us: int, grace_us: int) -> Issued | None:  # noqa: A002
    old = _found(rows, _BY_ID, {"id": id, "now_us": now_us})
    if old is None:
        return None
    if one(rows, _FOLLOWING, {"id": id}):
        raise RotatedAlready(Said("another token was issued in the place of this one; rotate that one"))
    secret, hashed, token = _new_secret(replace(old, created_us=now_us, follows=id))
    _issue(rows, hashed, token)
    ends_us = now_us + grace_us if old.expires_us is None else min(old.expires_us, now_us + grace_us)
    rows.execute(_EXPIRE, {"id": id, "expires_us": max(ends_us, now_us)})
    return Issued(secret, token)
