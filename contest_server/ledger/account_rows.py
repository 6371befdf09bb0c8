"""Accounts in the tables: the statements, and what is done with them within one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from contest_server.core.facts import ContestantId, ContestId, OfficialId, VenueId
from contest_server.core.roles import Role
from contest_server.core.saying import Said
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.tables import Rows, one
from contest_server.ledger.tokens import ID_CHARS

ACCOUNTS_MAX = 10_000
GRANTS_MAX_AN_ACCOUNT = 100
SESSIONS_MAX_AN_ACCOUNT = 20
"""Open at the same time. One more ends the oldest."""


class BadAccount(ValueError):
    """The account cannot be as it was asked for; nothing was changed."""


class UnknownAccount(LookupError):
    """There is no account, or no grant of it, of this name."""


class LastAdmin(ValueError):
    """Nobody would be left who may administer. Grant the role admin to another account first."""


class Grant(Struct, frozen=True):
    """A role, and what it holds for; without a contest for all of them."""

    id: str
    role: Role
    contest: ContestId | None = None
    venue: VenueId | None = None
    official: OfficialId | None = None
    contestant: ContestantId | None = None


class Account(Struct, frozen=True):
    """A person who may log in. `subject` and `email` are how an identity provider knows them."""

    id: str
    name: str
    email: str | None
    subject: str | None
    has_password: bool
    created_us: int
    disabled_us: int | None
    grants: tuple[Grant, ...] = ()


class AccountSession(Struct, frozen=True):
    """An account that is logged in, with what is granted now. `id` begins the secret's hash: it may be logged."""

    id: str
    account: str
    created_us: int
    fresh_us: int
    expires_us: int
    grants: tuple[Grant, ...] = ()


class AccountBegun(Struct, frozen=True):
    """`secret` is not stored anywhere: hand it over now."""

    secret: str
    session: AccountSession


_ACCOUNT = "account, name, email, subject, password IS NOT NULL, created_us, disabled_us"
_EVERY = f"SELECT {_ACCOUNT} FROM accounts ORDER BY account"  # nosec B608  # noqa: S608 - a constant
_ACCOUNT_OF = f"SELECT {_ACCOUNT} FROM accounts WHERE account = :account"  # nosec B608  # noqa: S608 - a constant
_COUNT = "SELECT count(*) FROM accounts"
_ADD = """INSERT INTO accounts (account, name, email, subject, created_us, updated_us)
    VALUES (:account, :name, :email, :subject, :now_us, :now_us)"""
_KNOWN_AS = "SELECT account FROM accounts WHERE email = :email OR subject = :subject"
_BY_SUBJECT = "SELECT account FROM accounts WHERE subject = :subject AND disabled_us IS NULL"
_BY_EMAIL = "SELECT account FROM accounts WHERE email = :email AND subject IS NULL AND disabled_us IS NULL"
_SET_SUBJECT = "UPDATE accounts SET subject = :subject WHERE account = :account"
_HASH = "SELECT password FROM accounts WHERE account = :account AND disabled_us IS NULL"
_SET_PASSWORD = "UPDATE accounts SET password = :password, updated_us = :now_us WHERE account = :account"  # noqa: S105 - a statement
_DISABLE = "UPDATE accounts SET disabled_us = :now_us, updated_us = :now_us WHERE account = :account AND disabled_us IS NULL"
_ENABLE = "UPDATE accounts SET disabled_us = NULL, updated_us = :now_us WHERE account = :account"
_GRANT = """INSERT INTO grants (grant_id, account, role, contest, venue, official, contestant, created_us)
    VALUES (:id, :account, :role, :contest, :venue, :official, :contestant, :now_us)"""
_GRANTS = "SELECT account, grant_id, role, contest, venue, official, contestant FROM grants"
_GRANTS_OF = f"{_GRANTS} WHERE account = :account ORDER BY created_us, grant_id"
_GRANTS_OF_OPEN = f"""{_GRANTS} WHERE account IN (SELECT account FROM sessions WHERE account IS NOT NULL AND expires_us > :now_us)
    ORDER BY created_us, grant_id"""  # nosec B608  # noqa: S608 - a constant
_OF_OFFICIAL = """SELECT DISTINCT accounts.account FROM grants JOIN accounts ON accounts.account = grants.account
    WHERE grants.contest = :contest AND grants.official = :official AND accounts.disabled_us IS NULL ORDER BY accounts.account"""
_TAKE = "DELETE FROM grants WHERE account = :account AND grant_id = :id"
_OTHER_ADMINS = """SELECT count(*) FROM grants JOIN accounts ON accounts.account = grants.account
    WHERE grants.role = 'admin' AND accounts.disabled_us IS NULL AND grants.grant_id <> :grant AND accounts.account <> :account"""
_SESSION = f"substr(hash, 1, {ID_CHARS}), account, created_us, fresh_us, expires_us"
_BEGIN = """INSERT INTO sessions (hash, account, created_us, fresh_us, expires_us)
    VALUES (:hash, :account, :created_us, :fresh_us, :expires_us)"""
_LOOK_UP = f"SELECT {_SESSION} FROM sessions WHERE hash = :hash AND account IS NOT NULL AND expires_us > :now_us"  # nosec B608  # noqa: S608
_OPEN = f"SELECT {_SESSION} FROM sessions WHERE account IS NOT NULL AND expires_us > :now_us"  # nosec B608  # noqa: S608 - constants
_FRESHEN = f"UPDATE sessions SET fresh_us = :now_us WHERE substr(hash, 1, {ID_CHARS}) = :id AND expires_us > :now_us"  # nosec B608  # noqa: S608
_END = f"DELETE FROM sessions WHERE substr(hash, 1, {ID_CHARS}) = :id AND account IS NOT NULL"  # nosec B608  # noqa: S608 - a constant
_END_OTHERS = f"DELETE FROM sessions WHERE account = :account AND substr(hash, 1, {ID_CHARS}) <> :keep"  # nosec B608  # noqa: S608 - a constant
_END_EXPIRED = "DELETE FROM sessions WHERE expires_us <= :now_us"
_END_OLDEST = """DELETE FROM sessions WHERE account = :account AND hash NOT IN (
    SELECT hash FROM sessions WHERE account = :account ORDER BY created_us DESC, hash DESC LIMIT :kept)"""


def add(rows: Rows, values: Mapping[str, Any]) -> None:
    if (there := one(rows, _COUNT)) >= ACCOUNTS_MAX:
        raise LimitExceeded(Said("there are {there} accounts, at most {most}", there=there, most=ACCOUNTS_MAX))
    if rows.execute(_ACCOUNT_OF, {"account": values["account"]}).fetchone() is not None:
        raise BadAccount(Said("there is an account {account!r} already", account=values["account"]))
    other = rows.execute(_KNOWN_AS, {"email": values["email"], "subject": values["subject"]}).fetchone()
    if other is not None:
        raise BadAccount(Said("{account!r} is known by this email or subject already", account=other[0]))
    rows.execute(_ADD, values)


def every_account(rows: Rows) -> list[Account]:
    granted: dict[str, list[Grant]] = {}
    for account, *grant in rows.execute(f"{_GRANTS} ORDER BY created_us, grant_id").fetchall():
        granted.setdefault(account, []).append(grant_of(*grant))
    return [account_from(row, granted.get(row[0], ())) for row in rows.execute(_EVERY).fetchall()]


def account_of(rows: Rows, account: str) -> Account | None:
    row = rows.execute(_ACCOUNT_OF, {"account": account}).fetchone()
    return None if row is None else account_from(row, granted(rows, account))


def granted(rows: Rows, account: str) -> list[Grant]:
    return [grant_of(*row) for _, *row in rows.execute(_GRANTS_OF, {"account": account}).fetchall()]


def account_from(row: Sequence[Any], grants: Sequence[Grant]) -> Account:
    account, name, email, subject, has_password, created_us, disabled_us = row
    return Account(account, name, email, subject, bool(has_password), created_us, disabled_us, tuple(grants))


def grant_of(id: str, role: Role, contest: Any, venue: Any, official: Any, contestant: Any) -> Grant:  # noqa: A002 - the word of the API
    return Grant(id, role, contest, venue, official, contestant)


def of_official(rows: Rows, contest: ContestId, official: OfficialId) -> list[str]:
    """The accounts that are granted to be this official, without those that are disabled."""
    return [str(row[0]) for row in rows.execute(_OF_OFFICIAL, {"contest": contest, "official": official}).fetchall()]


def give(rows: Rows, account: str, wanted: Grant, now_us: int) -> Grant:
    if rows.execute(_ACCOUNT_OF, {"account": account}).fetchone() is None:
        raise UnknownAccount(Said("there is no account {account!r}", account=account))
    there = granted(rows, account)
    same = next((each for each in there if replace(each, id=wanted.id) == wanted), None)
    if same is not None:
        return same
    if len(there) >= GRANTS_MAX_AN_ACCOUNT:
        raise LimitExceeded(
            Said("{account} has {count} grants, at most {most}", account=account, count=len(there), most=GRANTS_MAX_AN_ACCOUNT)
        )
    rows.execute(_GRANT, {**asdict(wanted), "account": account, "now_us": now_us})
    return wanted


def take(rows: Rows, account: str, grant: str) -> None:
    found = next((each for each in granted(rows, account) if each.id == grant), None)
    if found is None:
        raise UnknownAccount(Said("{account!r} has no grant {grant!r}", account=account, grant=grant))
    if found.role == "admin":
        _check_admin_left(rows, grant=grant)
    rows.execute(_TAKE, {"account": account, "id": grant})


def disable(rows: Rows, account: str, now_us: int) -> None:
    found = account_of(rows, account)
    if found is None:
        raise UnknownAccount(Said("there is no account {account!r}", account=account))
    if found.disabled_us is None and any(each.role == "admin" for each in found.grants):
        _check_admin_left(rows, account=account)
    rows.execute(_DISABLE, {"account": account, "now_us": now_us})
    rows.execute(_END_OTHERS, {"account": account, "keep": ""})


def _check_admin_left(rows: Rows, grant: str = "", account: str = "") -> None:
    if one(rows, _OTHER_ADMINS, {"grant": grant, "account": account}) == 0:
        raise LastAdmin(Said("nobody would be left who may administer; grant the role admin to another account first"))


def enable(rows: Rows, account: str, now_us: int) -> None:
    if rows.execute(_ENABLE, {"account": account, "now_us": now_us}).rowcount == 0:
        raise UnknownAccount(Said("there is no account {account!r}", account=account))


def set_password(rows: Rows, account: str, hashed: str, keep: str, now_us: int) -> None:
    if rows.execute(_SET_PASSWORD, {"account": account, "password": hashed, "now_us": now_us}).rowcount == 0:
        raise UnknownAccount(Said("there is no account {account!r}", account=account))
    rows.execute(_END_OTHERS, {"account": account, "keep": keep})


def password_of(rows: Rows, account: str) -> str | None:
    row = rows.execute(_HASH, {"account": account}).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def begin(rows: Rows, secret: str, key: str, session: AccountSession, hashed: str | None) -> AccountBegun | None:
    """None where the account was disabled, or the password changed, since it was checked."""
    found = account_of(rows, session.account)
    if found is None or found.disabled_us is not None or (hashed is not None and password_of(rows, session.account) != hashed):
        return None
    rows.execute(_END_EXPIRED, {"now_us": session.created_us})
    rows.execute(_END_OLDEST, {"account": session.account, "kept": SESSIONS_MAX_AN_ACCOUNT - 1})
    times = {"created_us": session.created_us, "fresh_us": session.fresh_us, "expires_us": session.expires_us}
    rows.execute(_BEGIN, {"hash": key, "account": session.account, **times})
    return AccountBegun(secret, replace(session, grants=found.grants))


def known_as(rows: Rows, subject: str, email: str | None) -> str | None:
    """The account with this subject; or with this email, as long as it has no subject, which it is given."""
    row = rows.execute(_BY_SUBJECT, {"subject": subject}).fetchone()
    if row is None and email is not None and rows.execute(_KNOWN_AS, {"email": None, "subject": subject}).fetchone() is None:
        row = rows.execute(_BY_EMAIL, {"email": email}).fetchone()
        if row is not None:
            rows.execute(_SET_SUBJECT, {"account": row[0], "subject": subject})
    return None if row is None else str(row[0])


def freshen(rows: Rows, session: str, now_us: int) -> bool:
    return rows.execute(_FRESHEN, {"now_us": now_us, "id": session}).rowcount > 0


def end(rows: Rows, session: str) -> bool:
    return rows.execute(_END, {"id": session}).rowcount > 0


def session_of(rows: Rows, hashed: str, now_us: int) -> AccountSession | None:
    row = rows.execute(_LOOK_UP, {"hash": hashed, "now_us": now_us}).fetchone()
    return None if row is None else _session(row, granted(rows, row[1]))


def open_sessions(rows: Rows, now_us: int) -> dict[str, AccountSession]:
    grants: dict[str, list[Grant]] = {}
    for account, *grant in rows.execute(_GRANTS_OF_OPEN, {"now_us": now_us}).fetchall():
        grants.setdefault(account, []).append(grant_of(*grant))
    found = [_session(row, grants.get(row[1], ())) for row in rows.execute(_OPEN, {"now_us": now_us}).fetchall()]
    return {each.id: each for each in found}


def _session(row: Sequence[Any], grants: Sequence[Grant]) -> AccountSession:
    id_, account, created_us, fresh_us, expires_us = row
    return AccountSession(id_, account, created_us, fresh_us, expires_us, tuple(grants))
