"""Accounts: people who log in once for the whole installation, and what was granted to them. Refuses to leave nobody who may administer.

Neither passwords nor the secrets of sessions are stored, only their hashes. Who is an official stands in a contest's definition: a grant
says which of them somebody is.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from argon2 import PasswordHasher
from msgspec.structs import replace

from contest_server.core.facts import ContestId, OfficialId
from contest_server.core.roles import Role, Scope, WrongScope, check_scope
from contest_server.core.saying import Said
from contest_server.ledger import account_rows as table
from contest_server.ledger.account_rows import Account, AccountBegun, AccountSession, BadAccount, Grant, LastAdmin, UnknownAccount
from contest_server.ledger.limits import check_name, check_number
from contest_server.ledger.officials import SESSION_US
from contest_server.ledger.passwords import Hashing, careful
from contest_server.ledger.tables import Tables
from contest_server.ledger.tokens import ID_CHARS, SECRET_BYTES, SECRET_MAX_CHARS, hash_of

__all__ = ["Account", "AccountBegun", "AccountSession", "Accounts", "BadAccount", "Grant", "LastAdmin", "UnknownAccount"]

SESSION_PREFIX = "as_"
GRANT_ID_BYTES = 6
OFFICIALS_TRIED_MAX = 3
"""Accounts of one official whose passwords are compared: each takes as long as a login."""
NAME = re.compile(r"[a-z0-9][a-z0-9._\-]{0,63}\Z")


class Accounts:
    """In the tables beside the ledger. Calls that check or set a password raise TooManyLogins where too many wait."""

    def __init__(self, tables: Tables, hasher: PasswordHasher | None = None) -> None:
        self._tables = tables
        self._hashing = Hashing(hasher or careful())

    async def add(self, account: str, name: str, now_us: int, *, email: str | None = None, subject: str | None = None) -> None:
        """A new account, without a password and without any role. Durable.

        Raises:
            BadAccount: the name is taken, or no name; or another account is known by this email or subject.
            LimitExceeded: something is too long, or there are ACCOUNTS_MAX of them.
        """
        values = {"account": account, "name": name, "email": _email(email), "subject": subject or None, "now_us": now_us}
        _check(values)
        await self._tables.write(lambda rows: table.add(rows, values))

    async def all(self) -> list[Account]:
        """Every account with its grants, by name."""
        return await self._tables.read(table.every_account)

    async def account(self, account: str) -> Account | None:
        return await self._tables.read(lambda rows: table.account_of(rows, account))

    # ---- what is granted ---------------------------------------------------------------------------------------------------------

    async def grant(self, account: str, role: Role, scope: Scope, now_us: int) -> Grant:
        """Grant a role; the same again changes nothing. Durable.

        Raises:
            WrongScope: the role needs another scope. UnknownAccount. LimitExceeded: GRANTS_MAX_AN_ACCOUNT.
        """
        if role == "display":
            raise WrongScope(Said("a display has a token; nobody logs in as one"))
        check_scope(role, scope, may_be_all=True)
        check_number("now_us", now_us)
        wanted = table.grant_of(secrets.token_hex(GRANT_ID_BYTES), role, scope.contest, scope.venue, scope.official, scope.contestant)
        for part in (scope.contest, scope.venue, scope.official, scope.contestant):
            if part is not None:
                check_name("the scope", part)
        return await self._tables.write(lambda rows: table.give(rows, account, wanted, now_us))

    async def take(self, account: str, grant: str) -> None:
        """Take a grant back. Durable. Raises UnknownAccount, LastAdmin."""
        await self._tables.write(lambda rows: table.take(rows, account, grant))

    async def disable(self, account: str, now_us: int) -> None:
        """Let this account in no more, and end its sessions. Durable. Raises UnknownAccount, LastAdmin."""
        await self._tables.write(lambda rows: table.disable(rows, account, now_us))

    async def enable(self, account: str, now_us: int) -> None:
        """Let it in again, with what is granted to it. Raises UnknownAccount."""
        await self._tables.write(lambda rows: table.enable(rows, account, now_us))

    # ---- passwords and sessions --------------------------------------------------------------------------------------------------

    async def set_password(self, account: str, password: str, now_us: int, *, keep: str = "") -> None:
        """Durable. Ends the sessions of this account, but for the one with the id `keep`.

        Raises:
            UnknownAccount. LimitExceeded: the password is too short or too long.
        """
        hashed = await self._hashing.hash(password)
        await self._tables.write(lambda rows: table.set_password(rows, account, hashed, keep, now_us))

    async def is_password(self, account: str, password: str) -> bool:
        """Whether this is the password of an account that is not disabled. That there is none takes no shorter to say."""
        return await self._hashing.matches(await self._hash(account), password)

    async def is_password_of_official(self, contest: ContestId, official: OfficialId, password: str) -> bool:
        """Whether this is the password of an account that is granted to be this official. No session begins."""
        names = await self._tables.read(lambda rows: table.of_official(rows, contest, official))
        for name in names[:OFFICIALS_TRIED_MAX]:
            if await self.is_password(name, password):
                return True
        return False

    async def log_in(self, account: str, password: str, now_us: int) -> AccountBegun | None:
        """A new session; None if this is not the password of this account, or it is disabled."""
        hashed = await self._hash(account)
        if not await self._hashing.matches(hashed, password):
            return None
        secret, key, session = _new_session(account, now_us)
        return await self._tables.write(lambda rows: table.begin(rows, secret, key, session, hashed))

    async def begin(self, account: str, now_us: int, *, fresh_us: int) -> AccountBegun | None:
        """A new session for somebody whom an identity provider vouches for, who gave a password there at `fresh_us`; None if the account is
        disabled.
        """
        secret, key, session = _new_session(account, now_us)
        session = replace(session, fresh_us=fresh_us)
        return await self._tables.write(lambda rows: table.begin(rows, secret, key, session, None))

    async def known_as(self, subject: str, verified_email: str | None) -> str | None:
        """The account that an identity provider means: by its subject, or else by an email that it has verified.

        From then on it is this subject alone: an email may go to somebody else one day.
        """
        return await self._tables.write(lambda rows: table.known_as(rows, subject, _email(verified_email)))

    async def freshen(self, session: AccountSession, password: str, now_us: int) -> AccountSession | None:
        """The session as it is after the password was given again; None if it was the wrong one, or the session is over."""
        if not await self.is_password(session.account, password):
            return None
        changed = await self._tables.write(lambda rows: table.freshen(rows, session.id, now_us))
        return replace(session, fresh_us=now_us) if changed else None

    async def look_up(self, secret: str, now_us: int) -> AccountSession | None:
        """The session with this secret, if it is still open, with what is granted now. Cheap: asked with every request."""
        if not secret.startswith(SESSION_PREFIX) or len(secret) > SECRET_MAX_CHARS:
            return None
        return await self._tables.read(lambda rows: table.session_of(rows, hash_of(secret), now_us))

    async def end(self, session: str) -> bool:
        """Log out. Whether there was such a session. Durable."""
        return await self._tables.write(lambda rows: table.end(rows, session))

    async def open_sessions(self, now_us: int) -> dict[str, AccountSession]:
        """All sessions that are open, by id, with what is granted now."""
        return await self._tables.read(lambda rows: table.open_sessions(rows, now_us))

    async def _hash(self, account: str) -> str | None:
        return await self._tables.read(lambda rows: table.password_of(rows, account))


def _email(email: str | None) -> str | None:
    return email.strip().lower() or None if email else None


def _check(values: Mapping[str, Any]) -> None:
    if not NAME.match(values["account"]):
        raise BadAccount(
            Said(
                "{account!r:.80} is no name for an account: small letters, digits, '.', '_' and '-', at most 64", account=values["account"]
            )
        )
    check_number("now_us", values["now_us"])
    for what in ("name", "email", "subject"):
        if values[what]:
            check_name(what, values[what])


def _new_session(account: str, now_us: int) -> tuple[str, str, AccountSession]:
    check_number("now_us", now_us)
    secret = f"{SESSION_PREFIX}{secrets.token_urlsafe(SECRET_BYTES)}"
    hashed = hash_of(secret)
    return secret, hashed, AccountSession(hashed[:ID_CHARS], account, now_us, now_us, now_us + SESSION_US)
