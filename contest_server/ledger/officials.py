"""How officials log in: the hash of a password each, and sessions. Refuses a wrong password without saying what was wrong.

Who is an official, and what for, stands in the adopted definition; a password alone lets nobody in. Neither passwords nor the secrets of
sessions are stored, only their hashes.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from typing import Protocol

from argon2 import PasswordHasher
from msgspec import Struct
from msgspec.structs import replace

from contest_server.core.facts import ContestId, OfficialId
from contest_server.core.saying import Said
from contest_server.ledger.limits import LimitExceeded, check_contest, check_name, check_number
from contest_server.ledger.passwords import Hashing, careful, light
from contest_server.ledger.tables import Found, Rows, Tables, one
from contest_server.ledger.tokens import ID_CHARS, SECRET_BYTES, SECRET_MAX_CHARS, hash_of

PASSWORDS_MAX_A_CONTEST = 10_000
SESSIONS_MAX_AN_OFFICIAL = 20
"""Open at the same time. One more ends the oldest."""
SESSION_US = 12 * 3_600 * 1_000_000
SESSION_PREFIX = "os_"


class Session(Struct, frozen=True):
    """An official who is logged in. `id` begins the secret's hash: it may be logged. `fresh_us` is when the password was last given."""

    id: str
    contest: ContestId
    official: OfficialId
    created_us: int
    fresh_us: int
    expires_us: int


class Begun(Struct, frozen=True):
    """`secret` is not stored anywhere: hand it over now."""

    secret: str
    session: Session


class Officials(Protocol):
    """Calls that check or set a password raise TooManyLogins where too many wait."""

    async def set_password(self, contest: ContestId, official: OfficialId, password: str, now_us: int) -> None:
        """Durable. Ends the sessions of this official.

        Raises:
            LimitExceeded: the password is too short or too long, or there are PASSWORDS_MAX_A_CONTEST of them.
        """
        ...

    async def log_in(self, contest: ContestId, official: OfficialId, password: str, now_us: int) -> Begun | None:
        """A new session; None if this is not the password of this official. Whether there is such an official takes no shorter to say."""
        ...

    async def freshen(self, session: Session, password: str, now_us: int) -> Session | None:
        """The session as it is after its official gave the password again; None if it was the wrong one, or the session is over."""
        ...

    async def is_password(self, contest: ContestId, official: OfficialId, password: str) -> bool:
        """Whether this is the password of this official, who need not be logged in. No session begins, and none becomes fresh."""
        ...

    async def look_up(self, secret: str, now_us: int) -> Session | None:
        """The session with this secret, if it is still open. Cheap: asked with every request."""
        ...

    async def end(self, id: str) -> bool:  # noqa: A002 - the word of the API
        """Log out. Whether there was such a session. Durable."""
        ...

    async def open_sessions(self, now_us: int) -> set[str]:
        """The ids of all sessions that are open."""
        ...

    async def passwords(self, contest: ContestId) -> dict[OfficialId, int]:
        """Who has a password, and since when (µs)."""
        ...


def new_session(contest: ContestId, official: OfficialId, now_us: int) -> tuple[str, str, Session]:
    """A secret, its hash, and what is known of the session."""
    check_number("now_us", now_us)
    secret = f"{SESSION_PREFIX}{secrets.token_urlsafe(SECRET_BYTES)}"
    hashed = hash_of(secret)
    return secret, hashed, Session(hashed[:ID_CHARS], contest, official, now_us, now_us, now_us + SESSION_US)


def could_be_a_secret(text: str) -> bool:
    """Whether it is worth looking up."""
    return text.startswith(SESSION_PREFIX) and len(text) <= SECRET_MAX_CHARS


def _check_names(contest: ContestId, official: OfficialId, now_us: int) -> None:
    check_contest(contest)
    check_name("official", official)
    check_number("now_us", now_us)


def _check_count(others: int) -> None:
    if others >= PASSWORDS_MAX_A_CONTEST:
        raise LimitExceeded(
            Said("{others} officials of this contest have passwords, at most {most}", others=others, most=PASSWORDS_MAX_A_CONTEST)
        )


class MemoryOfficials:
    """Passwords and sessions in memory, for tests and trials."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hashing = Hashing(hasher or light())
        self._passwords: dict[tuple[ContestId, OfficialId], tuple[str, int]] = {}
        self._sessions: dict[str, Session] = {}
        """By the hash of the secret."""

    async def set_password(self, contest: ContestId, official: OfficialId, password: str, now_us: int) -> None:
        _check_names(contest, official, now_us)
        hashed = await self._hashing.hash(password)
        _check_count(sum(each == contest and name != official for each, name in self._passwords))
        self._passwords[contest, official] = (hashed, now_us)
        self._forget(self._of(contest, official))

    async def log_in(self, contest: ContestId, official: OfficialId, password: str, now_us: int) -> Begun | None:
        hashed = self._hash(contest, official)
        if not await self._hashing.matches(hashed, password) or hashed != self._hash(contest, official):
            return None
        self._forget([key for key, session in self._sessions.items() if session.expires_us <= now_us])
        oldest_first = sorted(self._of(contest, official), key=lambda key: (self._sessions[key].created_us, key))
        self._forget(oldest_first[: max(0, len(oldest_first) - SESSIONS_MAX_AN_OFFICIAL + 1)])
        secret, key, session = new_session(contest, official, now_us)
        self._sessions[key] = session
        return Begun(secret, session)

    async def freshen(self, session: Session, password: str, now_us: int) -> Session | None:
        if not await self._hashing.matches(self._hash(session.contest, session.official), password):
            return None
        for key, each in self._sessions.items():
            if each.id == session.id and each.expires_us > now_us:
                self._sessions[key] = replace(each, fresh_us=now_us)
                return self._sessions[key]
        return None

    async def is_password(self, contest: ContestId, official: OfficialId, password: str) -> bool:
        return await self._hashing.matches(self._hash(contest, official), password)

    async def look_up(self, secret: str, now_us: int) -> Session | None:
        await asyncio.sleep(0)
        session = self._sessions.get(hash_of(secret)) if could_be_a_secret(secret) else None
        return session if session is not None and session.expires_us > now_us else None

    async def end(self, id: str) -> bool:  # noqa: A002
        await asyncio.sleep(0)
        found = [key for key, session in self._sessions.items() if session.id == id]
        self._forget(found)
        return bool(found)

    async def open_sessions(self, now_us: int) -> set[str]:
        await asyncio.sleep(0)
        return {session.id for session in self._sessions.values() if session.expires_us > now_us}

    async def passwords(self, contest: ContestId) -> dict[OfficialId, int]:
        await asyncio.sleep(0)
        return {official: since_us for (each, official), (_, since_us) in sorted(self._passwords.items()) if each == contest}

    def _hash(self, contest: ContestId, official: OfficialId) -> str | None:
        return self._passwords.get((contest, official), (None, 0))[0]

    def _of(self, contest: ContestId, official: OfficialId) -> list[str]:
        return [key for key, each in self._sessions.items() if (each.contest, each.official) == (contest, official)]

    def _forget(self, keys: Iterable[str]) -> None:
        for key in list(keys):
            del self._sessions[key]


_COLUMNS = f"substr(hash, 1, {ID_CHARS}), contest, official, created_us, fresh_us, expires_us"
_SET = """INSERT INTO officials (contest, official, password, updated_us) VALUES (:contest, :official, :password, :now_us)
    ON CONFLICT (contest, official) DO UPDATE SET password = excluded.password, updated_us = excluded.updated_us"""
_OTHERS = "SELECT count(*) FROM officials WHERE contest = :contest AND official <> :official"
_HASH = "SELECT password FROM officials WHERE contest = :contest AND official = :official"
_PASSWORDS = "SELECT official, updated_us FROM officials WHERE contest = :contest"
_END_ALL = "DELETE FROM sessions WHERE contest = :contest AND official = :official"
_END_EXPIRED = "DELETE FROM sessions WHERE expires_us <= :now_us"
_END_OLDEST = """DELETE FROM sessions WHERE contest = :contest AND official = :official AND hash NOT IN (
    SELECT hash FROM sessions WHERE contest = :contest AND official = :official
    ORDER BY created_us DESC, hash DESC LIMIT :kept)"""
_BEGIN = """INSERT INTO sessions (hash, contest, official, created_us, fresh_us, expires_us)
    VALUES (:hash, :contest, :official, :created_us, :fresh_us, :expires_us)"""
_FRESHEN = f"""UPDATE sessions SET fresh_us = :now_us WHERE substr(hash, 1, {ID_CHARS}) = :id AND expires_us > :now_us
    RETURNING {_COLUMNS}"""  # nosec B608  # noqa: S608 - constants
_LOOK_UP = f"SELECT {_COLUMNS} FROM sessions WHERE hash = :hash AND expires_us > :now_us"  # nosec B608  # noqa: S608 - a constant
_END = f"DELETE FROM sessions WHERE substr(hash, 1, {ID_CHARS}) = :id"  # nosec B608  # noqa: S608 - a constant
_OPEN = f"SELECT substr(hash, 1, {ID_CHARS}) FROM sessions WHERE expires_us > :now_us"  # nosec B608  # noqa: S608 - a constant


class TableOfficials:
    """Passwords and sessions beside the ledger, in the same database."""

    def __init__(self, tables: Tables, hasher: PasswordHasher | None = None) -> None:
        self._tables = tables
        self._hashing = Hashing(hasher or careful())

    async def set_password(self, contest: ContestId, official: OfficialId, password: str, now_us: int) -> None:
        _check_names(contest, official, now_us)
        hashed = await self._hashing.hash(password)
        await self._tables.write(lambda rows: _set(rows, contest, official, hashed, now_us))

    async def log_in(self, contest: ContestId, official: OfficialId, password: str, now_us: int) -> Begun | None:
        hashed = await self._hash(contest, official)
        if not await self._hashing.matches(hashed, password):
            return None
        secret, key, session = new_session(contest, official, now_us)
        begun = await self._tables.write(lambda rows: _begin(rows, hashed, key, session))
        return Begun(secret, session) if begun else None

    async def freshen(self, session: Session, password: str, now_us: int) -> Session | None:
        if not await self._hashing.matches(await self._hash(session.contest, session.official), password):
            return None
        return await self._tables.write(lambda rows: _session(rows.execute(_FRESHEN, {"now_us": now_us, "id": session.id})))

    async def is_password(self, contest: ContestId, official: OfficialId, password: str) -> bool:
        return await self._hashing.matches(await self._hash(contest, official), password)

    async def look_up(self, secret: str, now_us: int) -> Session | None:
        if not could_be_a_secret(secret):
            return None
        values = {"hash": hash_of(secret), "now_us": now_us}
        return await self._tables.read(lambda rows: _session(rows.execute(_LOOK_UP, values)))

    async def end(self, id: str) -> bool:  # noqa: A002
        return await self._tables.write(lambda rows: rows.execute(_END, {"id": id}).rowcount > 0)

    async def open_sessions(self, now_us: int) -> set[str]:
        return await self._tables.read(lambda rows: {str(id_) for (id_,) in rows.execute(_OPEN, {"now_us": now_us}).fetchall()})

    async def passwords(self, contest: ContestId) -> dict[OfficialId, int]:
        found = await self._tables.read(lambda rows: rows.execute(_PASSWORDS, {"contest": contest}).fetchall())
        return {OfficialId(official): since_us for official, since_us in sorted(map(tuple, found))}

    async def _hash(self, contest: ContestId, official: OfficialId) -> str | None:
        return await self._tables.read(lambda rows: _hash(rows, contest, official))


def _hash(rows: Rows, contest: ContestId, official: OfficialId) -> str | None:
    row = rows.execute(_HASH, {"contest": contest, "official": official}).fetchone()
    return None if row is None else str(row[0])


def _session(found: Found) -> Session | None:
    row = found.fetchone()
    return None if row is None else Session(*row)


def _set(rows: Rows, contest: ContestId, official: OfficialId, hashed: str, now_us: int) -> None:
    who = {"contest": contest, "official": official}
    _check_count(one(rows, _OTHERS, who))
    rows.execute(_SET, {**who, "password": hashed, "now_us": now_us})
    rows.execute(_END_ALL, who)


def _begin(rows: Rows, hashed: str | None, key: str, session: Session) -> bool:
    """False where the password was changed since it was checked."""
    if hashed is None or _hash(rows, session.contest, session.official) != hashed:
        return False
    who = {"contest": session.contest, "official": session.official}
    rows.execute(_END_EXPIRED, {"now_us": session.created_us})
    rows.execute(_END_OLDEST, {**who, "kept": SESSIONS_MAX_AN_OFFICIAL - 1})
    times = {"created_us": session.created_us, "fresh_us": session.fresh_us, "expires_us": session.expires_us}
    rows.execute(_BEGIN, {"hash": key, **who, **times})
    return True
